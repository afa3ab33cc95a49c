"""Who gets in by a code, how, and what everybody else learns: nothing."""

import re
import time

import pytest
from django.core import mail
from django.test import Client

from compliance.models import User
from tests.signin.asking import (
    CODE,
    SIGN_IN,
    ask,
    await_mails,
    is_in,
)

pytestmark = pytest.mark.django_db


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
