"""Celery's tasks: each fetches nothing but ids and makes one call into the domain.

A message is a hint. Losing one costs at most a sweep; running one twice changes nothing.
"""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from celery import Task, current_app, shared_task, states
from django.core import management
from django.core.cache import cache
from django.db import DatabaseError
from django.utils import timezone

from compliance import accounts, answers, jobs, notifications, trail, verification, workflow
from compliance import sync as mirror
from compliance.breaker import Breaker
from compliance.models import Account, Renewal, SignInLink

SWEEP_AT_MOST = 200
LOOK_REST = 10


class Recorded(Task):  # type: ignore[type-arg]  # only the stubs take an argument
    """That a worker is alive, and when each job last came to its end, is on record; what it logs
    carries the number of its message."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with trail.of_request(self.request.id or trail.request_id.get()):
            return super().__call__(*args, **kwargs)

    def after_return(self, status: str, *args: Any, **kwargs: Any) -> None:
        now = timezone.now()
        # Without the database the task has failed already, and has said so.
        with suppress(DatabaseError):
            jobs.worker_worked(now=now)
            if status == states.SUCCESS and self.name is not None:
                jobs.ended(self.name.rpartition(".")[2], now=now)


@shared_task(base=Recorded)
def advance(renewal_pk: int) -> None:
    workflow.advance(renewal_pk)


@shared_task(base=Recorded)
def sweep() -> None:
    """Whatever is due, nearest deadline first: what was lost on the way is found here.

    Workers that cannot keep up have enough to do; what they do not come to is due at the next sweep
    as well. With more hints than that before them, what is urgent would wait the longest.
    """
    if messages_waiting() >= SWEEP_AT_MOST:
        return
    now = timezone.now()
    due = (
        Renewal.objects.due(now=now)
        .exclude(bundle__account__in=Account.objects.resting(now=now))
        .order_by("valid_until")
    )
    for pk in due.values_list("pk", flat=True)[:SWEEP_AT_MOST]:
        advance.delay(pk)


def messages_waiting() -> int:
    """That no worker has taken yet."""
    with current_app.connection_or_acquire() as connection:
        queue = connection.default_channel.queue_declare(current_app.conf.task_default_queue)
        return int(queue.message_count)


@shared_task(base=Recorded)
def poll() -> None:
    test_accounts()
    mirror.poll(now=timezone.now())
    sweep()


@shared_task(base=Recorded)
def test_accounts() -> None:
    """Credentials that staff want to know about; asked for by a message, and found without it."""
    for account in accounts.asked_for_test():
        accounts.test(account, now=timezone.now())


@shared_task(base=Recorded)
def check() -> None:
    mirror.check(now=timezone.now())
    sweep()


@shared_task(base=Recorded)
def sync() -> None:
    """One task an account, so that a large one does not cost the others their turn."""
    for account in mirror.discover(now=timezone.now()):
        sync_account.delay(account.pk)


# Below the broker's visibility timeout, after which the message would come a second time.
@shared_task(base=Recorded, soft_time_limit=260, time_limit=280)
def sync_account(account_pk: int) -> None:
    mirror.sync_account(Account.objects.get(pk=account_pk), now=timezone.now())
    sweep()


@shared_task(base=Recorded)
def reconcile() -> None:
    """One task for each account whose hour has come."""
    for account in mirror.due(now=timezone.now()):
        reconcile_account.delay(account.pk)


@shared_task(base=Recorded, soft_time_limit=260, time_limit=280)
def reconcile_account(account_pk: int) -> None:
    mirror.reconcile(Account.objects.get(pk=account_pk))


@shared_task(base=Recorded)
def tell() -> None:
    notifications.tell(now=timezone.now())


@shared_task(base=Recorded)
def clean() -> None:
    """Sessions that have ended, links that have long been used, files that nobody saved."""
    management.call_command("clearsessions")
    SignInLink.forget_old(now=timezone.now())
    answers.forget_staged(now=timezone.now())


class Broken(Exception):
    """The record is not what was once written. ``manage.py verify_events`` says where."""


# As sync_account: a long record takes its time.
@shared_task(base=Recorded, soft_time_limit=260, time_limit=280)
def verify() -> None:
    """:raises Broken: so that the dashboard shows a job that does not come to its end."""
    found = list(verification.breaks(verification.Counts()))
    if found:
        raise Broken(f"{len(found)} chains of events are broken")


def nudge(renewal_pk: int) -> None:
    """Tell a worker that this renewal is due. Never raises: the data is saved, the sweep finds it.

    A broker that did not answer is left alone for half a minute, so that no page waits twice.
    """
    _hint(advance, renewal_pk)


def nudge_tests() -> None:
    """The same for tests of credentials, which the next poll finds."""
    _hint(test_accounts)


def nudge_reconcile() -> None:
    """The same for what is left over at Twilio, which the timetable looks for by itself."""
    _hint(reconcile)


_broker = Breaker(Exception, says="the broker does not answer; the sweep will do")


def _hint(task: Any, *args: int) -> None:
    _broker.ask(lambda: task.delay(*args), instead=None)


def look(renewal: Renewal) -> None:
    """Somebody says that Twilio has news of this renewal: read it, but not again and again.

    The first word in ten seconds is followed at once, those after it together when these are over.
    """
    first = cache.add(f"look:{renewal.pk}", True, LOOK_REST)
    at = timezone.now() + timedelta(seconds=0 if first else LOOK_REST)
    Renewal.objects.open().filter(pk=renewal.pk).update(next_look_at=at)
    if first:
        nudge(renewal.pk)
