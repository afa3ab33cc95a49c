"""No deadline is missed silently: what ends within two weeks is listed, and a sweep that has ended
is told."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from compliance.models import Pulse, Renewal, User
from tests import factories
from tests.pages.reading import words

pytestmark = pytest.mark.django_db
STATES = [state for state in Renewal.State.values if state not in Renewal.ENDED]


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.mark.parametrize("more", [{}, {"trouble": "stuck"}, {"paused_at": timezone.now()}])
@pytest.mark.parametrize("days", [-3, 0.5, 13.9])
def test_every_renewal_that_ends_within_two_weeks_is_in_the_queue(
    client: Client, now: datetime, days: float, more: dict[str, object]
) -> None:
    client.force_login(User.objects.create_superuser("ops@demo.example"))
    acme = factories.make_customer()
    renewals = [factories.german_renewal(acme, now=now, days=days, state=state) for state in STATES]
    Renewal.objects.update(**more)
    shown = words(client.get("/admin/compliance/renewal/"))
    assert [one.reference for one in renewals if one.reference not in shown] == []


def test_a_bundle_of_nobody_is_listed_as_well(client: Client, now: datetime) -> None:
    client.force_login(User.objects.create_superuser("ops@demo.example"))
    bundle = factories.make_bundle(None, now=now, days=5)
    assert bundle.sid in client.get("/admin/compliance/bundle/unassigned/").content.decode()


def test_a_sweep_that_has_ended_is_told_within_a_minute(client: Client, now: datetime) -> None:
    assert client.get("/healthz").status_code == 200
    Pulse.note("sweep", now=now - timedelta(seconds=30))
    assert client.get("/healthz").status_code == 200
    Pulse.objects.update(at=now - timedelta(seconds=61))
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (
        503,
        b"Nobody has looked for due work for too long.\n",
    )
