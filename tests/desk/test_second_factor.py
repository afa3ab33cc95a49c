"""Staff show a second factor beside the mail before anything under /admin/ opens."""

import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from compliance.models import Event, User
from tests.factories import make_customer, make_user
from tests.pages.device import Device, age
from tests.signin.asking import await_mails, awaited_mail

pytestmark = pytest.mark.django_db

ASKED, SET_UP = "/sign-in/second/", "/sign-in/second/set-up/"
CODES, REMOVE = "/sign-in/second/codes/", "/sign-in/second/remove/"


@pytest.fixture(autouse=True)
def two_factors(settings: Any) -> Any:
    settings.STAFF_SECOND_FACTOR = True
    # The half minute of a code may be over before it is sent.
    settings.MFA_TOTP_TOLERANCE = 2
    cache.clear()
    yield
    await_mails()


@pytest.fixture
def sue() -> User:
    return make_user("sue@demo.example", name="Sue Support", staff=True)


def by_mail(user: User) -> Client:
    """Signed in as anybody can who reads this person's mail."""
    client = Client()
    client.post("/sign-in/", {"email": user.email})
    client.post("/sign-in/code/", {"code": awaited_mail().code})
    mail.outbox.clear()
    assert client.get("/settings/").status_code == 200
    return client


def code_for(secret: str) -> str:
    """What the app shows now. Each works once: the next try is with a new clock."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def with_app(client: Client) -> str:
    """Sets one up; its secret."""
    shown = client.get(SET_UP)
    secret: str = shown.context["secret"]
    assert client.post(SET_UP, {"code": code_for(secret)}).status_code == 302
    cache.clear()
    return secret


# --- Nobody gets past it -------------------------------------------------------------------------


def test_the_first_time_staff_set_one_up_before_the_admin_opens(sue: User) -> None:
    client = by_mail(sue)
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[0][0].startswith(ASKED)
    assert answer.redirect_chain[-1][0].startswith(SET_UP)
    assert "The admin opens after that" in answer.content.decode()


@pytest.mark.parametrize("path", ["/admin/", "/admin/compliance/renewal/", "/admin/no/such/page/"])
def test_every_page_under_admin_leads_there_and_back(sue: User, path: str) -> None:
    client = by_mail(sue)
    with_app(client)
    other = by_mail(sue)
    for method in ("get", "post"):
        answer = getattr(other, method)(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith(f"{ASKED}?next=%2Fadmin%2F")


def test_a_code_opens_it_and_leads_on(sue: User) -> None:
    secret = with_app(by_mail(sue))
    client = by_mail(sue)
    asked = client.get("/admin/compliance/renewal/")["Location"]
    assert "Code from your authenticator app" in client.get(asked).content.decode()
    wrong = client.post(asked, {"code": "000000"})
    assert "There is a problem" in wrong.content.decode()
    assert client.get("/admin/").status_code == 302

    before = client.session.session_key
    answer = client.post(asked, {"code": code_for(secret)})
    assert answer["Location"] == "/admin/compliance/renewal/"
    assert client.session.session_key != before
    assert client.get("/admin/").status_code == 200
    assert by_mail(sue).get("/admin/").status_code == 302


def test_a_code_works_once(sue: User) -> None:
    secret = with_app(by_mail(sue))
    code = code_for(secret)
    assert by_mail(sue).post(ASKED, {"code": code}).status_code == 302
    assert by_mail(sue).post(ASKED, {"code": code}).status_code == 200


def test_guessing_is_throttled(sue: User) -> None:
    secret = with_app(by_mail(sue))
    client = by_mail(sue)
    for guess in range(12):
        client.post(ASKED, {"code": f"{guess:06}"})
    client.post(ASKED, {"code": code_for(secret)})
    assert client.get("/admin/").status_code == 302


def test_guessing_ends_the_session_although_redis_is_away(sue: User, settings: Any) -> None:
    """Which counts the tries of a person, whatever the session."""
    secret = with_app(by_mail(sue))
    client = by_mail(sue)
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    for guess in range(10):
        answer = client.post(ASKED, {"code": f"{guess:06}"})
    assert answer["Location"].startswith("/sign-in/")
    client.post(ASKED, {"code": code_for(secret)})
    assert client.get("/admin/")["Location"].startswith("/admin/login/")


def test_guessing_a_code_to_remove_the_app_ends_the_session_too(sue: User, settings: Any) -> None:
    client = by_mail(sue)
    with_app(client)
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    for guess in range(10):
        answer = client.post(REMOVE, {"code": f"{guess:06}"})
    assert answer["Location"].startswith("/sign-in/")
    assert client.get("/admin/")["Location"].startswith("/admin/login/")


def test_a_recovery_code_does_once(sue: User) -> None:
    first = by_mail(sue)
    with_app(first)
    shown = first.get(CODES)
    codes = shown.context["codes"]
    assert len(codes) == 10
    assert codes[0] in shown.content.decode()
    client = by_mail(sue)
    assert client.post(ASKED, {"code": codes[0]}).status_code == 302
    assert client.get("/admin/").status_code == 200
    assert by_mail(sue).post(ASKED, {"code": codes[0]}).status_code == 200


def test_a_passkey_is_both_at_once(sue: User) -> None:
    device = Device()
    first = by_mail(sue)
    device.add(first)
    assert first.get("/admin/").status_code == 200

    assert by_mail(sue).get("/admin/").status_code == 302
    client = Client()
    assert device.sign_in(client)["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_the_page_offers_what_the_person_has(sue: User) -> None:
    Device().add(by_mail(sue))
    page = by_mail(sue).get(ASKED).content.decode()
    assert "Sign in with a passkey" in page
    assert "Code from your authenticator app" not in page


def test_a_mailbox_alone_gets_no_other_factor(sue: User) -> None:
    first = by_mail(sue)
    with_app(first)
    intruder = by_mail(sue)
    passkey = Authenticator.objects.latest("pk").pk
    for path in (
        SET_UP,
        CODES,
        "/settings/passkeys/add/",
        f"/settings/passkeys/{passkey}/",
        f"/settings/passkeys/{passkey}/remove/",
    ):
        for method in ("get", "post"):
            answer = getattr(intruder, method)(path)
            assert answer["Location"].startswith(ASKED), path
    assert first.get("/settings/passkeys/add/").status_code == 200


def test_setting_one_up_needs_a_sign_in_of_just_now(sue: User) -> None:
    client = by_mail(sue)
    age(client, hours=1)
    assert "/sign-in/again/" in client.get(SET_UP)["Location"]


def test_another_persons_records_in_the_session_do_not_count(sue: User) -> None:
    client = by_mail(sue)
    with_app(client)
    assert client.get("/admin/").status_code == 200
    other = make_user("otto@demo.example", staff=True)
    client.force_login(other)
    assert client.get("/admin/").status_code == 302


# --- Lost ----------------------------------------------------------------------------------------


def test_an_operator_takes_a_lost_one_away_and_its_owner_sets_up_another(sue: User) -> None:
    client = by_mail(sue)
    with_app(client)
    assert client.get("/admin/").status_code == 200
    app = Authenticator.objects.get(type="totp")
    operator = User.objects.create_superuser("olga@demo.example")
    desk = by_mail(operator)
    with_app(desk)
    delete = reverse("admin:mfa_authenticator_delete", args=[app.pk])
    assert desk.post(delete, {"post": "yes"}).status_code == 302

    assert not Authenticator.objects.filter(user=sue).exists()
    event = Event.objects.get(kind="authenticator-app-removed")
    assert (event.person, event.by) == (sue, operator)
    # What was opened with it is closed.
    assert client.get("/admin/").status_code == 302
    assert by_mail(sue).get("/admin/", follow=True).redirect_chain[-1][0].startswith(SET_UP)


@pytest.mark.parametrize("by", ["app", "recovery code"])
def test_its_owner_removes_it_with_a_code_and_sets_up_another(sue: User, by: str) -> None:
    client = by_mail(sue)
    secret = with_app(client)
    codes = client.get(CODES).context["codes"]
    assert REMOVE in client.get(SET_UP).content.decode()
    for wrong in ("", "000000"):
        page = client.post(REMOVE, {"code": wrong})
        assert "There is a problem" in page.content.decode()
    assert Authenticator.objects.filter(user=sue, type="totp").exists()
    cache.clear()

    answer = client.post(REMOVE, {"code": code_for(secret) if by == "app" else codes[0]})

    assert answer["Location"] == SET_UP
    assert not Authenticator.objects.filter(user=sue).exists()
    event = Event.objects.get(kind="authenticator-app-removed")
    assert (event.person, event.by) == (sue, sue)
    assert client.get("/admin/").status_code == 302
    with_app(client)
    assert client.get("/admin/").status_code == 200


def test_a_session_alone_or_a_mailbox_alone_removes_none(sue: User) -> None:
    client = by_mail(sue)
    with_app(client)
    age(client, hours=1)
    assert client.get(REMOVE)["Location"].startswith("/sign-in/again/")
    anew = by_mail(sue)
    assert anew.get(REMOVE)["Location"].startswith(ASKED)
    assert anew.post(REMOVE, {"code": "000000"})["Location"].startswith(ASKED)
    assert Authenticator.objects.filter(user=sue, type="totp").exists()


def test_who_has_no_app_is_led_to_set_one_up(sue: User) -> None:
    assert by_mail(sue).get(REMOVE)["Location"] == SET_UP


def test_secrets_are_sealed_in_the_database(sue: User) -> None:
    secret = with_app(by_mail(sue))
    assert secret not in str(list(Authenticator.objects.values_list("data", flat=True)))


def test_a_secret_whose_key_is_gone_is_said_not_guessed(sue: User, settings: Any) -> None:
    secret = with_app(by_mail(sue))
    settings.ENCRYPTION_KEYS = ["qP4dD6mQm0VbYwO5n0wYc1m3mA2p3sV1gq0m8dYb0uQ="]
    answer = by_mail(sue).post(ASKED, {"code": code_for(secret)})
    assert "Ask an operator to remove it" in answer.content.decode()


# --- Whom it does not concern --------------------------------------------------------------------


def test_customers_are_never_asked(client: Client) -> None:
    client.force_login(make_user("ada@acme.example", customer=make_customer()))
    assert client.get("/").status_code == 200
    assert client.get("/settings/passkeys/add/").status_code == 200
    assert client.get(ASKED).status_code == 404
    assert client.get(SET_UP).status_code == 404


def test_staff_are_not_asked_on_their_own_pages(sue: User) -> None:
    client = by_mail(sue)
    assert client.get("/").status_code == 200


def test_it_can_be_switched_off(sue: User, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False
    assert by_mail(sue).get("/admin/").status_code == 200
