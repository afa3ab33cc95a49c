"""How tests sign in, and read the mail that lets them."""

import re
import threading
from dataclasses import dataclass

from django.core import mail
from django.test import Client

from portal.signin.adapter import THREAD_NAME
from tests.patience import PATIENCE

SIGN_IN, CODE, HOME = "/sign-in/", "/sign-in/code/", "/"


@dataclass(frozen=True)
class SignInMail:
    recipient: str
    subject: str
    text: str
    page: str

    @property
    def link(self) -> str:
        found = re.search(r"\S+/sign-in/link/\S+", self.text)
        assert found, self.text
        return found[0]

    @property
    def path(self) -> str:
        return self.link.removeprefix("http://localhost:8000")

    @property
    def code(self) -> str:
        found = re.search(r"^\d{6}$", self.text, re.MULTILINE)
        assert found, self.text
        return found[0]


def awaited_mail(number: int = 1) -> SignInMail:
    """The mail of that number; it is sent a moment after the answer to the request."""
    await_mails()
    message = mail.outbox[number - 1]
    assert isinstance(message, mail.EmailMultiAlternatives)
    page = str(message.alternatives[0][0])
    return SignInMail(message.to[0], str(message.subject), str(message.body), page)


def await_mails() -> None:
    for thread in threading.enumerate():
        if thread.name == THREAD_NAME:
            thread.join(PATIENCE)


def ask(client: Client, email: str = "ada@acme.example", wanted: str = "") -> SignInMail:
    already = len(mail.outbox)
    response = client.post(SIGN_IN, {"email": email, "next": wanted})
    assert response.status_code == 302, response.content.decode()
    return awaited_mail(already + 1)


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session
