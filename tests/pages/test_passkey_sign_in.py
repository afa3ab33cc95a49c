"""Signing in with a passkey, and with nothing that only looks like one."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import timezone

from compliance.models import User
from tests.factories import make_user
from tests.pages.device import ADD, SIGN_IN, UNCHECKED, Device, age, make_passkey
from tests.pages.reading import words
from tests.signin.asking import await_mails, awaited_mail


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    cache.clear()
    yield
    await_mails()


@pytest.fixture
def device(client: Client) -> Device:
    """With a passkey of Ada's."""
    device = Device()
    assert device.add(client)["Location"] == "/settings/"
    return device


def test_it_signs_in_without_an_address_and_leads_to_the_wanted_page(
    device: Device, ada: User
) -> None:
    client = Client()

    assert device.sign_in(client, wanted="/settings/")["Location"] == "/settings/"

    assert "Last used not yet" not in words(client.get("/settings/"))
    assert "ada@acme.example" in words(client.get("/settings/"))
    assert ada.memberships.get().joined_at is not None


def test_without_a_wanted_page_everybody_comes_home(device: Device) -> None:
    ops = Client()
    ops.force_login(make_user("ops@demo.example", staff=True))
    other = Device()
    other.add(ops)

    assert device.sign_in(Client(), wanted="https://evil.example/")["Location"] == "/"
    assert other.sign_in(Client())["Location"] == "/admin/"


def test_the_session_has_a_new_name_and_the_usual_limits(device: Device) -> None:
    client = Client()
    client.get(SIGN_IN)
    before = client.session.session_key

    device.sign_in(client)

    assert client.session.session_key != before
    assert 1700 < client.get("/session/").json()["seconds"] <= 1800
    session = client.session
    session["seen_at"] = (timezone.now() - timedelta(minutes=31)).timestamp()
    session.save()
    assert client.get("/").status_code == 302


@pytest.mark.parametrize(
    "changes",
    [{"userHandle": "Mg"}, {"userHandle": ""}, {"signature": "AAAA"}, {"authenticatorData": "AA"}],
)
def test_an_answer_that_was_meddled_with_signs_nobody_in(
    device: Device, bob: Client, changes: dict[str, str]
) -> None:
    client = Client()

    assert device.sign_in(client, **changes)["Location"] == "/sign-in/"
    assert "_auth_user_id" not in client.session


def test_an_answer_is_good_once_and_in_the_browser_that_asked(device: Device) -> None:
    client, thief = Client(), Client()
    answer = {"credential": device.answer(client.get(SIGN_IN).json()["publicKey"])}
    thief.get(SIGN_IN)

    thief.post(SIGN_IN, answer)
    assert "_auth_user_id" not in thief.session
    client.post(SIGN_IN, answer)
    assert "_auth_user_id" in client.session
    client.post("/sign-out/")
    client.post(SIGN_IN, answer)
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("changed", ["flags", "origin"])
def test_an_unlocked_phone_or_another_page_is_not_enough(device: Device, changed: str) -> None:
    client = Client()
    if changed == "flags":
        device.flags = UNCHECKED
    else:
        device.origin = "https://evil.example"

    assert device.sign_in(client)["Location"] == "/sign-in/"


def test_a_passkey_that_was_removed_or_whose_owner_is_blocked_does_not_sign_in(
    device: Device, ada: User
) -> None:
    User.objects.filter(pk=ada.pk).update(is_active=False)
    blocked = Client()
    assert device.sign_in(blocked)["Location"] == "/sign-in/"
    assert "This passkey does not sign in here." in words(blocked.get("/sign-in/"))
    User.objects.filter(pk=ada.pk).update(is_active=True)
    Authenticator.objects.all().delete()
    assert device.sign_in(Client())["Location"] == "/sign-in/"


def test_it_does_for_signing_in_once_more(device: Device, client: Client) -> None:
    age(client, hours=1)
    detour = client.get(ADD)["Location"]
    assert 'id="passkey"' in client.get(detour).content.decode()

    assert device.sign_in(client, wanted=ADD)["Location"] == ADD

    assert client.get(ADD).status_code == 200


def test_the_device_is_asked_for_any_passkey_and_never_for_somebodys(ada: User) -> None:
    make_passkey(ada)

    asked = Client().get(SIGN_IN, {"email": ada.email}).json()["publicKey"]

    assert not asked.get("allowCredentials")
    assert asked["userVerification"] == "required"
    assert asked["rpId"] == "localhost"


@pytest.mark.parametrize("asked_before", [True, False])
@pytest.mark.parametrize(
    "credential",
    ["", "{}", "[]", "7", "null", "not json", '{"id": "x"}', '{"response": {"userHandle": "MQ"}}'],
)
def test_what_is_no_passkey_signs_nobody_in(ada: User, credential: str, asked_before: bool) -> None:
    make_passkey(ada)
    client = Client()
    if asked_before:
        client.get(SIGN_IN)

    answer = client.post(SIGN_IN, {"credential": credential, "next": "/people/"})

    assert answer["Location"] == "/sign-in/?next=/people/"
    assert "This passkey does not sign in here." in words(client.get(answer["Location"]))
    assert "_auth_user_id" not in client.session


def test_signing_in_with_passkeys_is_throttled(db: None) -> None:
    client = Client()

    for _number in range(41):
        answer = client.post(SIGN_IN, {"credential": "{}"})

    assert client.get(SIGN_IN).status_code == 429

    assert "too many attempts" in words(client.get(answer["Location"]))


def test_a_passkey_is_no_second_step_after_the_mail(ada: User) -> None:
    make_passkey(ada)
    client = Client()
    client.post("/sign-in/", {"email": ada.email})

    assert client.post("/sign-in/code/", {"code": awaited_mail().code})["Location"] == "/"
    assert client.get("/settings/").status_code == 200


def test_allauths_own_pages_do_not_exist() -> None:
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}

    assert not [name for name in names if name.startswith("mfa")]
    assert {name for name in names if name.startswith("account_")} == {
        "account_login",
        "account_logout",
        "account_request_login_code",
        "account_confirm_login_code",
    }
    for name in ("mfa_index", "account_signup", "account_change_password", "account_email"):
        with pytest.raises(NoReverseMatch):
            reverse(name)
