"""Signing in, and being signed out."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.urls import reverse

from compliance.models import SignInLink, User
from portal.signin.links import consume, find, new_link
from tests.journey.states.state import Stage, state

if TYPE_CHECKING:
    from playwright.sync_api import Page

SIGN_IN = "/sign-in/"
SEND_LINK, NEW_LINK = "Send me a link and a code", "Send a new link"


@state("sign-in", heading="Sign in", sees="There is no password.", button=SEND_LINK,
       signed_in=False)  # fmt: skip
def _sign_in(stage: Stage) -> str:
    return SIGN_IN


def ask(page: "Page", email: str) -> None:
    page.locator("#email").fill(email)
    with page.expect_navigation():
        page.locator("main form .button-big").click()


def _nobody(page: "Page") -> None:
    ask(page, "nobody")


@state("sign-in-with-errors", heading="Sign in", sees="There is a problem", button=SEND_LINK,
       signed_in=False, act=_nobody)  # fmt: skip
def _sign_in_with_errors(stage: Stage) -> str:
    return SIGN_IN


def _somebody(page: "Page") -> None:
    ask(page, "somebody@acme.example")
    page.locator("#code").wait_for()


@state("code", heading="Check your mail", sees="a mail is on its way", button="Sign in",
       signed_in=False, act=_somebody)  # fmt: skip
def _code(stage: Stage) -> str:
    return SIGN_IN


def _wrong_code(page: "Page") -> None:
    _somebody(page)
    page.locator("#code").fill("000000")
    page.locator("main form .button-big").click()
    page.locator(".error-summary").wait_for()


@state("code-with-errors", heading="Check your mail", sees="There is a problem", button="Sign in",
       signed_in=False, act=_wrong_code)  # fmt: skip
def _code_with_errors(stage: Stage) -> str:
    return SIGN_IN


def link_of(user: User, stage: Stage, *, minutes: int = 0) -> str:
    made = stage.now - timedelta(minutes=minutes)
    return reverse("sign-in-link", args=[new_link(user, now=made).rstrip("/").rpartition("/")[2]])


@state("link", heading="Welcome", sees="You are about to sign in as",
       button="Continue to your registrations", signed_in=False)  # fmt: skip
def _link(stage: Stage) -> str:
    return link_of(stage.user, stage)


@state("link-used", heading="This link has already been used", sees="Each link works once.",
       button=NEW_LINK, signed_in=False, status=410)  # fmt: skip
def _link_used(stage: Stage) -> str:
    path = link_of(stage.user, stage)
    link = find(path.rstrip("/").rpartition("/")[2], now=stage.now).link
    assert isinstance(link, SignInLink)
    assert consume(link, now=stage.now)
    return path


@state("link-expired", heading="This link is too old", sees="Your answers are safe.",
       button=NEW_LINK, signed_in=False, status=410)  # fmt: skip
def _link_expired(stage: Stage) -> str:
    return link_of(stage.user, stage, minutes=45)


@state("link-replaced", heading="There is a newer link", sees="only the link in the newest one",
       button=NEW_LINK, signed_in=False, status=410)  # fmt: skip
def _link_replaced(stage: Stage) -> str:
    path = link_of(stage.user, stage)
    link_of(stage.user, stage)
    return path


@state("link-unknown", heading="This link does not work", sees="It may be incomplete",
       button=NEW_LINK, signed_in=False, status=404)  # fmt: skip
def _link_unknown(stage: Stage) -> str:
    return "/sign-in/link/no-such-link/"


def _nearly_ended(page: "Page") -> None:
    answer = '{"seconds": 100}'
    page.route(
        "**/session/", lambda route: route.fulfill(body=answer, content_type="application/json")
    )
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    page.locator("#session .ending").wait_for()


@state("session-ending", heading="Your registrations", sees="You will be signed out in 2 minutes",
       button="Stay signed in", act=_nearly_ended, scripted=True, makes_room=True)  # fmt: skip
def _session_ending(stage: Stage) -> str:
    return "/"
