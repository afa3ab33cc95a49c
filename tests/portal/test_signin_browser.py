"""Signing in with a real browser, which has a say in it: it decides what to send with a form."""

import re
from collections.abc import Callable
from email import message_from_string, policy
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.patience import until
from tests.serving import Portal

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.browser

ADD_OPS = (
    "from compliance.models import User; User.objects.create_superuser('ops@demo.example');"
    "User.objects.create_user('ada@acme.example')"
)


def test_with_the_code_in_the_same_browser_and_the_link_on_another_device(
    running_portal: Callable[..., Portal], page: "Page", profile: Callable[..., "BrowserContext"]
) -> None:
    portal = running_portal()
    portal.manage("shell", "-c", ADD_OPS)

    # The page that was wanted, then the form, then the code.
    page.goto(f"{portal.base_url}/admin/")
    page.get_by_label("E-mail address").fill("ops@demo.example")
    page.get_by_role("button", name="Send me a link and a code").click()
    page.get_by_label("6-digit code").fill(code_in(newest_mail(portal, 1)))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{portal.base_url}/admin/")

    # Somebody else asks here and opens the link on a phone.
    page.context.clear_cookies()
    page.goto(f"{portal.base_url}/")
    page.get_by_label("E-mail address").fill("ada@acme.example")
    page.get_by_role("button", name="Send me a link and a code").click()
    link = link_in(newest_mail(portal, 2))
    phone = profile(viewport={"width": 360, "height": 740}, java_script_enabled=False).new_page()
    referrers: list[str] = []
    phone.on("request", lambda request: referrers.append(request.headers.get("referer", "")))
    phone.goto(link)
    phone.get_by_role("button", name="Continue to your registrations").click()
    phone.wait_for_url(f"{portal.base_url}/")
    expect(phone.get_by_role("button", name="Sign out")).to_be_visible()
    assert not [referrer for referrer in referrers if "/link/" in referrer]

    # And out again.
    phone.get_by_role("button", name="Sign out").click()
    phone.wait_for_url(f"{portal.base_url}/sign-in/")
    phone.goto(link)
    expect(phone.get_by_role("heading", name="This link has already been used")).to_be_visible()
    assert "/sign-in/link/" not in portal.log("web").replace("Gone: /sign-in/link/", "")


def newest_mail(portal: Portal, number: int) -> str:
    until(lambda: len(portal.mails()) >= number, told=lambda: "no mail was sent")
    mail = message_from_string(portal.mails()[-1].strip(), EmailMessage, policy=policy.default)
    text = mail.get_body(("plain",))
    assert text is not None
    return str(text.get_content())


def code_in(text: str) -> str:
    return re.findall(r"^\d{6}$", text, re.MULTILINE)[0]


def link_in(text: str) -> str:
    return re.findall(r"^http\S+/sign-in/link/\S+", text, re.MULTILINE)[0]
