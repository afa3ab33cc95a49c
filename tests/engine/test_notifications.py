"""What customers are told, when, and how often: the mails of a renewal over real HTTP, and the
ledger on rows made by hand.
"""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any, ClassVar

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test import Client
from django.urls import reverse

from compliance import notifications, tasks
from compliance.models import Chain, Event, Mail, Membership, Renewal, User
from compliance.models.people import check_phone
from compliance.sandbox import seed
from compliance.workflow import send
from tests import factories
from tests.patience import PATIENCE
from tests.record import rewritable
from tests.world import World

Result, State = Mail.Result, Renewal.State
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


class Server(EmailBackend):
    """A mail server with a will of its own: what it raises, and when."""

    at_open: ClassVar[BaseException | None] = None
    at_send: ClassVar[BaseException | None] = None

    def open(self) -> bool:
        if Server.at_open:
            raise Server.at_open
        return True

    def send_messages(self, messages: Any) -> int:
        if Server.at_send:
            raise Server.at_send
        return super().send_messages(messages)


@pytest.fixture
def server(settings: Any) -> Iterator[type[Server]]:
    settings.EMAIL_BACKEND = f"{__name__}.Server"
    yield Server
    Server.at_open = Server.at_send = None


def subjects() -> list[str]:
    """What has been sent since the last time."""
    found = [message.subject for message in mail.outbox]
    mail.outbox.clear()
    return found


def at(day: int, hour: int = 12, minute: int = 0) -> datetime:
    """A moment of November 2026; the 10th is a Tuesday, like ``factories.noon``."""
    return factories.noon().replace(day=day, hour=hour, minute=minute)


def found(renewal: Renewal, now: datetime, **details: Any) -> Event:
    return factories.make_event(renewal, "needs-info", at=now, things=2, **details)


def german(now: datetime, *, days: float = 20, **fields: Any) -> tuple[Renewal, User]:
    customer = factories.make_customer()
    person = factories.make_user("ada@acme.example", customer=customer)
    return factories.german_renewal(customer, now=now, days=days, **fields), person


# --- The story --------------------------------------------------------------------------------


def test_a_renewal_is_told_from_the_first_mail_to_up_to_date(world: World) -> None:
    world.people()
    Membership.objects.exclude(user__email="zoe@lumiere.example").update(mails=False)
    world.sync()
    key = "lumiere-fr-local"

    def tell() -> list[str]:
        notifications.tell(now=world.clock())
        return [subject.partition(" by ")[0] for subject in subjects()]

    assert tell() == []
    world.work(key)
    with rewritable():
        Event.objects.exclude(renewal=world.renewal(key)).delete()
    Chain.objects.exclude(renewal=world.renewal(key)).delete()
    Renewal.objects.exclude(pk=world.renewal(key).pk).delete()
    assert tell() == ["Please update your phone registration for France"]
    assert tell() == []
    world.answer_all(key)
    assert tell() == []
    world.submit(key)
    assert tell() == []
    renewal = world.work(key)
    assert tell() == ["Sent for checking: your phone registration for France"]
    copy = world.at_twilio(renewal.copy_sid)
    refused = next(d["sid"] for d in copy["documents"] if d["type"] == "power_of_attorney")
    verdict = {"sid": refused, "code": 18002, "reason": "Madame Martin's name is not readable."}
    world.control(f"bundles/{renewal.copy_sid}/reject", reason="", documents=[verdict])
    world.look(key)
    notifications.tell(now=world.clock())
    [changes] = mail.outbox
    assert "The document cannot be read." in changes.body
    assert "Martin" not in changes.body
    assert subjects() == ["Changes needed to your phone registration for France"]
    world.answer_all(key)
    assert tell() == []
    world.send(key)
    assert tell() == ["Sent for checking: your phone registration for France"]
    world.control(f"bundles/{renewal.copy_sid}/approve")
    assert world.look(key).state == State.COMPLETED
    assert tell() == ["Your phone registration for France is up to date"]
    assert tell() == []
    assert not Mail.objects.exclude(result=Result.SENT).exists()


def test_the_task_tells_and_the_timetable_has_it(db: None, settings: Any) -> None:
    renewal, _ada = german(tasks.timezone.now())
    found(renewal, tasks.timezone.now())

    tasks.tell()

    assert len(mail.outbox) == 1
    entry = settings.CELERY_BEAT_SCHEDULE["tell"]
    assert entry["task"] == tasks.tell.name
    assert entry["options"]["expires"] < entry["schedule"]


# --- What it looks like -----------------------------------------------------------------------


def test_the_first_mail_says_what_why_how_long_by_when_and_what_if_not(db: None) -> None:
    renewal, _ada = german(at(10))
    found(renewal, at(10))

    notifications.tell(now=at(10))

    [message] = mail.outbox
    url = f"http://localhost:8000/r/{renewal.reference}/"
    assert message.to == ["ada@acme.example"]
    assert message.subject == "Please update your phone registration for Germany by 25 November"
    for words in (
        "This is about the registration of +49 30 901820.",
        "The rules for phone numbers in Germany have changed",
        "What we need from you: 2 details and 1 document (Proof of the business name).",
        "It takes about 10 minutes.",
        "Please send it by Wednesday 25 November 2026 (in 15 days), so that checking can finish "
        "before Monday 30 November 2026, 13:00 (Europe/Berlin).",
        "If not, the registration expires on 30 November",
        f"Update registration:\n{url}\n",
        "listed as a contact for Acme GmbH",
        "never ask for documents by e-mail",
    ):
        assert words in message.body
    [(html, kind)] = message.alternatives
    assert kind == "text/html"
    assert f'<a href="{url}"' in html
    assert "<table" not in html
    assert "<img" not in html


def test_the_html_says_the_same_words_as_the_plain_text(db: None) -> None:
    import html as entities
    import re

    renewal, _ada = german(at(10))
    found(renewal, at(10))

    notifications.tell(now=at(10))

    [message] = mail.outbox
    page = re.sub(r"<(head)>.*?</\1>|<[^>]*>", " ", message.alternatives[0][0], flags=re.DOTALL)
    said = set(entities.unescape(page).split())
    assert {word for word in message.body.split() if word != "--"} - said <= {
        "-",
        "registration:",
    }


def test_no_personal_data_is_in_a_mail(db: None) -> None:
    renewal, _ada = german(at(10), state=State.REJECTED, rejections=1, results=factories.ALL_FINE)
    item = renewal.items.get(type="commercial_registrar_excerpt")
    renewal.items.filter(pk=item.pk).delete()
    factories.make_item(
        renewal,
        item.type,
        {"business_name": "Acme GmbH"},
        refused_at=at(10),
        reason="Ada Ackermann is not on it.",
        codes=[18020],
        mime_type="application/pdf",
    )
    factories.make_event(renewal, "rejected", at=at(10))

    notifications.tell(now=at(10))

    [message] = mail.outbox
    everything = message.message().as_string()
    assert "Proof of the business name: The representative you named" in message.body
    for secret in ("Ackermann", "HRB 1234", "A registration"):
        assert secret not in everything


def test_a_mail_speaks_its_readers_language_and_the_companys_time_zone(db: None) -> None:
    renewal, ada = german(at(10))
    Membership.objects.filter(user=ada).update(role=Membership.Role.VIEWER)
    User.objects.filter(pk=ada.pk).update(language="de")
    renewal.bundle.customer.time_zone = "Australia/Sydney"  # type: ignore[union-attr]
    renewal.bundle.customer.save()  # type: ignore[union-attr]
    found(renewal, at(10))

    notifications.tell(now=at(10))

    [message] = mail.outbox
    assert "Deutschland" in message.subject
    assert "(Australia/Sydney)" in message.body
    assert '<html lang="de">' in message.alternatives[0][0]


# --- Who, and how many ------------------------------------------------------------------------


def test_everybody_gets_it_but_those_who_do_not_want_it_or_are_gone(db: None) -> None:
    renewal, _ada = german(at(10))
    customer = renewal.bundle.customer
    viewer = Membership.Role.VIEWER
    factories.make_user("vera@acme.example", customer=customer, role=viewer)
    quiet = factories.make_user("quiet@acme.example", customer=customer)
    Membership.objects.filter(user=quiet).update(mails=False)
    gone = factories.make_user("gone@acme.example", customer=customer)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    factories.make_user("bob@other.example", customer=factories.make_customer("Other"))
    found(renewal, at(10))

    notifications.tell(now=at(10))

    assert sorted(message.to[0] for message in mail.outbox) == [
        "ada@acme.example",
        "vera@acme.example",
    ]


def test_one_mail_a_day_lists_everything_that_is_to_do(db: None) -> None:
    renewal, ada = german(at(10))
    other = factories.make_customer("Kite & Co")
    Membership.objects.create(user=ada, customer=other)
    second = factories.german_renewal(other, now=at(10), days=15)
    found(renewal, at(10))
    found(second, at(10))

    notifications.tell(now=at(10))

    [message] = mail.outbox
    assert message.subject == (
        "2 phone registrations need your attention, the first by 20 November"
    )
    assert message.body.index("Kite & Co") < message.body.index("Acme GmbH")
    assert renewal.reference in message.body
    assert second.reference in message.body
    third = factories.german_renewal(other, now=at(10), days=25)
    found(third, at(10, 13))
    mail.outbox.clear()
    notifications.tell(now=at(10, 14))
    assert subjects() == []
    notifications.tell(now=at(11, 9))
    [message] = mail.outbox
    assert third.reference in message.body


def test_the_first_mail_waits_a_little_for_forms_that_are_being_prepared(db: None) -> None:
    renewal, _ada = german(at(10))
    found(renewal, at(10))
    customer = renewal.bundle.customer
    factories.make_renewal(
        factories.make_bundle(customer, now=at(10), days=20), now=at(10), state=State.DETECTED
    )

    notifications.tell(now=at(10, 12, 5))
    assert subjects() == []
    notifications.tell(now=at(10, 12, 15))
    assert len(subjects()) == 1


def test_news_go_at_once_and_together_whatever_was_sent_today(db: None) -> None:
    renewal, ada = german(at(10))
    found(renewal, at(10))
    notifications.tell(now=at(10))
    assert len(subjects()) == 1
    customer = renewal.bundle.customer
    assert customer is not None
    for _ in range(2):
        reviewed = factories.german_renewal(customer, now=at(10), state=State.IN_REVIEW)
        factories.make_event(reviewed, "sent", at=at(10), by=ada)

    notifications.tell(now=at(10, 13))

    assert subjects() == ["News about 2 of your phone registrations"]


# --- The ladder -------------------------------------------------------------------------------


def test_each_rung_reminds_once_until_the_customer_has_sent_it(db: None) -> None:
    renewal, _ada = german(at(1), days=29)  # until the 30th, to be sent by the 25th
    told = []
    for day in range(1, 26):
        for hour in (7, 12, 18):
            notifications.tell(now=at(day, hour))
            told += [(day, hour)] * len(subjects())
    assert told == [(1, 7), (11, 7), (18, 7), (22, 7), (24, 7), (25, 7)]

    Renewal.objects.filter(pk=renewal.pk).update(state=State.IN_REVIEW)
    notifications.tell(now=at(26))
    assert subjects() == []


def test_after_missed_runs_only_the_most_urgent_rung_is_sent(db: None) -> None:
    german(at(1), days=29)

    notifications.tell(now=at(22))

    assert len(subjects()) == 1
    assert [row.key.split(":")[-2] for row in Mail.objects.all()] == ["3"]


def test_a_new_deadline_of_the_same_bundle_is_reminded_of_anew(db: None) -> None:
    renewal, _ada = german(at(10), days=20)
    notifications.tell(now=at(10))
    later = renewal.valid_until + timedelta(days=2)
    Renewal.objects.filter(pk=renewal.pk).update(valid_until=later)

    notifications.tell(now=at(11))

    assert subjects() == [
        "Please update your phone registration for Germany by 25 November",
        "Please update your phone registration for Germany by 27 November",
    ]


@pytest.mark.parametrize(
    "state",
    [
        State.DETECTED,
        State.COPIED,
        State.SUBMITTED,
        State.IN_REVIEW,
        State.APPROVED,
        State.REPLACED,
        State.CANCELLED,
    ],
)
def test_nothing_is_sent_while_it_is_not_the_customers_turn(db: None, state: str) -> None:
    renewal, _ada = german(at(10), days=7, state=state)
    found(renewal, at(10))

    notifications.tell(now=at(10, 12, 30))

    assert subjects() == []


def test_nothing_is_sent_while_an_answer_is_on_its_way(db: None) -> None:
    renewal, _ada = german(at(10))
    found(renewal, at(10))
    factories.make_answer(renewal, now=at(10))

    notifications.tell(now=at(10))

    assert subjects() == []


def test_what_came_back_before_the_review_is_told_at_once(db: None) -> None:
    renewal, _ada = german(at(10), days=100)
    factories.make_event(renewal, "sent", at=at(9))
    found(renewal, at(10))

    notifications.tell(now=at(10))

    [message] = mail.outbox
    assert message.subject == "Changes needed to your phone registration for Germany"
    assert "It has not been sent for checking" in message.body


def test_an_approval_is_told_only_where_finishing_takes_long(db: None) -> None:
    renewal, _ada = german(at(10), state=State.APPROVED)
    factories.make_event(renewal, "approved", at=at(10))

    notifications.tell(now=at(10, 12, 59))
    assert subjects() == []
    notifications.tell(now=at(10, 13))
    assert subjects() == ["Approved: your phone registration for Germany"]


def test_done_is_told_only_when_the_date_is_gone(db: None) -> None:
    renewal, _ada = german(at(10), state=State.COMPLETED)
    event = factories.make_event(renewal, "completed", at=at(10))

    notifications.tell(now=at(10))
    assert subjects() == []
    renewal.bundle.valid_until = None
    renewal.bundle.save()
    Event.objects.filter(pk=event.pk).update(told_at=None)
    notifications.tell(now=at(10))
    assert subjects() == ["Your phone registration for Germany is up to date"]


def test_what_somebody_else_finished_is_news_only_to_those_who_were_asked(db: None) -> None:
    renewal, ada = german(at(10))
    found(renewal, at(10))
    notifications.tell(now=at(10))
    mail.outbox.clear()
    factories.make_user("new@acme.example", customer=renewal.bundle.customer)
    Renewal.objects.filter(pk=renewal.pk).update(state=State.COMPLETED, ended_at=at(11))
    renewal.bundle.valid_until = None
    renewal.bundle.save()
    event = factories.make_event(renewal, "finished-elsewhere", at=at(11))

    notifications.tell(now=at(11))

    assert [message.to for message in mail.outbox] == [[ada.email]]
    event.refresh_from_db()
    assert event.told_at


def test_on_expiry_the_way_back_is_told(db: None) -> None:
    renewal, _ada = german(at(1), days=9)
    factories.make_event(renewal, "expired", at=at(10))

    notifications.tell(now=at(10))

    [message] = mail.outbox
    assert message.subject == "Your phone registration for Germany expired on 10 November"
    assert "You can still send your update" in message.body
    assert f"Update registration:\nhttp://localhost:8000/r/{renewal.reference}/" in message.body


def test_an_expired_registration_that_cannot_be_copied_is_in_our_hands(db: None) -> None:
    renewal, _ada = german(at(1), days=9, state=State.DETECTED, trouble="refused-22224")
    factories.make_event(renewal, "expired", at=at(10))

    notifications.tell(now=at(10))

    [message] = mail.outbox
    assert "We need to do one step by hand." in message.body
    assert "You can still send" not in message.body


def test_what_is_found_after_the_expiry_is_told_once_as_expired(db: None) -> None:
    renewal, _ada = german(at(1), days=9)
    found(renewal, at(10, 13))
    notifications.tell(now=at(10, 13))
    assert subjects() == []
    factories.make_event(renewal, "expired", at=at(10))

    notifications.tell(now=at(10, 13, 1))

    assert subjects() == ["Your phone registration for Germany expired on 10 November"]


def test_what_has_nothing_open_is_only_to_be_checked_and_sent(db: None) -> None:
    renewal, _ada = german(at(10), state=State.READY, results=factories.ALL_FINE)
    factories.make_event(renewal, "ready", at=at(10))

    notifications.tell(now=at(10))

    [message] = mail.outbox
    assert "Everything already meets the new rules." in message.body
    assert "Check and send:\n" in message.body


def test_past_the_date_to_send_by_the_mail_says_now_and_names_the_deadline(db: None) -> None:
    renewal, _ada = german(at(10), days=2)
    found(renewal, at(10))

    notifications.tell(now=at(10))

    [message] = mail.outbox
    assert message.subject == (
        "Your phone registration for Germany expires on 12 November: please send your update now"
    )
    assert "It is later than we recommend" in message.body


def test_rules_that_change_once_more_are_found_once_more(db: None) -> None:
    renewal, _ada = german(at(10), days=100)
    found(renewal, at(10))
    notifications.tell(now=at(10))
    found(renewal, at(11))
    notifications.tell(now=at(11))
    assert len(subjects()) == 1
    Renewal.objects.filter(pk=renewal.pk).update(evaluated_hash="2" * 64)
    found(renewal, at(12))

    notifications.tell(now=at(12))

    assert len(subjects()) == 1


def test_expiry_during_the_review_is_told_if_it_comes_back(db: None) -> None:
    renewal, _ada = german(at(1), days=9, state=State.IN_REVIEW)
    factories.make_event(renewal, "expired", at=at(10))
    notifications.tell(now=at(10))
    assert subjects() == []
    Renewal.objects.filter(pk=renewal.pk).update(state=State.REJECTED, rejections=1)
    factories.make_event(renewal, "rejected", at=at(11))

    notifications.tell(now=at(11))

    [message] = mail.outbox
    assert message.subject.startswith("Changes needed")
    assert "The registration expired on" in message.body
    notifications.tell(now=at(12))
    assert len(subjects()) == 1


# --- Never twice, never lost ------------------------------------------------------------------


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
    together, problems = threading.Barrier(4), []

    def run() -> None:
        try:
            together.wait(timeout=PATIENCE)
            notifications.tell(now=at(10))
        except Exception as error:
            problems.append(error)
        finally:
            connection.close()

    runs = [threading.Thread(target=run) for _ in range(4)]
    for thread in runs:
        thread.start()
    for thread in runs:
        thread.join()

    assert problems == []
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


# --- The ledger in the admin ------------------------------------------------------------------


def test_support_sees_what_did_not_arrive_and_has_it_tried_again(
    db: None, server: type[Server], client: Client
) -> None:
    renewal, _ada = german(at(10), days=100)
    found(renewal, at(10))
    server.at_open = TimeoutError("timed out")
    notifications.tell(now=at(10))
    Mail.objects.update(result=Result.UNDELIVERED, next_try_at=None, attempts=8)
    client.force_login(User.objects.create_superuser("ops@example.com"))
    url = reverse("admin:compliance_mail_changelist")

    page = client.get(url, {"result": "undelivered"}).content.decode()
    assert "ada@acme.example" in page
    assert "timed out" in page
    data = {"action": "try_again", "_selected_action": [Mail.objects.get().pk]}
    response = client.post(url, data, follow=True)

    assert "1 mail is tried again" in response.content.decode()
    server.at_open = None
    notifications.tell(now=tasks.timezone.now())
    row = Mail.objects.get()
    assert (row.result, row.attempts, row.problem) == (Result.SENT, 1, "")


def test_staff_who_may_only_look_cannot_have_mails_sent(db: None, client: Client) -> None:
    looker = factories.make_user("looker@example.com", staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_mail"))
    client.force_login(looker)
    renewal, _ada = german(at(10), days=100)
    found(renewal, at(10))
    notifications.tell(now=at(10))

    page = client.get(reverse("admin:compliance_mail_changelist")).content.decode()

    assert "ada@acme.example" in page
    assert "try_again" not in page


@pytest.mark.parametrize("number", ["030 901820", "+49 151 23456789", "+4", "015123456789"])
def test_a_phone_that_cannot_be_reached_is_not_accepted(number: str) -> None:
    with pytest.raises(ValidationError):
        check_phone(number)


def test_a_phone_in_full_is_accepted() -> None:
    check_phone("+4915123456789")


# --- SMS --------------------------------------------------------------------------------------


@pytest.fixture
def texts(world: World, settings: Any) -> World:
    settings.SMS_FROM = world.twilio().numbers().__next__().phone_number
    return world


def test_the_last_rungs_go_out_by_sms_too_and_not_at_night(texts: World) -> None:
    renewal, ada = german(at(10), days=20)
    User.objects.filter(pk=ada.pk).update(phone="+4915123456789")

    notifications.tell(now=at(18))
    assert not texts.sandbox.state.messages
    notifications.tell(now=at(24, 6))
    assert not texts.sandbox.state.messages
    notifications.tell(now=at(24, 9))
    notifications.tell(now=at(24, 10))

    [message] = texts.sandbox.state.messages
    assert message["to"] == "+4915123456789"
    assert message["body"] == (
        "Number registrations: Please update your phone registration for Germany by 25 November. "
        f"http://localhost:8000/r/{renewal.reference}/"
    )


def test_an_expiry_at_night_is_mailed_at_once_and_texted_in_the_morning(texts: World) -> None:
    renewal, ada = german(at(1), days=9)
    User.objects.filter(pk=ada.pk).update(phone="+4915123456789")
    factories.make_event(renewal, "expired", at=at(10))

    notifications.tell(now=at(10, 23))
    assert len(subjects()) == 1
    assert not texts.sandbox.state.messages
    notifications.tell(now=at(11, 8))
    assert subjects() == []
    assert len(texts.sandbox.state.messages) == 1


def test_an_sms_that_twilio_refuses_is_undelivered_and_the_mail_went_out(texts: World) -> None:
    _renewal, ada = german(at(10), days=20)
    User.objects.filter(pk=ada.pk).update(phone="+49")

    notifications.tell(now=at(24, 9))

    assert len(subjects()) == 1
    row = Mail.objects.get(channel=Mail.Channel.SMS)
    assert row.result == Result.UNDELIVERED
    assert "21211" in row.problem


def test_an_sms_without_an_answer_is_not_sent_again(texts: World) -> None:
    _renewal, ada = german(at(10), days=20)
    User.objects.filter(pk=ada.pk).update(phone="+4915123456789")
    texts.fault("drop_after", method="POST", path="/Messages.json$", times=1)

    notifications.tell(now=at(24, 9))
    notifications.tell(now=at(24, 18))

    assert len(texts.sandbox.state.messages) == 1
    assert Mail.objects.get(channel=Mail.Channel.SMS).result == Result.TRIED


def test_without_a_sender_there_is_no_sms(world: World) -> None:
    _renewal, ada = german(at(10), days=20)
    User.objects.filter(pk=ada.pk).update(phone="+4915123456789")

    notifications.tell(now=at(24, 9))

    assert len(subjects()) == 1
    assert not world.sandbox.state.messages


def test_the_seed_has_a_number_to_send_from(world: World) -> None:
    assert any(number.bundle_sid in seed.BUNDLES.values() for number in world.twilio().numbers())
