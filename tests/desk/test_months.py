"""The lists of all events and all mails, narrowed to a month."""

from datetime import UTC, datetime

import pytest
from django.conf import LazySettings
from django.test import Client

from compliance.models import Event, Mail, User

pytestmark = pytest.mark.django_db
EVENTS, MAILS = "/admin/compliance/event/", "/admin/compliance/mail/"


@pytest.fixture
def ops(client: Client, settings: LazySettings) -> Client:
    settings.STAFF_SECOND_FACTOR = False
    client.force_login(User.objects.create_superuser("ops@demo.example", name="Olga Ops"))
    return client


def event(kind: str, at: str) -> None:
    Event(kind=kind, at=datetime.fromisoformat(at).replace(tzinfo=UTC)).save()


def kinds(client: Client, **wanted: str) -> list[str]:
    return [each.kind for each in client.get(EVENTS, wanted).context["cl"].result_list]


def months(client: Client, where: str) -> list[str]:
    """Without any, there is nothing to choose."""
    offered = client.get(where).context["cl"].filter_specs
    return [
        str(label)
        for each in offered
        if str(each.title) == "month"
        for _value, label in each.lookup_choices
    ]


def test_every_month_between_the_first_and_the_last_can_be_chosen(ops: Client) -> None:
    event("first", "2025-11-03")
    event("last", "2026-02-27")

    assert months(ops, EVENTS) == [
        "February 2026", "January 2026", "December 2025", "November 2025",
    ]  # fmt: skip


def test_a_month_ends_where_the_next_begins(ops: Client) -> None:
    event("before", "2025-11-30T23:59:59.999999")
    event("begins", "2025-12-01")
    event("ends", "2025-12-31T23:59:59.999999")
    event("after", "2026-01-01")

    assert kinds(ops, month="2025-12") == ["ends", "begins"]
    assert kinds(ops) == ["after", "ends", "begins", "before"]


@pytest.mark.parametrize("wanted", ["2025", "2025-13", "0000-01", "9999-12", "x" * 400])
def test_what_is_no_month_shows_all_of_them(wanted: str, ops: Client) -> None:
    event("found", "2025-12-01")

    answer = ops.get(EVENTS, {"month": wanted}, follow=True)

    assert [each.kind for each in answer.context["cl"].result_list] == ["found"]


def test_mails_that_were_never_tried_are_of_no_month(ops: Client) -> None:
    Mail.objects.create(key="never", kind="found")
    assert months(ops, MAILS) == []

    Mail.objects.create(key="once", kind="found", tried_at=datetime(2026, 2, 1, tzinfo=UTC))

    assert months(ops, MAILS) == ["February 2026"]
    answer = ops.get(MAILS, {"month": "2026-02"})
    assert [mail.key for mail in answer.context["cl"].result_list] == ["once"]
