"""Never twice and never lost, whatever breaks while mails are sent."""

from datetime import timedelta
from itertools import pairwise
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.db import connection

from compliance import notifications
from compliance.models import Mail, Renewal
from compliance.workflow import send
from tests import factories
from tests.notifications.telling import (
    DAY,
    MINUTE,
    Result,
    Server,
    State,
    at,
    found,
    german,
    subjects,
)
from tests.together import at_the_same_moment


def test_who_has_sent_it_between_the_two_looks_gets_no_reminder(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    renewal, ada = german(at(10), days=20, state=State.READY, results=factories.ALL_FINE)
    candidates = notifications.ledger.candidates

    def send_meanwhile(*args: Any, **named: Any) -> Any:
        people = candidates(*args, **named)
        assert people
        send(Renewal.objects.get(pk=renewal.pk), by=ada, now=at(10))
        return people

    monkeypatch.setattr(notifications.ledger, "candidates", send_meanwhile)
    notifications.tell(now=at(10))

    assert subjects() == []
    assert not Mail.objects.exists()


@pytest.mark.skipif(
    connection.vendor == "sqlite",
    reason="threads that share SQLite in memory do not wait for a lock; this runs on PostgreSQL",
)
@pytest.mark.django_db(transaction=True)
def test_runs_at_the_same_moment_send_everything_once() -> None:
    renewal, _ada = german(at(10))
    for number in range(5):
        factories.make_user(f"person-{number}@acme.example", customer=renewal.bundle.customer)
    found(renewal, at(10))
    at_the_same_moment(lambda: notifications.tell(now=at(10)), times=4)

    assert len({message.to[0] for message in mail.outbox}) == len(mail.outbox) == 6


def test_an_event_is_told_when_everybody_has_heard_of_it(db: None) -> None:
    renewal, _ada = german(at(10))
    event = found(renewal, at(10))

    notifications.tell(now=at(10))

    event.refresh_from_db()
    assert event.told_at == at(10)


def test_who_joins_a_company_without_people_is_told_what_is_still_true(db: None) -> None:
    customer = factories.make_customer()
    found(factories.german_renewal(customer, now=at(1), days=100), at(1))
    notifications.tell(now=at(1))
    factories.make_user("ada@acme.example", customer=customer)

    notifications.tell(now=at(5))

    assert len(subjects()) == 1


def test_a_server_that_is_away_is_tried_again_with_growing_pauses(
    db: None, server: type[Server]
) -> None:
    renewal, _ada = german(at(10), days=100)
    event = found(renewal, at(10))
    server.at_open = ConnectionRefusedError("nobody listens")
    now, tries = at(10), []
    while Mail.objects.filter(result=Result.UNDELIVERED).count() == 0:
        before = Mail.objects.first()
        notifications.tell(now=now)
        row = Mail.objects.get()
        if before is None or row.attempts > before.attempts:
            tries.append(now)
        assert "nobody listens" in row.problem
        now += 10 * MINUTE

    pauses = [after - before for before, after in pairwise(tries)]
    assert len(tries) == 8
    assert pauses == sorted(pauses)
    assert pauses[-1] >= timedelta(hours=12)
    event.refresh_from_db()
    assert event.told_at
    server.at_open = None
    notifications.tell(now=now + DAY)
    assert subjects() == []

    assert notifications.again(Mail.objects.all(), now=now) == 1
    notifications.tell(now=now)
    assert len(subjects()) == 1
    assert Mail.objects.get().result == Result.SENT


def test_what_was_refused_is_not_tried_again_once_it_is_no_longer_true(
    db: None, server: type[Server]
) -> None:
    renewal, _ada = german(at(10), days=100)
    found(renewal, at(10))
    server.at_send = SMTPRecipientsRefused({"ada@acme.example": (550, b"no such mailbox")})
    notifications.tell(now=at(10))
    assert (Mail.objects.get().result, Mail.objects.get().problem) == (
        Result.FAILED,
        "550 no such mailbox",
    )
    Renewal.objects.filter(pk=renewal.pk).update(state=State.IN_REVIEW)
    server.at_send = None

    notifications.tell(now=at(11))

    assert subjects() == []
    assert Mail.objects.get().result == Result.OVERTAKEN


class Killed(BaseException):
    """The process dies here."""


@pytest.mark.parametrize(("kind", "twice"), [("rejected", True), ("sent", False)])
def test_after_a_crash_only_what_asks_for_something_is_sent_again(
    db: None, server: type[Server], kind: str, twice: bool
) -> None:
    state = State.REJECTED if kind == "rejected" else State.IN_REVIEW
    renewal, _ada = german(at(10), days=100, state=state, rejections=1)
    factories.make_event(renewal, kind, at=at(10))
    server.at_send = Killed()
    with pytest.raises(Killed):
        notifications.tell(now=at(10))
    assert Mail.objects.get().result == Result.TRIED
    server.at_send = None

    notifications.tell(now=at(10, 12, 14))
    assert subjects() == []
    notifications.tell(now=at(10, 12, 15))
    assert len(subjects()) == twice
    assert Mail.objects.get().result == (Result.SENT if twice else Result.TRIED)


def test_a_line_that_breaks_while_sending_leaves_a_doubt_with_its_reason(
    db: None, server: type[Server]
) -> None:
    renewal, _ada = german(at(10), days=100, state=State.IN_REVIEW)
    factories.make_event(renewal, "sent", at=at(10))
    server.at_send = SMTPServerDisconnected("Connection unexpectedly closed")

    notifications.tell(now=at(10))

    row = Mail.objects.get()
    assert (row.result, row.next_try_at) == (Result.TRIED, None)
    assert "unexpectedly closed" in row.problem


def test_a_fault_in_one_persons_mail_does_not_keep_the_others_waiting(
    db: None, caplog: pytest.LogCaptureFixture
) -> None:
    customer = factories.make_customer("Broken")
    factories.make_user("bob@broken.example", customer=customer)
    broken = factories.german_renewal(customer, now=at(10))
    Renewal.objects.filter(pk=broken.pk).update(evaluation={"results": ["not an object"]})
    found(broken, at(10))
    renewal, _ada = german(at(10))
    found(renewal, at(10))

    notifications.tell(now=at(10))

    assert "could not be told" in caplog.text
    assert [message.to for message in mail.outbox] == [["ada@acme.example"]]
