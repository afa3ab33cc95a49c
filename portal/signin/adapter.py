"""Where allauth asks how we want it."""

import logging
import secrets
from threading import Timer
from typing import Any, ClassVar
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from compliance import people, sealing
from compliance.models import User
from portal.signin.links import lifetime_in_words, new_link, own_page, wanted_page

logger = logging.getLogger(__name__)

# The mail is written and sent after the answer has gone: a mail server takes its time, and only for
# an address that is known here.
AFTER_THE_ANSWER = 0.2
THREAD_NAME = "sign-in-mail"


class Adapter(DefaultAccountAdapter):
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "incorrect_code": _("This is not the code from the newest mail. Check the six digits."),
        "too_many_login_attempts": _(
            "There were too many attempts in a short time. Wait a minute, then try again."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def generate_login_code(self) -> str:
        return f"{secrets.randbelow(10**6):06}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """The one mail that allauth sends here: the code. Our link goes along with it."""
        request = context["request"]
        send_later(request.asks_to_sign_in, code=context["code"], wanted=wanted_page(request))

    def is_safe_url(self, url: str | None) -> bool:
        return bool(url and own_page(url))

    def get_login_stages(self) -> list[str]:
        """A passkey is a way in of its own: who comes by mail is not asked for it as well."""
        stages: list[str] = super().get_login_stages()
        return [stage for stage in stages if not stage.startswith("allauth.mfa.")]

    def pre_login(self, request: HttpRequest, user: User, **values: Any) -> HttpResponse | None:
        """A code that went to an address which is this person's no more signs nobody in."""
        email = values.get("email")
        if email and email.lower() != user.email:
            return redirect("account_login")
        response: HttpResponse | None = super().pre_login(request, user, **values)
        return response

    def login(self, request: HttpRequest, user: User) -> None:
        """Whichever way they came."""
        super().login(request, user)
        people.joined(user, now=timezone.now())

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Our pages say themselves what has happened."""

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Without a wanted page: staff to their desk, everyone else to their registrations."""
        user = request.user
        if isinstance(user, User) and user.is_staff and not user.memberships.exists():
            return reverse("admin:index")
        return str(super().get_login_redirect_url(request))


class PasskeyAdapter(DefaultMFAAdapter):
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("That did not work. Please try again."),
    }

    def generate_authenticator_name(self, *args: Any, **kwargs: Any) -> str:
        """The owner finds one."""
        return ""

    def encrypt(self, text: str) -> str:
        """The secrets of authenticator apps and recovery codes."""
        return sealing.wrap(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """:raises sealing.Unreadable: its key is gone."""
        return sealing.unwrap(encrypted_text.encode()).decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Where passkeys are good: at our own address, whatever the request says."""
        return {"id": urlsplit(settings.PUBLIC_URL).hostname or "", "name": settings.BRAND_NAME}


def send_later(user: User | None, *, code: str, wanted: str) -> None:
    """Mail the code and a fresh link. For nobody (None) the same is done, but for the mail, so that
    the time which the answer takes does not tell who is known here."""
    link = new_link(user, wanted=wanted, now=timezone.now())
    mail = [user.email, user.language, code, link] if user is not None else None
    sending = Timer(AFTER_THE_ANSWER, send if mail else int, mail)
    sending.name = THREAD_NAME
    sending.start()


def send(email: str, language: str, code: str, link: str) -> None:
    context: dict[str, Any] = {
        "brand_name": settings.BRAND_NAME,
        "code": code,
        "link": link,
        "code_minutes": settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT // 60,
    }
    with translation.override(language):
        context["link_lifetime"] = lifetime_in_words(settings.SIGN_IN_LINK_LIFETIME)
        subject = render_to_string("account/email/login_code_subject.txt", context)
        mail = EmailMultiAlternatives(
            subject=" ".join(subject.split()),
            body=render_to_string("account/email/login_code_message.txt", context),
            to=[email],
            headers={"Auto-Submitted": "auto-generated"},
        )
        page = render_to_string("account/email/login_code_message.html", context)
    mail.attach_alternative(page, "text/html")
    try:
        mail.send()
    except OSError as error:
        # Not the address, which the error repeats: logs are read by more people than may know who
        # uses this.
        logger.error("A sign-in mail could not be sent: %s.", type(error).__name__)
