"""A morning at the desk in a real browser: the second step, a case, an answer on behalf, a look."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.pages.test_in_a_browser import Scene, call, web_alone
from tests.pages.test_people_in_a_browser import DEVICE

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

SUE = (
    "from django.contrib.auth.models import Group;"
    "sue = make_user('sue@demo.example', name='Sue Support', staff=True);"
    "sue.groups.add(Group.objects.get(name='Support'));"
    "print(session_of(sue))"
)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Sue's session instead of Ada's."""
    portal = web_alone(tmp_path_factory.mktemp("web"))
    try:
        made: dict[str, Any] = json.loads(call(portal, "build()").splitlines()[-1])
        made.pop("session")
        session = call(portal, SUE).splitlines()[-1]
        yield Scene(portal=portal, session=session, references=made)
    finally:
        portal.stop()


@pytest.fixture
def complaints(page: "Page") -> Iterator[list[str]]:
    """What the browser says against a page: a script or a style that the policy forbids."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    yield said
    assert said == []


def test_a_morning_at_the_desk(page: "Page", scene: Scene, complaints: list[str]) -> None:
    base = scene.portal.base_url
    scene.let_in(page.context)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})

    # The admin opens once a passkey is there; the device shows it in the next session.
    page.goto(f"{base}/admin/compliance/renewal/")
    page.get_by_role("heading", name="Set up a second step").wait_for()
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill("Work laptop")
    page.get_by_role("button", name="Add a passkey").click()
    page.wait_for_url(f"{base}/admin/compliance/renewal/")

    # From the case onto the customer's pages, with a reason.
    page.goto(f"{base}/admin/compliance/renewal/?q={scene.references['plain']}")
    page.get_by_role("link", name=scene.references["plain"]).first.click()
    page.get_by_role("link", name="Answer, upload or send on behalf").click()
    page.get_by_label("Reason").fill("She called and read it out")
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url(scene.url("plain"))
    banner = page.get_by_role("complementary", name="On a customer's pages")
    expect(banner).to_contain_text("You are acting for Acme GmbH")

    page.get_by_role("link", name="Business details").click()
    page.get_by_label("Business Registration Number").fill("HRB 1234")
    page.get_by_label("E-mail").fill("ada@acme.example")
    page.get_by_role("button", name="Save and continue").click()
    page.wait_for_url(scene.url("plain"))
    page.get_by_text("You saved an answer").first.wait_for()

    # And back to the case, where it stands who did it.
    banner.get_by_role("button", name="End").click()
    page.wait_for_url(f"{base}/admin/compliance/renewal/*/change/")
    expect(page.locator("body")).to_contain_text("Sue Support")
    assert page.goto(scene.url("plain")).status == 404  # type: ignore[union-attr]

    # To look only: the same page without its button.
    page.goto(f"{base}/admin/compliance/renewal/?q={scene.references['fixing']}")
    page.get_by_role("link", name=scene.references["fixing"]).first.click()
    page.get_by_role("link", name="View as customer").click()
    page.get_by_label("Reason").fill("She asked what she sees")
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url(scene.url("fixing"))
    expect(banner).to_contain_text("You are viewing as Acme GmbH - read only")
    page.get_by_role("link", name="Business details").click()
    page.get_by_role("heading", name="Business details").wait_for()
    page.wait_for_load_state()
    expect(page.get_by_role("button", name="Save and continue")).to_have_count(0)
    banner.get_by_role("button", name="End").click()
    page.wait_for_url(f"{base}/admin/compliance/renewal/*/change/")
    # The browser tells of the page's status.
    complaints[:] = [text for text in complaints if "404" not in text]
