"""Who gets a mail, and on which rung of the ladder."""

from datetime import timedelta

import pytest
from django.core import mail

from compliance import notifications
from compliance.models import Event, Mail, Membership, Renewal, User
from tests import factories
from tests.notifications.telling import (
    State,
    at,
    found,
    german,
    subjects,
)


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
