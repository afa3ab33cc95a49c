"""The whole way with a keyboard, and every page's stops on the smallest screen."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests import browsers
from tests.journey.conftest import Journey
from tests.journey.keys import Keyboard
from tests.journey.states import STATES
from tests.patience import until
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
    with browsers.profile(
        browser, viewport={"width": 320, "height": 256}, reduced_motion="reduce"
    ) as context:
        yield context.new_page()


@pytest.mark.parametrize("name", FULL)
def test_the_focus_is_always_seen_and_never_caught(
    name: str, small: "Page", journey: Journey
) -> None:
    state = STATES[name]
    small.goto("about:blank")
    small.unroute_all()
    small.goto(journey.enter(small.context, "other", state))
    if state.act:
        state.act(small)
        small.wait_for_load_state()
    small.eval_on_selector_all("details", "all => all.forEach(each => { each.open = true; })")

    stops = [stop["name"] for stop in Keyboard(small).stops()]

    assert any(state.button in stop for stop in stops), stops
    assert any("support@" in stop for stop in stops), stops


def test_the_whole_way_goes_without_a_mouse(page: "Page", journey: Journey) -> None:
    person = journey.build("other", STATES["home-due"])["person"]
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
    # Begun before the way there: the browser hears a moment later that the files' window is ours.
    with page.expect_file_chooser() as chooser:
        keys.press("Choose files")
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
    expect(page.locator("h1")).to_have_text("Sent for checking")
    keys.leave("See the status")
    expect(page.get_by_text("What happens next")).to_be_visible()


def mailed_link(journey: Journey, person: str) -> str:
    def found() -> str:
        for mail in journey.portal.mails():
            link = re.search(r"http://localhost:\d+/sign-in/link/\S+", mail.replace("=\n", ""))
            if link and f"To: {person}" in mail:
                return link.group()
        return ""

    return until(found, told=lambda: "no mail came")


def settle(journey: Journey, url: str) -> None:
    """What a worker would bring about: the answers have arrived, and nothing is missing."""
    reference = re.search(r"CMP-\w{6}", url)
    assert reference
    code = f"from tests.pages.scene import settle; settle('{reference.group()}')"
    journey.portal.manage("shell", "--no-imports", "-c", code)
