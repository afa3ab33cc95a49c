"""Reminders by SMS, and the numbers that they go to."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from compliance import notifications
from compliance.models import Mail, User
from compliance.models.people import check_phone
from compliance.sandbox import seed
from tests import factories
from tests.notifications.telling import Result, at, german, subjects
from tests.world import World


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
