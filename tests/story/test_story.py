"""From the mail to *up to date* in a real browser, on both kinds of installation."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from compliance.sandbox import Sandbox, seed
from tests.serving import Portal
from tests.story.customer import Customer
from tests.world import World

BUNDLES = ("lumiere-fr-local", "acme-de-papers", "mia-au-local")
STACKS = (("sqlite", "embedded"), ("postgres", "redis"))

pytestmark = pytest.mark.browser


@pytest.fixture(params=STACKS, ids=lambda stack: "-".join(stack))
def demo(request: Any, running_portal: Callable[..., Portal], sandbox: Sandbox) -> Portal:
    """The demo's people and bundles on a running portal."""
    database, broker = request.param
    portal: Portal = running_portal(database=database, broker=broker)
    portal.manage("seed_demo")
    World(sandbox).clear_faults()
    return portal


@pytest.mark.parametrize("key", BUNDLES)
@pytest.mark.parametrize("turned_down", [False, True], ids=["approved", "rejected-first"])
def test_a_customer_renews_a_registration(
    demo: Portal, sandbox: Sandbox, page: Page, key: str, turned_down: bool
) -> None:
    world = World(sandbox)
    before = world.at_twilio(seed.BUNDLES[key])
    strays = world.strays()
    customer = Customer(page, demo, key)
    customer.sign_in()
    customer.open()
    customer.answer_everything()
    customer.send()
    copy_sid = in_review(world, key)
    if turned_down:
        refuse_one(world, copy_sid)
        customer.sees("Changes needed")
        customer.sees("Too dark to read.")
        customer.answer_everything()
        customer.send()
        assert in_review(world, key) == copy_sid
    items = world.items_of(copy_sid)
    world.control(f"bundles/{copy_sid}/approve")
    customer.sees("up to date")

    after = world.at_twilio(seed.BUNDLES[key])
    assert after["valid_until"] is None
    assert after["status"] == "twilio-approved"
    assert world.items_of(seed.BUNDLES[key]) == items
    assert after["numbers"] == before["numbers"]
    assert after["copies"] == []
    assert world.at_twilio(copy_sid) is None
    assert world.strays() == strays


def in_review(world: World, key: str) -> str:
    """The SID of the copy, once it is with the reviewer."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for sid in world.at_twilio(seed.BUNDLES[key])["copies"]:
            if world.at_twilio(sid)["status"] in ("pending-review", "in-review"):
                return str(sid)
        time.sleep(0.1)
    raise AssertionError("nothing reached the reviewer")


def refuse_one(world: World, copy_sid: str) -> None:
    document = world.at_twilio(copy_sid)["documents"][-1]
    verdict = {"sid": document["sid"], "code": 18002, "reason": "Too dark to read."}
    world.control(f"bundles/{copy_sid}/reject", reason="See below.", documents=[verdict])
