"""Nobody learns who is known here: for an address that somebody has and for one that nobody has,
the same is answered and the same is done.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from compliance.models import Customer, SignInLink, User
from tests.factories import make_customer, make_user
from tests.signin.asking import await_mails

pytestmark = pytest.mark.django_db

UNKNOWN = "zed@acme.example"
KNOWN: dict[str, Callable[[Customer], User]] = {
    "editor": lambda acme: make_user("ada@acme.example", customer=acme),
    "staff": lambda acme: make_user("ada@acme.example", staff=True),
    "nobody's": lambda acme: make_user("ada@acme.example"),
    "deactivated": lambda acme: _deactivated(acme),
    "invited": lambda acme: _invited(acme),
}
TOKEN = re.compile(r'((?:csrfmiddlewaretoken" value|data-seconds)="|x-csrftoken": ")\w+')
# What is new each time for everybody.
NEW = ("X-Request-ID", "Expires", "Content-Length")


def _deactivated(acme: Customer) -> User:
    user = make_user("ada@acme.example", customer=acme)
    User.objects.filter(pk=user.pk).update(is_active=False)
    return user


def _invited(acme: Customer) -> User:
    user = make_user("ada@acme.example", customer=acme)
    User.objects.filter(pk=user.pk).update(is_hearsay=True)
    return user


@pytest.fixture(params=KNOWN)
def known(request: Any) -> Iterator[str]:
    cache.clear()
    yield KNOWN[request.param](make_customer()).email
    await_mails()


def seen(answer: HttpResponse, email: str) -> dict[str, Any]:
    """All that reaches a browser, without what is new each time."""
    body = TOKEN.sub(r"\1", answer.content.decode()).replace(email, "E")
    cookies = {
        name: {key: value for key, value in morsel.items() if key != "expires"}
        for name, morsel in answer.cookies.items()
    }
    headers = {name: value for name, value in answer.items() if name not in NEW}
    return {
        "status": answer.status_code,
        "body": body,
        "headers": headers,
        "cookies": cookies,
        "lengths": {name: len(morsel.value) for name, morsel in answer.cookies.items()},
    }


def ask(client: Client, email: str, **headers: str) -> HttpResponse:
    answer: HttpResponse = client.post("/sign-in/", {"email": email}, headers=headers)
    return answer


@pytest.mark.parametrize("language", ["en", "de"])
def test_each_answer_is_the_same_to_the_last_header(known: str, language: str) -> None:
    stories = []
    for email in (known, UNKNOWN):
        client, story = Client(headers={"accept-language": language}), []
        story.append(seen(ask(client, email), email))
        story.append(seen(client.get("/sign-in/code/"), email))
        # To the third wrong code, and beyond; and from the start again.
        story += [
            seen(client.post("/sign-in/code/", {"code": "12345"}), email) for _wrong in range(4)
        ]
        story += [seen(ask(client, email), email) for _again in range(4)]
        story.append(seen(client.get("/sign-in/"), email))
        stories.append(story)
    for one, other in zip(*stories, strict=True):
        assert one == other


def test_the_same_is_done_for_both_while_they_wait(known: str) -> None:
    """The same statements in the same order, and no password is hashed."""
    done = []
    for email in (known, UNKNOWN):
        cache.clear()
        with (
            CaptureQueriesContext(
                connection,
            ) as queries,
            patch.object(PBKDF2PasswordHasher, "encode", side_effect=AssertionError) as hashed,
        ):
            ask(Client(), email)
        done.append([shape(query["sql"]) for query in queries])
        assert not hashed.called
    assert done[0] == done[1]


def shape(sql: str) -> str:
    """A statement without its values."""
    return re.sub(r"'[^']*'|\b\d+\b|NULL|\"s\d+_x\d+\"", "?", sql)[:60]


def test_a_row_is_left_for_both_and_a_mail_goes_to_one(known: str) -> None:
    is_let_in = User.objects.get(email=known).is_active
    for email in (known, UNKNOWN):
        ask(Client(), email)
    await_mails()
    assert SignInLink.objects.count() == 2
    assert [message.to for message in mail.outbox] == ([[known]] if is_let_in else [])


def test_asking_for_one_uses_up_nothing_of_the_other(known: str) -> None:
    """Who has been asked for three times is not told by the address beside it."""
    for email in (known, UNKNOWN):
        client = Client()
        statuses = [ask(client, email).status_code for _ in range(4)]
        assert statuses == [302, 302, 302, 200], email
