"""What only a real browser tells: focus, narrow screens, the policy, life without JavaScript.

The portal runs as a web server alone: no worker touches the rows, and no broker is there.
"""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from compliance.sandbox import seed
from tests import servers
from tests.browsers import await_event
from tests.patience import until
from tests.serving import Portal, fresh_database

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Route

pytestmark = pytest.mark.browser


@dataclass
class Scene:
    portal: Portal
    session: str
    references: dict[str, str]

    def let_in(self, context: "BrowserContext") -> None:
        url = self.portal.base_url
        context.add_cookies([{"name": "session", "value": self.session, "url": url}])

    def url(self, name: str, page: str = "") -> str:
        return f"{self.portal.base_url}/r/{self.references[name]}/{page}"

    def settle(self, name: str) -> None:
        call(self.portal, f"settle('{self.references[name]}')")


def call(portal: Portal, what: str) -> str:
    code = f"from tests.pages.scene import *; {what}"
    return portal.manage("shell", "--no-imports", "-c", code)


def web_alone(folder: Path, **more: str) -> Portal:
    port = servers.free_port()
    env = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": os.environ["SECRET_KEY"],
        "ENCRYPTION_KEYS": os.environ["ENCRYPTION_KEYS"],
        "DEMO": "true",
        "PUBLIC_URL": f"http://localhost:{port}",
        "ALLOWED_HOSTS": "localhost",
        "BIND": f"127.0.0.1:{port}",
        "DATABASE_URL": fresh_database("sqlite", folder),
        # Nobody listens there, and so no worker is started beside the web server.
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "EMAIL_URL": f"filemail:///{folder / 'mail'}",
        "TWILIO_ACCOUNT_SID": seed.ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": seed.AUTH_TOKEN,
        "TWILIO_BASE_URL": "http://127.0.0.1:1",
        **more,
    }
    portal = Portal(folder=folder, port=port, database="sqlite", broker="redis", env=env)
    portal.start_web()
    return portal


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    portal = web_alone(tmp_path_factory.mktemp("web"))
    try:
        made: dict[str, Any] = json.loads(call(portal, "build()").splitlines()[-1])
        yield Scene(portal=portal, session=made.pop("session"), references=made)
    finally:
        portal.stop()


@pytest.fixture
def at(page: "Page", scene: Scene) -> Callable[..., "Page"]:
    """Opens one of Ada's pages."""
    scene.let_in(page.context)

    def go(name: str, where: str = "") -> "Page":
        page.goto(scene.url(name, where))
        return page

    return go


PAGES = [
    *((name, "") for name in ("fixing", "checking", "late", "ready", "reviewed", "refused")),
    ("fixing", "details/"),
    ("fixing", "business_name_info/"),
    ("late", "business_name_info/"),
    ("late", "business_address_info/"),
    ("refused", "business_name_info/"),
    ("ready", "send/"),
    ("reviewed", "sent/"),
    ("fixing", "no-such-task/"),
    ("fixing", "../../"),
]


def test_no_page_scrolls_sideways_on_the_smallest_phone_or_breaks_the_policy(
    at: Callable[..., "Page"], page: "Page"
) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))

    for name, where in PAGES:
        at(name, where)
        # Whatever is folded away counts, too.
        page.eval_on_selector_all("details", "all => all.forEach(d => d.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") == 320, (name, where)

    assert [text for text in complaints if "404" not in text] == []


def test_when_the_stage_changes_reading_goes_on_at_the_heading(
    at: Callable[..., "Page"], scene: Scene
) -> None:
    page = at("checking")
    expect(page.get_by_text("We are checking them now")).to_be_visible()

    scene.settle("checking")
    page.get_by_role("heading", name="Everything is complete").wait_for()

    expect(page.locator("h1")).to_be_focused()
    expect(page.locator("#live")).to_have_text("Ready to send")
    expect(page.locator("[data-hx-get]")).to_have_count(0)


def test_a_page_with_errors_starts_at_their_summary(at: Callable[..., "Page"]) -> None:
    page = at("fixing", "details/")
    page.get_by_label("E-mail").fill("nobody")

    page.get_by_role("button", name="Save and continue").click()
    page.get_by_role("heading", name="There is a problem").wait_for()

    expect(page.locator(".error-summary")).to_be_focused()
    page.get_by_role("link", name="Enter an e-mail address in the correct format").click()
    expect(page.locator("[name=f-email]")).to_be_focused()
    expect(page.get_by_label("E-mail")).to_have_value("nobody")


def test_the_parts_of_a_new_address_come_with_its_choice(at: Callable[..., "Page"]) -> None:
    page = at("late", "business_address_info/")
    expect(page.get_by_label("Postal code")).to_be_hidden()

    page.get_by_label("Another address").check()

    expect(page.get_by_label("Postal code")).to_be_visible()


def test_a_double_click_saves_once(at: Callable[..., "Page"]) -> None:
    page = at("fixing", "details/")
    page.get_by_label("Business Registration Number").fill("HRB 1")
    page.get_by_label("E-mail").fill("ada@acme.example")

    held: list[Route] = []
    page.route(page.url, lambda route: held.append(route))
    page.get_by_role("button", name="Save and continue").dblclick()
    await_event(page, lambda: held)
    for route in held:
        route.continue_()
    page.get_by_text("Saved: Business details").wait_for()
    page.unroute_all()
    assert len(held) == 1

    page = at("fixing", "details/")
    expect(page.locator("input[name=version]")).to_have_value("1")


def test_what_was_typed_outlives_the_page(at: Callable[..., "Page"]) -> None:
    page = at("fixing", "details/")
    page.get_by_label("E-mail").fill("half@")

    def is_kept() -> bool:
        # What is sent on leaving may arrive after the next page.
        at("ready")
        return at("fixing", "details/").get_by_label("E-mail").input_value() == "half@"

    until(is_kept)
    expect(page.get_by_text("Your draft (")).to_be_visible()


def test_a_phone_that_puts_the_page_away_keeps_what_was_typed(at: Callable[..., "Page"]) -> None:
    page = at("late", "business_name_info/")
    page.get_by_label("Neither: I will type it").check()
    page.get_by_label("The right business name").fill("Acme")

    page.evaluate("Object.defineProperty(document, 'hidden', {value: true})")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    page.locator("#draft-saved", has_text="Saved ").wait_for()


def test_a_session_that_ends_says_so_and_can_be_kept(
    at: Callable[..., "Page"], scene: Scene
) -> None:
    call(scene.portal, f"grow_idle('{scene.session}', minutes=28, seconds=30)")
    page = at("reviewed", "?fresh")
    warning = page.locator("#session")
    expect(warning).to_be_hidden()

    # Opening the page counts; this is as if it had been open for long.
    call(scene.portal, f"grow_idle('{scene.session}', minutes=28, seconds=30)")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    warning.get_by_text("You will be signed out in 2 minutes").wait_for()
    expect(page.locator("#live")).to_contain_text("signed out")

    warning.get_by_role("button", name="Stay signed in").click()
    expect(warning).to_be_hidden()
    assert scene.url("reviewed") in page.url


def test_the_whole_way_goes_without_javascript(
    profile: Callable[..., "BrowserContext"], scene: Scene
) -> None:
    context = profile(java_script_enabled=False, viewport={"width": 360, "height": 740})
    scene.let_in(context)
    page = context.new_page()

    page.goto(scene.url("plain"))
    page.get_by_role("link", name="Business details").click()
    page.get_by_label("Business Registration Number").fill("HRB 1")
    page.get_by_label("E-mail").fill("ada@acme.example")
    page.get_by_role("button", name="Save and continue").click()
    page.get_by_text("Saved: Business details").wait_for()
    scene.settle("plain")
    page.get_by_role("link", name="Refresh this page").click()
    page.get_by_role("link", name="Check and send").click()
    page.get_by_role("button", name="Send for checking").click()

    page.get_by_role("heading", name="Sent for checking").wait_for()
