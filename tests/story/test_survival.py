"""What must survive: the worker's sudden death at any point, and Twilio's absence."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from compliance.sandbox import Sandbox, seed
from tests.serving import Portal
from tests.story.customer import Customer
from tests.story.test_story import in_review
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.story]

KEY = "acme-de-papers"

# While Twilio is busy with one of these, the worker is killed. Before them the customer has done
# what leads there.
PREPARING = [("POST", r"/Bundles/BU\w+/Copies$"), ("POST", r"/Evaluations$")]
DELIVERING = [
    ("POST", r"numbers-upload.*/SupportingDocuments$"),
    ("POST", r"/ItemAssignments$"),
]
SENDING = [("POST", r"/Bundles/BU\w+$")]
FINISHING = [
    ("POST", r"/ReplaceItems$"),
    ("DELETE", r"/Bundles/BU\w+$"),
    ("DELETE", r"/(SupportingDocuments|EndUsers)/\w+$"),
]


OPEN_THE_RENEWAL = """
from django.utils import timezone
from compliance import sync
from compliance.models import Customer, Membership, User
customer = Customer.objects.create(name="Acme GmbH")
Membership.objects.create(user=User.objects.create_user("ada@acme.example"), customer=customer)
sync.sync(now=timezone.now())
"""
STATE = f"""
from compliance.models import Renewal
renewal = Renewal.objects.get(bundle__sid="{seed.BUNDLES[KEY]}")
print(renewal.state, renewal.trouble)
"""


@pytest.fixture
def portal(running_portal: Callable[..., Portal]) -> Portal:
    return running_portal()


def test_a_worker_killed_at_any_point_leaves_one_of_everything(
    portal: Portal, sandbox: Sandbox, page: Page
) -> None:
    world = World(sandbox)
    only(world, KEY)
    for method, path in PREPARING:
        slow(world, method, path)
    run(portal, OPEN_THE_RENEWAL)
    for method, path in PREPARING:
        kill_during(world, portal, method, path)
    await_state(portal, "needs_info")

    customer = Customer(page, portal, KEY)
    customer.sign_in()
    customer.open()
    for method, path in DELIVERING:
        slow(world, method, path)
    link = customer.todo()
    assert link is not None
    link.click()
    customer.fill()
    customer.save()
    for method, path in DELIVERING:
        kill_during(world, portal, method, path)
    await_state(portal, "ready")

    for method, path in SENDING:
        slow(world, method, path)
    customer.send()
    for method, path in SENDING:
        kill_during(world, portal, method, path)
    copy_sid = in_review(world, KEY)

    for method, path in FINISHING:
        slow(world, method, path)
    world.control(f"bundles/{copy_sid}/approve")
    for method, path in FINISHING:
        kill_during(world, portal, method, path)
    await_state(portal, "completed")

    after = world.at_twilio(seed.BUNDLES[KEY])
    assert after["valid_until"] is None
    assert after["copies"] == []
    assert not world.strays()
    assert done(world, "POST", "/Copies") == 1
    assert done(world, "POST", "/ReplaceItems") == 1
    assert submissions(world) == 1


# --- Twilio away --------------------------------------------------------------------------------


def test_with_twilio_gone_every_page_answers_and_what_is_saved_goes_through_later(
    portal: Portal, sandbox: Sandbox, page: Page
) -> None:
    world = World(sandbox)
    portal.manage("seed_demo")
    world.clear_faults()
    customer = Customer(page, portal, KEY)
    customer.sign_in()

    sandbox.stop()
    customer.open()
    link = customer.todo()
    assert link is not None
    link.click()
    customer.fill()
    customer.save()
    customer.sees("Saved")
    for address in ("", f"r/{customer.reference}/", f"r/{customer.reference}/send/"):
        answer = page.goto(f"{portal.base_url}/{address}")
        assert answer is not None
        assert answer.status == 200
    page.goto(f"{portal.base_url}/")
    expect(page.locator("main")).to_contain_text("latest status", timeout=20_000)

    sandbox.start()
    page.goto(customer.url)
    expect(page.get_by_role("link", name="Check and send")).to_be_visible(timeout=40_000)
    (copy_sid,) = world.at_twilio(seed.BUNDLES[KEY])["copies"]
    documents = world.at_twilio(copy_sid)["documents"]
    assert sum(document["mime_type"] == "application/pdf" for document in documents) == 2


# --- Helpers ------------------------------------------------------------------------------------


def only(world: World, key: str) -> None:
    """One bundle with a deadline, so that each call seen is this one's."""
    for name, sid in seed.BUNDLES.items():
        bundle = world.at_twilio(sid)
        if name != key and bundle["valid_until"]:
            world.control(f"bundles/{sid}/deadline", valid_until=None)


def run(portal: Portal, code: str) -> str:
    return portal.manage("shell", "--no-imports", "-c", code).strip()


def slow(world: World, method: str, path: str) -> None:
    world.fault("latency", method=method, path=path, times=1, seconds=1.5)


def kill_during(world: World, portal: Portal, method: str, path: str) -> None:
    """SIGKILL while the call is under way: Twilio does the work, and nobody hears of it."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for entry in world.requests():
            under_way = entry["status"] is None and entry["seconds"] is None
            here = f"/{entry['host']}{entry['path']}"
            if under_way and entry["method"] == method and re.search(path, here):
                portal.kill_worker()
                time.sleep(2)
                portal.start_worker()
                return
        time.sleep(0.02)
    raise AssertionError(f"never saw {method} {path}\n{portal.log('web')[-3000:]}")


def await_state(portal: Portal, state: str) -> None:
    deadline = time.monotonic() + 90
    seen = ""
    while time.monotonic() < deadline:
        seen = run(portal, STATE)
        if seen == state:
            return
        time.sleep(0.5)
    raise AssertionError(f"{seen} instead of {state}")


def done(world: World, method: str, ending: str) -> int:
    return sum(
        entry["method"] == method and entry["path"].endswith(ending) and entry["status"] == 201
        for entry in world.requests()
    )


def submissions(world: World) -> int:
    return sum(
        entry["fields"].get("Status") == ["pending-review"] and entry["status"] == 200
        for entry in world.requests()
    )
