"""P7: from the click on Save to the verdict on the screen, in a real browser, beside the time that
the calls to Twilio take by themselves."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from compliance.sandbox import Sandbox
from tests import browsers
from tests.bench.figures import Figure
from tests.bench.row import NONE, Bench, Row
from tests.patience import MILLISECONDS
from tests.serving import Portal, start_portal
from tests.story.customer import Customer
from tests.world import World

if TYPE_CHECKING:
    from playwright.sync_api import Page

# A field is missing; afterwards it can be changed again and again.
KEY, TASK = "acme-de-local", "details/"
# Milliseconds on top of the calls.
WAYS = (("postgres", "redis", 150), ("sqlite", "embedded", 300))
# In the page itself: asking for it from outside would take longer than what is measured.
VERDICT = """() => document.querySelector('#registration, #status')
  && !document.querySelector('#status[data-hx-get]')"""


@dataclass(frozen=True)
class Size:
    latencies: tuple[float, ...]
    saves: int


def run(bench: Bench, size: Size) -> Iterator[Figure]:
    sandbox = Sandbox()
    sandbox.start()
    try:
        for database, broker, at_most in WAYS[: 1 if bench.smoke else None]:
            portal = start_portal(bench.folder / broker, sandbox.base_url, database, broker)
            try:
                portal.manage("seed_demo")
                with browsers.launched() as browser, browsers.profile(browser) as context:
                    yield from measured(size, World(sandbox), portal, context.new_page(), at_most)
            finally:
                portal.stop()
            sandbox.reset()
    finally:
        sandbox.stop()


def measured(
    size: Size, world: World, portal: Portal, page: "Page", at_most: int
) -> Iterator[Figure]:
    world.clear_faults()
    customer = Customer(page, portal, KEY)
    customer.sign_in()
    customer.answer_everything()
    for latency in size.latencies:
        world.clear_faults()
        world.fault("latency", seconds=latency)
        ours: list[float] = []
        calls: list[float] = []
        for number in range(size.saves):
            world.control_delete("requests")
            ours.append(saved(page, customer, f"Number {latency} {number}"))
            calls.append(sum(own(world)))
        on_top = [1000 * (mine - its) for mine, its in zip(ours, calls, strict=True)]
        value = median(on_top)
        yield Figure(
            what=f"save to verdict, calls of {1000 * latency:g} ms, {portal.broker}",
            unit="s",
            ours=median(ours),
            floor=median(calls),
            ratio=median(mine / its for mine, its in zip(ours, calls, strict=True)),
            goal=f"calls + {at_most} ms",
            reached=value <= at_most,
            note=f"{value:.0f} ms on top of the calls ({min(on_top):.0f} to {max(on_top):.0f})",
            raw={"ours": ours, "floor": calls},
        )


def saved(page: "Page", customer: Customer, text: str) -> float:
    """Seconds from the click until the page has nothing more to ask for."""
    page.goto(f"{customer.url}{TASK}")
    page.locator("form.form input[type=text]").first.fill(text)
    before = page.evaluate("Date.now()")
    customer.save()
    page.wait_for_function(VERDICT, timeout=MILLISECONDS, polling="raf")
    return float(page.evaluate("Date.now()") - before) / 1000


def own(world: World) -> Iterator[float]:
    """Seconds of each call that belongs to a renewal: the timetable's polls are nobody's."""
    for entry in world.requests():
        if not entry["path"].endswith(("/Bundles", "/Accounts.json")):
            yield float(entry["seconds"])


ROW = Row(
    name="P7",
    title="from Save to the verdict",
    run=run,
    full=Size(latencies=(0.0, 0.05, 0.3), saves=7),
    smoke=Size(latencies=(0.0,), saves=1),
    databases=NONE,
)
