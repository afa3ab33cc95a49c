"""Celery's tasks: each fetches nothing but ids and makes one call into the domain.

A message is a hint. Losing one costs at most a sweep; running one twice changes nothing.
"""

import logging
import time
from datetime import timedelta

from celery import shared_task
from django.core import management
from django.core.cache import cache
from django.db.models import Q
from django.utils import timezone

from compliance import sync as mirror
from compliance import workflow
from compliance.models import Renewal

logger = logging.getLogger(__name__)

SWEEP_AT_MOST = 200
BROKER_REST = 30.0
LOOK_REST = 10
_broker_silent_until = 0.0


@shared_task
def advance(renewal_pk: int) -> None:
    workflow.advance(renewal_pk)


@shared_task
def sweep() -> None:
    """Whatever is due, nearest deadline first: what was lost on the way is found here."""
    now = timezone.now()
    due = (
        Renewal.objects.open()
        .filter(Q(lease_until=None) | Q(lease_until__lte=now), next_look_at__lte=now)
        .order_by("valid_until")
    )
    for pk in due.values_list("pk", flat=True)[:SWEEP_AT_MOST]:
        advance.delay(pk)


@shared_task
def poll() -> None:
    mirror.poll(now=timezone.now())
    sweep()


@shared_task
def check() -> None:
    mirror.check(now=timezone.now())
    sweep()


@shared_task
def sync() -> None:
    mirror.sync(now=timezone.now())
    sweep()


@shared_task
def clean() -> None:
    """Sessions that have ended."""
    management.call_command("clearsessions")


def nudge(renewal_pk: int) -> None:
    """Tell a worker that this renewal is due. Never raises: the data is saved, the sweep finds it.

    A broker that did not answer is left alone for half a minute, so that no page waits twice.
    """
    global _broker_silent_until
    if time.monotonic() < _broker_silent_until:
        return
    try:
        advance.delay(renewal_pk)
    except Exception as error:
        _broker_silent_until = time.monotonic() + BROKER_REST
        logger.warning("the broker does not answer (%s); the sweep will do", type(error).__name__)


def look(renewal: Renewal) -> None:
    """Somebody says that Twilio has news of this renewal: read it, but not again and again.

    The first word in ten seconds is followed at once, those after it together when these are over.
    """
    first = cache.add(f"look:{renewal.pk}", True, LOOK_REST)
    at = timezone.now() + timedelta(seconds=0 if first else LOOK_REST)
    Renewal.objects.open().filter(pk=renewal.pk).update(next_look_at=at)
    if first:
        nudge(renewal.pk)
