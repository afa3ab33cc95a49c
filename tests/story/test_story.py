"""From the mail to *up to date* in a real browser.

On SQLite with the embedded broker, or on PostgreSQL with Redis: on what the tests are run on.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext

from compliance.sandbox import Sandbox, seed
from tests.patience import until
from tests.serving import Portal
from tests.story.customer import Customer
from tests.world import World

PHONE, DESK = 360, 1280

pytestmark = [pytest.mark.browser, pytest.mark.story]


@pytest.fixture
def demo(running_portal: Callable[..., Portal], sandbox: Sandbox) -> Portal:
    """The demo's people and bundles, on the database and broker that the tests run on."""
    portal = running_portal()
    portal.manage("seed_demo")
    World(sandbox).clear_faults()
    return portal


@pytest.mark.parametrize(
    ("key", "turned_down", "language", "width", "scripts"),
    [
        ("lumiere-fr-local", False, "fr", PHONE, True),
        ("lumiere-fr-local", True, "fr", DESK, False),
        ("acme-de-papers", False, "de", PHONE, False),
        ("acme-de-papers", True, "de", DESK, True),
        ("mia-au-local", False, "en", DESK, False),
        ("mia-au-local", True, "en", PHONE, True),
    ],
    ids=lambda value: str(value),
)
def test_a_customer_renews_a_registration(
    demo: Portal,
    sandbox: Sandbox,
    profile: Callable[..., BrowserContext],
    key: str,
    turned_down: bool,
    language: str,
    width: int,
    scripts: bool,
) -> None:
    world = World(sandbox)
    before = world.at_twilio(seed.BUNDLES[key])
    strays = world.strays()
    page = profile(
        viewport={"width": width, "height": 800}, locale=language, java_script_enabled=scripts
    ).new_page()
    customer = Customer(page, demo, key, language=language, scripts=scripts)
    customer.sign_in()
    customer.open()
    customer.answer_everything()
    customer.send()
    copy_sid = in_review(world, key)
    if turned_down:
        refuse_one(world, copy_sid)
        customer.sees(customer.words("Changes needed"))
        customer.sees("Too dark to read.")
        customer.answer_everything()
        customer.send()
        assert in_review(world, key) == copy_sid
    items = world.items_of(copy_sid)
    world.control(f"bundles/{copy_sid}/approve")
    customer.sees(customer.words("Your registration is up to date"))

    after = world.at_twilio(seed.BUNDLES[key])
    assert after["valid_until"] is None
    assert after["status"] == "twilio-approved"
    assert world.items_of(seed.BUNDLES[key]) == items
    assert after["numbers"] == before["numbers"]
    assert after["copies"] == []
    assert world.at_twilio(copy_sid) is None
    # Another bundle of the demo may be at its end at this very moment.
    until(lambda: world.strays() <= strays, told=lambda: world.strays() - strays)


def in_review(world: World, key: str) -> str:
    """The SID of the copy, once it is with the reviewer."""

    def found() -> str:
        for sid in world.at_twilio(seed.BUNDLES[key])["copies"]:
            if world.at_twilio(sid)["status"] in ("pending-review", "in-review"):
                return str(sid)
        return ""

    return until(found, told=lambda: "nothing reached the reviewer")


def refuse_one(world: World, copy_sid: str) -> None:
    document = world.at_twilio(copy_sid)["documents"][-1]
    verdict = {"sid": document["sid"], "code": 18002, "reason": "Too dark to read."}
    world.control(f"bundles/{copy_sid}/reject", reason="See below.", documents=[verdict])
