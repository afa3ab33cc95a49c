"""Who gets in by a link, how often, and for how long."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from compliance.models import SignInLink, User
from portal.signin import links
from tests.signin.asking import (
    CODE,
    HOME,
    SIGN_IN,
    ask,
    awaited_mail,
    is_in,
)

pytestmark = pytest.mark.django_db


def test_the_link_signs_in_on_another_device(client: Client, ada: User) -> None:
    path = ask(client, wanted="/r/CMP-234567/").path
    phone = Client()

    page = phone.get(path)
    assert "Continue to your registrations" in page.content.decode()
    assert not phone.session.keys()
    response = phone.post(path)

    assert (response.status_code, response["Location"]) == (302, "/r/CMP-234567/")
    assert is_in(phone)
    assert not is_in(client)


def test_a_mail_scanner_that_opens_the_link_does_not_spend_it(client: Client, ada: User) -> None:
    path = ask(client).path
    scanner = Client()

    for _ in range(3):
        assert scanner.get(path).status_code == 200
        assert scanner.head(path).status_code == 200

    assert not is_in(scanner)
    assert client.post(path).status_code == 302
    assert is_in(client)


def test_the_page_of_the_link_tells_its_address_to_nobody(client: Client, ada: User) -> None:
    page = client.get(ask(client).path)

    assert page["Referrer-Policy"] == "strict-origin"
    assert "no-store" in page["Cache-Control"]


def test_the_button_needs_the_token_of_its_form(ada: User) -> None:
    client = Client(enforce_csrf_checks=True)
    path = links.new_link(ada, now=timezone.now()).removeprefix(settings.PUBLIC_URL)

    assert client.post(path).status_code == 403
    assert not is_in(client)


def test_signing_in_gives_the_session_a_new_name(client: Client, ada: User) -> None:
    path = ask(client).path
    before = client.session.session_key

    client.post(path)

    assert client.session.session_key != before


def test_a_used_link_says_so_and_sends_another(client: Client, ada: User) -> None:
    path = ask(client, wanted="/r/CMP-234567/").path
    client.post(path)
    other = Client()

    page = other.get(path)
    assert page.status_code == 410
    assert "This link has already been used" in page.content.decode()
    response = other.post(path, {"again": "1"})

    assert response["Location"] == f"{CODE}?next=%2Fr%2FCMP-234567%2F"
    again = awaited_mail(2)
    assert again.recipient == "ada@acme.example"
    assert other.post(again.path)["Location"] == "/r/CMP-234567/"


def test_who_presses_the_button_twice_is_let_through(client: Client, ada: User) -> None:
    path = ask(client, wanted="/r/CMP-234567/").path
    client.post(path)

    assert client.post(path)["Location"] == "/r/CMP-234567/"
    assert client.get(path)["Location"] == "/r/CMP-234567/"


def test_of_two_at_once_one_gets_in(ada: User) -> None:
    now = timezone.now()
    links.new_link(ada, now=now)
    link = SignInLink.objects.get()

    assert [links.consume(link, now=now), links.consume(link, now=now)] == [True, False]


def test_a_link_lasts_thirty_minutes(client: Client, ada: User) -> None:
    path = ask(client).path
    sent_at = timezone.now() - timedelta(minutes=31)
    SignInLink.objects.update(created_at=sent_at)

    page = client.post(path)

    assert page.status_code == 410
    assert not is_in(client)
    words = page.content.decode()
    assert "because links last 30 minutes. Your answers are safe." in words
    assert re.search(r"This link stopped working at \d+ \w+, \d\d:\d\d CES?T", words)


def test_a_newer_link_replaces_an_older_one(client: Client, ada: User) -> None:
    old = ask(client).path
    new = ask(client).path

    page = client.post(old)

    assert page.status_code == 410
    assert "There is a newer link" in page.content.decode()
    assert client.post(new).status_code == 302


def test_somebody_elses_link_replaces_none(client: Client, ada: User, ops: User) -> None:
    path = ask(client).path
    ask(client, email="ops@demo.example")
    client.post(SIGN_IN, {"email": "eve@acme.example"})

    assert client.post(path).status_code == 302


def test_a_link_that_was_never_sent(client: Client) -> None:
    page = client.get("/sign-in/link/abcdef/")

    assert page.status_code == 404
    assert "This link does not work" in page.content.decode()
    assert client.post("/sign-in/link/abcdef/", {"again": "1"})["Location"] == SIGN_IN


def test_the_link_of_a_person_who_was_blocked_since(client: Client, ada: User) -> None:
    path = ask(client).path
    User.objects.filter(pk=ada.pk).update(is_active=False)

    assert client.post(path).status_code == 404
    assert not is_in(client)


def test_new_links_for_an_old_one_are_throttled(client: Client, ada: User) -> None:
    path = ask(client).path
    SignInLink.objects.update(created_at=timezone.now() - timedelta(hours=1))

    answers = [client.post(path, {"again": "1"}).status_code for _ in range(3)]

    assert answers == [302, 302, 429]


def test_a_link_for_somebody_else_changes_who_is_signed_in(
    client: Client, ada: User, ops: User
) -> None:
    client.force_login(ops)
    path = links.new_link(ada, now=timezone.now()).removeprefix(settings.PUBLIC_URL)

    client.post(path)

    assert client.session["_auth_user_id"] == str(ada.pk)


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "r/x"],
)
def test_nobody_is_sent_elsewhere(client: Client, ada: User, wanted: str) -> None:
    sent = ask(client, wanted=wanted)

    assert client.post(sent.path)["Location"] == HOME
    other = Client()
    code = ask(other, wanted=wanted).code
    assert other.post(CODE, {"code": code, "next": wanted})["Location"] == HOME


def test_only_a_hash_of_the_secret_is_stored(client: Client, ada: User) -> None:
    token = ask(client).path.split("/")[-2]

    stored = str(list(SignInLink.objects.values()))

    assert token not in stored
    assert len(token) >= 40


def test_old_links_are_forgotten_after_a_month(ada: User) -> None:
    now = timezone.now()
    for days in (29, 31):
        links.new_link(ada, now=now - timedelta(days=days))

    SignInLink.forget_old(now=now)

    assert SignInLink.objects.get().created_at == now - timedelta(days=29)
