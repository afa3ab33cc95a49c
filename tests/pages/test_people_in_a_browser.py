"""Passkeys with a real browser and a device inside it, and the pages of people on a small phone."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.pages.test_in_a_browser import Scene, call, web_alone

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.browser

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    portal = web_alone(tmp_path_factory.mktemp("web"))
    try:
        made: dict[str, Any] = json.loads(call(portal, "build()").splitlines()[-1])
        yield Scene(portal=portal, session=made.pop("session"), references=made)
    finally:
        portal.stop()


@pytest.fixture
def complaints(page: "Page") -> Iterator[list[str]]:
    """What the browser says against a page: a script or a style that the policy forbids."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    yield said
    assert [text for text in said if "Clear-Site-Data" not in text] == []


def test_a_passkey_is_added_signs_in_and_is_removed(
    page: "Page", scene: Scene, complaints: list[str]
) -> None:
    base = scene.portal.base_url
    # A session of its own: it ends when she signs out.
    own = "print(session_of(User.objects.get(email='ada@acme.example')))"
    replace(scene, session=call(scene.portal, own).splitlines()[-1]).let_in(page.context)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    device = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    made = {"authenticatorId": device["authenticatorId"]}

    # Added, with a name; a second one on the same device is not made.
    page.goto(f"{base}/settings/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill("Work laptop")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_text("The passkey “Work laptop” was added.").wait_for()
    (credential,) = devtools.send("WebAuthn.getCredentials", made)["credentials"]
    assert (credential["rpId"], credential["isResidentCredential"]) == ("localhost", True)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_text("This device has a passkey for you already.").wait_for()

    # Signed out, and in again without a mail, to the page that was wanted.
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url(f"{base}/sign-in/")
    page.goto(f"{base}/people/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("heading", name="People").wait_for()
    page.goto(f"{base}/settings/")
    expect(page.get_by_role("main")).not_to_contain_text("not yet")

    # Renamed and removed.
    page.get_by_role("link", name=re.compile("Rename.*Work laptop")).click()
    page.get_by_label("Name").fill("Old laptop")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name=re.compile("Remove.*Old laptop")).click()
    page.get_by_role("button", name="Remove").click()
    page.get_by_text("The passkey “Old laptop” was removed.").wait_for()

    # What the device still offers is not let in, and the page says what else there is.
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_text("This passkey does not sign in here.").wait_for()

    # Nor is one that its owner did not unlock; the page stays.
    devtools.send("WebAuthn.setUserVerified", {**made, "isUserVerified": False})
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_text("No passkey was used. Try again, or let us send you a mail.").wait_for()
    expect(page.get_by_label("E-mail address")).to_be_visible()


def test_the_pages_fit_the_smallest_phone(
    page: "Page", scene: Scene, complaints: list[str]
) -> None:
    call(scene.portal, "a_company_of_many()")
    base = scene.portal.base_url
    scene.let_in(page.context)
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{base}/people/")
    people = page.url
    addresses = [people, f"{people}add/", f"{base}/settings/", f"{base}/settings/passkeys/add/"]
    addresses += [
        f"{base}{link}"
        for link in page.eval_on_selector_all(
            ".card a", "all => all.slice(-2).map(a => a.getAttribute('href'))"
        )
    ]
    addresses.append(f"{base}/sign-in/again/?next=/settings/passkeys/add/")

    for address in addresses:
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") == 320, address
        if not address.endswith("/people/"):
            expect(page.get_by_role("heading", level=1)).to_have_count(1)


def test_everything_but_the_passkey_works_without_javascript(
    profile: Callable[..., "BrowserContext"], scene: Scene
) -> None:
    base = scene.portal.base_url
    context = profile(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{base}/sign-in/")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    scene.let_in(context)
    page.goto(f"{base}/settings/passkeys/add/")
    expect(page.get_by_text("JavaScript is switched off")).to_be_visible()
    expect(page.get_by_role("button", name="Add a passkey")).to_be_hidden()

    page.goto(f"{base}/people/")
    page.get_by_role("link", name="Add somebody").click()
    page.get_by_label("E-mail address").fill("dora@acme.example")
    page.get_by_role("button", name="Add and invite").click()
    expect(page.get_by_role("link", name="Enter the name.")).to_be_visible()
    page.get_by_label("Name").fill("Dora Delta")
    page.get_by_label("Viewer").check()
    page.get_by_role("button", name="Add and invite").click()
    expect(page.get_by_text("Dora Delta was added.")).to_be_visible()
    page.get_by_role("link", name=re.compile("Remove.*Dora Delta")).click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Dora Delta no longer acts for Acme GmbH.")).to_be_visible()
