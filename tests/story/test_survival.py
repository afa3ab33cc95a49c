"""What must survive: the worker's sudden death at any point, and Twilio's absence."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import zip_longest

import pytest
from playwright.sync_api import Page, expect

from compliance.sandbox import Sandbox, seed
from tests.patience import PATIENCE, until
from tests.serving import SOON_RECOVERED, Portal
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


def test_a_worker_killed_at_any_point_leaves_one_of_everything(
    running_portal: Callable[..., Portal], sandbox: Sandbox, page: Page
) -> None:
    portal = running_portal(**SOON_RECOVERED)
    world = World(sandbox)
    only(world, KEY)
    with killed_during(world, portal, PREPARING):
        run(portal, OPEN_THE_RENEWAL)
    await_state(portal, "needs_info")

    customer = Customer(page, portal, KEY)
    customer.sign_in()
    customer.open()
    link = customer.todo()
    assert link is not None
    customer.follow(link)
    customer.fill()
    with killed_during(world, portal, DELIVERING):
        customer.save()
    await_state(portal, "ready")

    with killed_during(world, portal, SENDING):
        customer.send()
    copy_sid = in_review(world, KEY)

    with killed_during(world, portal, FINISHING):
        world.control(f"bundles/{copy_sid}/approve")
    await_state(portal, "completed")

    after = world.at_twilio(seed.BUNDLES[KEY])
    assert after["valid_until"] is None
    assert after["copies"] == []
    assert not world.strays()
    assert world.made("POST", "/Copies") == 1
    assert world.made("POST", "/ReplaceItems") == 1
    assert world.submissions() == 1


# --- Twilio away --------------------------------------------------------------------------------


def test_with_twilio_gone_every_page_answers_and_what_is_saved_goes_through_later(
    running_portal: Callable[..., Portal], sandbox: Sandbox, page: Page
) -> None:
    portal = running_portal(**SOON_RECOVERED)
    world = World(sandbox)
    portal.manage("seed_demo")
    world.clear_faults()
    await_state(portal, "needs_info")
    customer = Customer(page, portal, KEY)
    customer.sign_in()

    sandbox.stop()
    customer.open()
    link = customer.todo()
    assert link is not None
    customer.follow(link)
    customer.fill()
    customer.save()
    customer.sees("Saved")
    for address in ("", f"r/{customer.reference}/", f"r/{customer.reference}/send/"):
        answer = page.goto(f"{portal.base_url}/{address}")
        assert answer is not None
        assert answer.status == 200
    until(lambda: "latest status" in words_at(page, f"{portal.base_url}/"), told=page.content)

    sandbox.start()
    page.goto(customer.url)
    expect(page.get_by_role("link", name="Check and send")).to_be_visible()
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


@contextmanager
def killed_during(world: World, portal: Portal, calls: list[tuple[str, str]]) -> Iterator[None]:
    """Whatever is done inside leads to these calls, and during each the worker dies by SIGKILL:
    Twilio does the work, and nobody hears of it."""
    hold(world, *calls[0])
    yield
    for call, following in zip_longest(calls, calls[1:]):
        kill_during(world, portal, *call)
        if following:
            hold(world, *following)
        portal.start_worker()


def kill_during(world: World, portal: Portal, method: str, path: str) -> None:
    until(
        lambda: under_way(world, method, path),
        told=lambda: f"never saw {method} {path}\n{portal.log('web')[-3000:]}",
        seconds=3 * PATIENCE,
    )
    portal.kill_worker()
    world.clear_faults()
    until(lambda: not under_way(world, method, path))


def hold(world: World, method: str, path: str) -> None:
    world.fault("latency", method=method, path=path, times=1, seconds=PATIENCE)


def under_way(world: World, method: str, path: str) -> bool:
    return any(
        entry["status"] is None
        and entry["seconds"] is None
        and entry["method"] == method
        and re.search(path, f"/{entry['host']}{entry['path']}")
        for entry in world.requests()
    )


def words_at(page: Page, url: str) -> str:
    page.goto(url)
    return page.locator("main").inner_text()


def await_state(portal: Portal, state: str) -> None:
    """With a lease to run out, a worker to start, and a program of its own for each look."""
    until(
        lambda: run(portal, STATE) == state,
        told=lambda: f"{run(portal, STATE)} instead of {state}",
        seconds=3 * PATIENCE,
    )
