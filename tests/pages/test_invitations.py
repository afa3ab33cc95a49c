"""The mail that invites somebody, and the link in it."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.utils import timezone

from compliance import notifications
from compliance.models import Customer, Event, Mail, Membership, SignInLink, User
from tests.factories import german_renewal, make_customer, make_event, make_user
from tests.pages.colleagues import NEW, address
from tests.pages.reading import heading, words
from tests.signin.asking import await_mails, awaited_mail

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    cache.clear()
    yield
    await_mails()


class Broken(EmailBackend):
    """Hangs up in the middle: nobody knows whether the mail has left."""

    def send_messages(self, messages: Any) -> int:
        raise SMTPServerDisconnected("gone")


@pytest.fixture
def cleo(client: Client, acme: Customer) -> User:
    """Invited by Ada."""
    client.post(address(acme, page="add/"), {**NEW, "language": "en"})
    return User.objects.get(email="cleo@acme.example")


def tell(now: datetime | None = None) -> list[Any]:
    """The mails that go out now."""
    mail.outbox.clear()
    notifications.tell(now=now or timezone.now())
    return list(mail.outbox)


def path_in(message: Any) -> str:
    found = re.search(r"http://localhost:8000(/sign-in/link/\S+)", message.body)
    assert found, message.body
    return found[1]


def results() -> list[str]:
    return list(Mail.objects.order_by("pk").values_list("result", flat=True))


# --- The mail ---------------------------------------------------------------------------------


def test_it_says_who_invites_to_what_and_goes_once(cleo: User, ada: User) -> None:
    (message,) = tell()

    assert message.to == ["cleo@acme.example"]
    assert message.subject == "Ada Ackermann invites you to Number registrations for Acme GmbH"
    page = message.alternatives[0][0]
    for sentence in (
        "Ada Ackermann has added you to the people who act for Acme GmbH.",
        "You may look at everything; your colleagues answer and send.",
        "There is no password. The link signs you in, once, within 7 days.",
        "Accept the invitation",
        path_in(message),
    ):
        assert sentence in message.body
        assert sentence in page
    assert "Reference" not in message.body
    assert " - \n" not in message.body
    assert tell() == []
    assert Event.objects.get(kind="person-invited").told_at is not None
    row = Mail.objects.get()
    assert (row.kind, row.result, row.recipient) == ("invited", "sent", cleo)
    assert row.customer == Customer.objects.get(name="Acme GmbH")


def test_no_part_of_a_name_becomes_a_link(cleo: User, ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(name="Ada from evil.example")

    (message,) = tell()

    assert message.subject.startswith("Ada from evil. example invites you")
    assert "evil.example" not in message.body


def test_it_speaks_the_language_that_was_chosen(client: Client, acme: Customer) -> None:
    client.post(address(acme, page="add/"), NEW)

    (message,) = tell()

    assert '<html lang="fr">' in message.alternatives[0][0]


def test_support_invites_as_the_house(acme: Customer) -> None:
    ops = User.objects.create_superuser("ops@demo.example", name="Olga Ops")
    cleo = make_user("cleo@acme.example", customer=acme)
    Event.objects.create(
        at=timezone.now(), kind="person-invited", customer=acme, person=cleo, by=ops
    )

    (message,) = tell()

    assert message.subject == "You are invited to Number registrations for Acme GmbH"
    assert "We have added you to the people who act for Acme GmbH." in message.body
    assert "answer what is asked, and send it for checking" in message.body
    assert "Olga" not in message.body


@pytest.mark.parametrize("who", ["has been here", "staff", "known to support"])
def test_no_link_lies_about_for_days_that_opens_more_than_this(
    client: Client, acme: Customer, who: str
) -> None:
    known = make_user("cleo@acme.example", staff=who == "staff", customer=make_customer("Other"))
    User.objects.filter(pk=known.pk).update(
        language="de", last_login=timezone.now() if who == "has been here" else None
    )
    client.post(address(acme, page="add/"), NEW)

    (message,) = tell()

    assert "/sign-in/link/" not in message.body
    assert "http://localhost:8000/\n" in message.body
    assert '<html lang="de">' in message.alternatives[0][0]
    assert not SignInLink.objects.exists()


@pytest.mark.parametrize("why", ["removed", "blocked"])
def test_who_is_no_longer_invited_gets_none(cleo: User, why: str) -> None:
    if why == "removed":
        cleo.memberships.all().delete()
    else:
        User.objects.filter(pk=cleo.pk).update(is_active=False)

    assert tell() == []
    assert Event.objects.get(kind="person-invited").told_at is not None


def test_who_was_forgotten_gets_none(client: Client, acme: Customer, cleo: User) -> None:
    client.post(address(acme, cleo, "remove/"))

    assert tell() == []
    assert tell() == []


def test_two_invitations_in_a_minute_are_one_mail(
    client: Client, acme: Customer, cleo: User
) -> None:
    client.post(address(acme, cleo, "invite/"))

    assert len(tell()) == 1
    assert tell() == []
    assert not Event.objects.filter(kind="person-invited", told_at=None).exists()


def test_one_that_may_not_have_left_is_sent_again(cleo: User, settings: Any) -> None:
    now = timezone.now()
    settings.EMAIL_BACKEND = f"{__name__}.Broken"
    assert tell(now) == []
    assert results() == ["tried"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert tell(now + timedelta(minutes=1)) == []

    (message,) = tell(now + timedelta(minutes=16))

    assert results() == ["sent"]
    assert Client().get(path_in(message)).status_code == 200


def test_one_that_is_tried_again_is_given_up_when_it_is_no_longer_true(
    cleo: User, settings: Any
) -> None:
    now = timezone.now()
    settings.EMAIL_BACKEND = f"{__name__}.Broken"
    tell(now)
    cleo.memberships.all().delete()

    tell(now + timedelta(minutes=16))

    assert results() == ["overtaken"]


def test_a_fault_with_one_does_not_keep_the_others(
    cleo: User, client: Client, acme: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post(address(acme, page="add/"), {**NEW, "email": "dora@acme.example"})
    real = SignInLink.issue

    def issue(user: User, **options: Any) -> str:
        if user == cleo:
            raise ValueError
        return real(user, **options)

    monkeypatch.setattr(SignInLink, "issue", issue)

    assert [message.to for message in tell()] == [["dora@acme.example"]]


def test_until_they_have_come_they_hear_no_more_than_that(
    client: Client, acme: Customer, cleo: User
) -> None:
    now = timezone.now()
    renewal = german_renewal(acme, now=now)
    make_event(renewal, "needs-info", at=now, things=2)

    told = [(message.to[0], message.subject.partition(" ")[0]) for message in tell(now)]
    assert told == [("cleo@acme.example", "Ada"), ("ada@acme.example", "Please")]

    cleo.memberships.update(joined_at=now)
    later = german_renewal(acme, now=now)
    make_event(later, "needs-info", at=now, things=2)
    assert "cleo@acme.example" in [message.to[0] for message in tell(now + DAY)]


# --- The link ---------------------------------------------------------------------------------


def test_the_link_leads_in_and_the_colleague_sees_it(
    client: Client, acme: Customer, cleo: User
) -> None:
    path = path_in(tell()[0])
    phone = Client()
    asked = phone.get(path)
    assert heading(asked) == "Welcome"
    assert "_auth_user_id" not in phone.session

    assert phone.post(path)["Location"] == "/"

    assert "Acme GmbH" in words(phone.get("/people/", follow=True))
    assert Membership.objects.get(user=cleo).joined_at is not None
    assert "Has not signed in yet" not in words(client.get(address(acme)))


def test_it_works_for_seven_days_and_then_offers_a_new_one(cleo: User) -> None:
    path = path_in(tell()[0])
    link = SignInLink.objects.get()
    SignInLink.objects.update(created_at=timezone.now() - 7 * DAY + timedelta(minutes=1))
    assert Client().get(path).status_code == 200
    SignInLink.objects.update(created_at=timezone.now() - 7 * DAY)
    late = Client()

    answer = late.post(path)
    assert answer.status_code == 410
    assert "This invitation stopped working at" in words(answer)
    assert "because it lasts 7 days" in words(answer)
    assert "_auth_user_id" not in late.session
    mail.outbox.clear()
    late.post(path, {"again": "1"})

    again = awaited_mail()
    assert again.recipient == "cleo@acme.example"
    assert late.post(again.path)["Location"] == "/"
    link.refresh_from_db()
    assert link.used_at is None


def test_the_usual_link_takes_the_place_of_the_invitations(cleo: User) -> None:
    path = path_in(tell()[0])
    Client().post("/sign-in/", {"email": "cleo@acme.example"})

    assert "There is a newer link" in words(Client().post(path))


def test_the_lifetime_is_a_setting(cleo: User, settings: Any) -> None:
    settings.INVITATION_LIFETIME = DAY

    assert "once, within 1 day." in tell()[0].body
