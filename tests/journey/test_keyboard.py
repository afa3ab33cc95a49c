"""The whole way with a keyboard, and every page's stops on the smallest screen."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.journey.conftest import Journey
from tests.journey.keys import Keyboard
from tests.journey.states import STATES
from tests.portal import specimens

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

# Of each kind of page the one with the most on it.
FULL = [
    "session-ending", "home-several", "fixing", "offers", "changes-third", "every-kind-with-errors",
    "document-with-files", "document-questioned", "matching", "send", "sent", "people", "settings",
    "sign-in", "code-with-errors", "403",
]  # fmt: skip
# Day 3 of last month: never to come, and never too old.
ISSUED = (datetime.now(UTC).replace(day=1) - timedelta(days=1)).date().replace(day=3)


@pytest.fixture(scope="module")
def small(browser: "Browser") -> Iterator["Page"]:
    """A screen of 1280 by 1024 at 400 %."""
    context = browser.new_context(
        viewport={"width": 320, "height": 256}, locale="en-GB", reduced_motion="reduce"
    )
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", FULL)
def test_the_focus_is_always_seen_and_never_caught(
    name: str, small: "Page", journey: Journey
) -> None:
    state = STATES[name]
    small.unroute_all()
    small.context.clear_cookies()
    journey.let_in(small.context, "other", state)
    small.goto(journey.url("other", state))
    if state.act:
        state.act(small)
    small.eval_on_selector_all("details", "all => all.forEach(each => { each.open = true; })")

    stops = [stop["name"] for stop in Keyboard(small).stops()]

    assert any(state.button in stop for stop in stops), stops
    assert any("support@" in stop for stop in stops), stops


def test_the_whole_way_goes_without_a_mouse(page: "Page", journey: Journey) -> None:
    person = "other-home-due@acme.example"
    keys = Keyboard(page)

    page.goto(f"{journey.portal.base_url}/")
    keys.press("Skip to main content")
    keys.type("E-mail address", person)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.goto(mailed_link(journey, person))
    keys.leave("Continue to your registrations")

    keys.leave("Update registration")
    keys.leave("Business details")
    keys.type("registration number", "HRB 98765")
    keys.type("E-mail", "office@acme.example")
    keys.leave("Save and continue")
    page.get_by_text("Saved: Business details").wait_for()

    keys.leave("Proof of the business name")
    keys.to("Choose files")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(
        [{"name": "scan.pdf", "mimeType": "application/pdf", "buffer": specimens.pdf()}]
    )
    page.get_by_text("scan.pdf is uploaded.").wait_for(state="attached")
    keys.type("Business name", "Acme GmbH")
    for part, value in (("Day", ISSUED.day), ("Month", ISSUED.month), ("Year", ISSUED.year)):
        keys.type(part, str(value))
    keys.leave("Save and continue")
    page.get_by_text("Saved: Proof of the business name").wait_for()

    settle(journey, page.url)
    page.get_by_role("heading", name="Everything is complete").wait_for()
    keys.leave("Check and send")
    keys.leave("Send for checking")
    assert page.locator("h1").inner_text() == "Sent for checking"
    keys.leave("See the status")
    assert page.get_by_text("What happens next").is_visible()


def mailed_link(journey: Journey, person: str) -> str:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for mail in journey.portal.mails():
            found = re.search(r"http://localhost:\d+/sign-in/link/\S+", mail.replace("=\n", ""))
            if found and f"To: {person}" in mail:
                return found.group()
        time.sleep(0.1)
    raise AssertionError("no mail came")


def settle(journey: Journey, url: str) -> None:
    """What a worker would bring about: the answers have arrived, and nothing is missing."""
    reference = re.search(r"CMP-\w{6}", url)
    assert reference
    code = f"from tests.pages.scene import settle; settle('{reference.group()}')"
    journey.portal.manage("shell", "--no-imports", "-c", code)
