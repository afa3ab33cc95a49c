"""Passkeys: what their owners do with them, and support."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance import notifications
from compliance.models import Customer, Event, User
from tests.factories import make_user
from tests.pages.colleagues import kinds
from tests.pages.device import ADD, SIGN_IN, UNCHECKED, Device, age, make_passkey
from tests.pages.reading import heading, links, page, problems, values, words
from tests.signin.asking import await_mails, awaited_mail


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    cache.clear()
    yield
    await_mails()


# --- One's own --------------------------------------------------------------------------------


def test_the_settings_list_them_and_lead_to_what_can_be_done(client: Client, ada: User) -> None:
    passkey = make_passkey(ada)

    response = client.get("/settings/")

    assert "Work laptop" in words(response)
    assert "Last used not yet" in words(response)
    found = links(response)
    assert found["Add a passkey"] == ADD
    assert found["Rename: Work laptop"] == f"/settings/passkeys/{passkey.pk}/"
    assert found["Remove: Work laptop"] == f"/settings/passkeys/{passkey.pk}/remove/"


def test_what_the_device_is_asked_for(client: Client, ada: User) -> None:
    (script,) = page(client.get(ADD)).xpath("//script[@id='passkey-options']")
    asked = json.loads(script.text)["publicKey"]

    assert asked["rp"] == {"id": "localhost", "name": "Number registrations"}
    assert asked["user"]["name"] == "ada@acme.example"
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["authenticatorSelection"]["userVerification"] == "required"


def test_it_is_added_and_its_owner_told(client: Client, ada: User) -> None:
    done = Device().add(client, name="Work laptop")

    assert "The passkey “Work laptop” was added." in words(client.get(done["Location"]))
    notifications.tell(now=timezone.now())
    (message,) = mail.outbox
    assert message.to == ["ada@acme.example"]
    assert message.subject == "A passkey was added for signing in to Number registrations"
    assert "It was not you? Then remove what you do not know in your settings" in message.body
    assert kinds() == ["passkey-added"]


def test_it_has_a_name_whatever_was_typed(client: Client) -> None:
    Device().add(client, name="")
    Device().add(client, name="x" * 99)

    assert [one.wrap().name for one in Authenticator.objects.order_by("pk")] == [
        "Passkey",
        "x" * 60,
    ]


@pytest.mark.parametrize(
    "device", [Device(flags=UNCHECKED), Device(origin="https://evil.example")], ids=["pin", "page"]
)
def test_one_that_does_not_check_its_owner_or_is_for_another_page_is_not_added(
    client: Client, device: Device
) -> None:
    assert "That did not work. Please try again." in words(device.add(client))
    assert not Authenticator.objects.exists()


def test_the_address_of_the_request_does_not_say_where_passkeys_are_good(
    client: Client, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://numbers.example.com"

    options = client.get(SIGN_IN, headers={"host": "127.0.0.1"}).json()

    assert options["publicKey"]["rpId"] == "numbers.example.com"


@pytest.mark.parametrize("credential", ["", "{}", "[]", "7", "null", "not json", '{"id": "x"}'])
def test_what_is_no_passkey_is_not_added(client: Client, ada: User, credential: str) -> None:
    client.get(ADD)

    refused = client.post(ADD, {"name": "Phone", "credential": credential})

    assert "That did not work. Please try again." in words(refused)
    assert values(refused)["name"] == "Phone"
    assert not Authenticator.objects.exists()
    assert kinds() == []


def test_a_passkey_gets_another_name(client: Client, ada: User) -> None:
    passkey = make_passkey(ada)
    path = f"/settings/passkeys/{passkey.pk}/"
    assert values(client.get(path)) == {"name": "Work laptop"}
    assert problems(client.post(path, {"name": " "})) == {"#id_name": "Enter a name."}

    client.post(path, {"name": "Old laptop"})

    assert "Old laptop" in words(client.get("/settings/"))
    assert kinds() == ["passkey-renamed"]


def test_a_passkey_is_removed_after_a_question_and_its_owner_told(
    client: Client, ada: User
) -> None:
    path = f"/settings/passkeys/{make_passkey(ada).pk}/remove/"
    assert heading(client.get(path)) == "Remove the passkey “Work laptop”?"
    assert Authenticator.objects.exists()

    response = client.post(path, follow=True)

    assert "The passkey “Work laptop” was removed." in words(response)
    assert not Authenticator.objects.exists()
    notifications.tell(now=timezone.now())
    (message,) = mail.outbox
    assert message.to == ["ada@acme.example"]
    assert message.subject == "A passkey for signing in to Number registrations was removed"
    assert "(Europe/Berlin)" in message.body
    assert "http://localhost:8000/settings/" in message.body
    assert "Work laptop" not in message.body + str(Event.objects.values())


def test_somebody_elses_passkey_does_not_exist(bob: Client, ada: User) -> None:
    passkey = make_passkey(ada)

    for path in (f"/settings/passkeys/{passkey.pk}/", f"/settings/passkeys/{passkey.pk}/remove/"):
        assert bob.get(path).status_code == 404
        assert bob.post(path, {"name": "Mine"}).status_code == 404
    assert Authenticator.objects.get().wrap().name == "Work laptop"


# --- Shortly after signing in -----------------------------------------------------------------


@pytest.mark.parametrize("which", ["add", "remove"])
def test_who_has_not_just_signed_in_does_so_once_more(
    client: Client, ada: User, which: str
) -> None:
    passkey = make_passkey(ada)
    path = ADD if which == "add" else f"/settings/passkeys/{passkey.pk}/remove/"
    age(client, minutes=9)
    assert client.get(path).status_code == 200
    age(client, minutes=10, seconds=1)

    detour = client.get(path)
    assert detour["Location"].startswith("/sign-in/again/?next=")
    asked = client.get(detour["Location"])
    assert heading(asked) == "Please sign in once more"
    sent = client.post("/sign-in/again/", {"next": path})

    assert sent["Location"].startswith("/sign-in/code/?next=")
    assert "_auth_user_id" not in client.session
    arrived = client.post("/sign-in/code/", {"code": awaited_mail().code, "next": path})
    assert arrived["Location"] == path
    assert client.get(path).status_code == 200
    assert Authenticator.objects.exists()


def test_who_has_the_page_open_gets_some_more_time(client: Client, ada: User) -> None:
    path = f"/settings/passkeys/{make_passkey(ada).pk}/remove/"
    age(client, minutes=20, seconds=1)
    assert client.post(path)["Location"].startswith("/sign-in/again/")
    assert Authenticator.objects.exists()

    age(client, minutes=19)
    assert client.post(path)["Location"] == "/settings/"


def test_the_mails_for_it_are_throttled(client: Client, ada: User) -> None:
    for _number in range(3):
        client.post("/sign-in/again/", {"next": ADD})
        client.force_login(ada)

    assert client.post("/sign-in/again/", {"next": ADD}).status_code == 429
    assert "_auth_user_id" in client.session


def test_nobody_is_sent_elsewhere_by_it(client: Client) -> None:
    sent = client.post("/sign-in/again/", {"next": "https://evil.example/"})

    assert sent["Location"] == "/sign-in/code/"


# --- Support ----------------------------------------------------------------------------------


def test_support_takes_away_one_that_was_lost_and_its_owner_is_told(
    ada: User, acme: Customer
) -> None:
    passkey = make_passkey(ada)
    ops = Client()
    ops.force_login(User.objects.create_superuser("ops@demo.example"))
    listed = ops.get(reverse("admin:mfa_authenticator_changelist"))
    assert "ada@acme.example" in listed.content.decode() or "Ada" in listed.content.decode()
    assert ops.get(reverse("admin:mfa_authenticator_add")).status_code == 403
    shown = ops.get(reverse("admin:mfa_authenticator_change", args=[passkey.pk]))
    assert "credential" not in shown.content.decode()

    ops.post(reverse("admin:mfa_authenticator_delete", args=[passkey.pk]), {"post": "yes"})

    assert not Authenticator.objects.exists()
    event = Event.objects.get()
    assert (event.kind, event.person, str(event.by)) == ("passkey-removed", ada, "ops@demo.example")
    make_passkey(ada)
    ops.force_login(make_user("helper@demo.example", staff=True))
    assert ops.get(reverse("admin:mfa_authenticator_changelist")).status_code == 403
