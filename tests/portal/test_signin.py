"""Who gets in, how, and what everybody else learns: nothing."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client, override_settings
from django.utils import timezone

from compliance.models import Customer, Membership, SignInLink, User
from portal.signin import links
from tests.portal.signing_in import SignInMail, await_mails, awaited_mail

pytestmark = pytest.mark.django_db

SIGN_IN, CODE, HOME = "/sign-in/", "/sign-in/code/", "/"


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """Throttled by no earlier test, and no mail comes late into the next one."""
    cache.clear()
    yield
    await_mails()


@pytest.fixture
def ada() -> User:
    user = User.objects.create_user("ada@acme.example", name="Ada Stern")
    customer = Customer.objects.create(name="Acme GmbH", time_zone="Europe/Berlin")
    Membership.objects.create(user=user, customer=customer)
    return user


@pytest.fixture
def ops() -> User:
    return User.objects.create_superuser("ops@demo.example")


def ask(client: Client, email: str = "ada@acme.example", wanted: str = "") -> SignInMail:
    already = len(mail.outbox)
    response = client.post(SIGN_IN, {"email": email, "next": wanted})
    assert response.status_code == 302, response.content.decode()
    return awaited_mail(already + 1)


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


# --- The code ---------------------------------------------------------------------------------


def test_the_page_says_what_will_happen(client: Client) -> None:
    page = client.get(SIGN_IN).content.decode()

    assert "Enter your e-mail. We will send a link and a 6-digit code." in page
    assert "password" not in page.lower().replace("there is no password", "")


def test_the_code_signs_in_and_leads_to_the_wanted_page(client: Client, ada: User) -> None:
    code = ask(client, wanted="/r/CMP-234567/").code

    response = client.post(CODE, {"code": code, "next": "/r/CMP-234567/"})

    assert (response.status_code, response["Location"]) == (302, "/r/CMP-234567/")
    assert is_in(client)


def test_the_address_is_taken_however_it_is_written(client: Client, ada: User) -> None:
    sent = ask(client, email="  Ada@ACME.example ")

    assert sent.recipient == "ada@acme.example"


def test_a_pasted_code_may_have_a_space(client: Client, ada: User) -> None:
    code = ask(client).code

    client.post(CODE, {"code": f" {code[:3]} {code[3:]} "})

    assert is_in(client)


def test_the_code_works_in_no_other_browser(client: Client, ada: User) -> None:
    code = ask(client).code
    other = Client()

    response = other.post(CODE, {"code": code}, follow=True)

    assert not is_in(other)
    assert "This code has stopped working" in response.content.decode()


def test_the_code_works_in_no_other_browser_that_waits_for_one(client: Client, ada: User) -> None:
    other = Client()
    code = ask(client).code
    ask(other)

    other.post(CODE, {"code": code})

    assert not is_in(other)


def test_the_code_works_once(client: Client, ada: User) -> None:
    code = ask(client).code
    client.post(CODE, {"code": code})
    client.post("/sign-out/")

    client.post(CODE, {"code": code})

    assert not is_in(client)


def test_three_wrong_codes_end_it(client: Client, ada: User) -> None:
    code = ask(client).code
    wrong = "000000" if code != "000000" else "111111"

    answers = [client.post(CODE, {"code": wrong}) for _ in range(3)]
    last = client.post(CODE, {"code": code})

    assert "This is not the code from the newest mail" in answers[0].content.decode()
    assert answers[2].status_code == 302
    assert last.status_code == 302
    assert not is_in(client)


def test_the_code_lasts_ten_minutes(
    client: Client, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = ask(client).code
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + 601)

    response = client.post(CODE, {"code": code}, follow=True)

    monkeypatch.undo()
    assert not is_in(client)
    assert "This code has stopped working" in response.content.decode()


def test_who_comes_back_to_the_first_page_may_correct_the_address(
    client: Client, ada: User
) -> None:
    client.post(SIGN_IN, {"email": "adda@acme.example"})

    page = client.get(SIGN_IN)

    assert page.status_code == 200
    assert ask(client).recipient == "ada@acme.example"


# --- Nobody learns who is known here ----------------------------------------------------------


def normalised(page: bytes, email: str) -> str:
    text = page.decode().replace(email, "E")
    return re.sub(r'csrfmiddlewaretoken" value="\w+"|x-csrftoken": "\w+"', "", text)


@pytest.mark.parametrize("active", [True, False])
def test_known_and_unknown_addresses_get_the_same_answer(ada: User, active: bool) -> None:
    User.objects.filter(pk=ada.pk).update(is_active=active)
    answers = []
    for email in ("ada@acme.example", "eve@acme.example"):
        client = Client()
        first = client.post(SIGN_IN, {"email": email})
        second = client.get(first["Location"])
        third = client.post(CODE, {"code": "123456"})
        answers.append(
            (
                (first.status_code, sorted(first.cookies), first["Location"]),
                (second.status_code, normalised(second.content, email)),
                (third.status_code, normalised(third.content, email)),
            )
        )

    assert answers[0] == answers[1]


def test_an_unknown_address_gets_no_mail_and_no_code_opens(client: Client, ada: User) -> None:
    client.post(SIGN_IN, {"email": "eve@acme.example"})

    for code in ("000000", "-", " ", "None"):
        client.post(CODE, {"code": code})

    await_mails()
    assert mail.outbox == []
    assert not is_in(client)


def test_a_person_who_was_blocked_gets_no_mail(client: Client, ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(is_active=False)

    client.post(SIGN_IN, {"email": "ada@acme.example"})

    await_mails()
    assert mail.outbox == []


def test_an_address_that_support_took_away_opens_nothing(client: Client, ada: User) -> None:
    code = ask(client).code
    client.post(CODE, {"code": code})
    client.post("/sign-out/")
    User.objects.filter(pk=ada.pk).update(email="new@acme.example")

    client.post(SIGN_IN, {"email": "ada@acme.example"})

    await_mails()
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("email", ["ada@acme.example", "eve@acme.example"])
def test_an_address_is_asked_for_three_times_a_minute(
    client: Client, ada: User, email: str
) -> None:
    answers = [client.post(SIGN_IN, {"email": email}) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [302, 302, 302, 200]
    assert "too many attempts in a short time" in answers[3].content.decode()


def test_one_machine_asks_twenty_times_a_minute(client: Client) -> None:
    answers = [client.post(SIGN_IN, {"email": f"eve{n}@acme.example"}) for n in range(21)]

    assert [answer.status_code for answer in answers] == [302] * 20 + [200]


@pytest.mark.parametrize(
    ("typed", "words"),
    [("", "Enter your e-mail address."), ("ada", "in the form name@example.com")],
)
def test_a_mistyped_address_is_said_next_to_the_field(
    client: Client, typed: str, words: str
) -> None:
    page = client.post(SIGN_IN, {"email": typed}).content.decode()

    assert words in page
    assert "<title>Error: Sign in" in page
    assert f'value="{typed}"' in page


@pytest.mark.parametrize(
    "path",
    ["/accounts/signup/", "/sign-in/signup/", "/sign-in/password/reset/", "/accounts/login/"],
)
def test_there_is_no_signing_up_and_no_password(client: Client, path: str) -> None:
    assert client.get(path).status_code in (302, 404)
    assert client.get(path, follow=True).redirect_chain[:1] != [("/sign-up/", 302)]


# --- The link ---------------------------------------------------------------------------------


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


# --- The mail ---------------------------------------------------------------------------------


def test_the_mail_speaks_the_persons_language_and_has_both_ways_in_both_parts(
    client: Client, ada: User
) -> None:
    sent = ask(client)

    assert sent.code in sent.subject
    for part in (sent.text, sent.page):
        assert sent.code in part
        assert sent.link in part
        assert "30 minutes" in part
        assert "10 minutes" in part
    assert sent.link.startswith("http://localhost:8000/sign-in/link/")


@override_settings(EMAIL_BACKEND="tests.portal.broken_mail.Backend")
def test_a_mail_server_that_is_away_breaks_nothing(
    client: Client, ada: User, caplog: pytest.LogCaptureFixture
) -> None:
    response = client.post(SIGN_IN, {"email": "ada@acme.example"})

    await_mails()
    assert response.status_code == 302
    assert "could not be sent" in caplog.text
    assert "ada@acme.example" not in caplog.text


# --- Inside -----------------------------------------------------------------------------------


def test_a_page_that_needs_signing_in_is_kept(client: Client) -> None:
    response = client.get("/r/CMP-234567/")

    assert response["Location"] == "/sign-in/?next=/r/CMP-234567/"
    assert 'name="next" value="/r/CMP-234567/"' in client.get(response["Location"]).content.decode()


def test_staff_come_to_the_admin_by_the_same_way(client: Client, ops: User) -> None:
    asked = client.get("/admin/", follow=True)
    assert asked.redirect_chain[-1][0] == "/sign-in/?next=/admin/"

    response = client.post(ask(client, email="ops@demo.example").path)

    assert response["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_a_customer_does_not_come_into_the_admin(client: Client, ada: User) -> None:
    client.force_login(ada)

    assert client.get("/admin/", follow=True).status_code == 403


def test_after_signing_in_the_pages_speak_the_persons_language(client: Client, ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(language="de")
    client.post(ask(client).path)

    assert client.get(HOME, headers={"accept-language": "fr"})["Content-Language"] == "de"


def test_a_person_without_any_customer_is_told_whom_to_ask(client: Client) -> None:
    client.force_login(User.objects.create_user("new@acme.example"))

    page = client.get(HOME).content.decode()

    assert "We do not have any registrations for this address." in page


def test_signing_out_is_a_deed(client: Client, ada: User) -> None:
    client.force_login(ada)

    assert client.get("/sign-out/").status_code == 405
    assert is_in(client)
    assert client.post("/sign-out/")["Location"] == SIGN_IN
    assert not is_in(client)


def test_who_is_signed_in_needs_no_signing_in(client: Client, ada: User) -> None:
    client.force_login(ada)

    assert client.get(SIGN_IN)["Location"] == HOME
    assert client.get(f"{SIGN_IN}?next=/r/CMP-234567/")["Location"] == "/r/CMP-234567/"
