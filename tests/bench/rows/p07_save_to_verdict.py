"""P7: from the click on Save to the verdict on the screen, in a real browser, beside the time that
the calls to Twilio take by themselves."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from tests import browsers
from tests.bench import running
from tests.bench.figures import Figure
from tests.bench.row import NONE, Bench, Row
from tests.chaos.standin import Standin
from tests.patience import MILLISECONDS, until
from tests.serving import Portal

if TYPE_CHECKING:
    from playwright.sync_api import Page

# A field is missing.
PATTERN, TASK = ("acme-de-local",), "details/"
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
    bundles = size.saves * len(size.latencies)
    for database, broker, at_most in WAYS[: 1 if bench.smoke else None]:
        with (
            running.standing_in(bundles, patterns=PATTERN) as standin,
            running.running(bench, standin, database=database, broker=broker) as portal,
            browsers.launched() as browser,
            browsers.profile(browser) as context,
        ):
            standin.demand(bundles)
            until(lambda: len(running.people(portal, "visit").get("to-do", [])) == bundles)
            visit = running.people(portal, "visit")
            name, _, session = visit["cookie"].partition("=")
            context.add_cookies([{"name": name, "value": session, "url": portal.base_url}])
            yield from measured(size, standin, portal, context.new_page(), visit["to-do"], at_most)


def measured(
    size: Size,
    standin: Standin,
    portal: Portal,
    page: "Page",
    registrations: list[str],
    at_most: int,
) -> Iterator[Figure]:
    for latency in size.latencies:
        running.slow(standin, latency)
        ours: list[float] = []
        calls: list[float] = []
        for _ in range(size.saves):
            url = f"{portal.base_url}{registrations.pop()}"
            before = len(standin.ledger)
            ours.append(saved(page, url))
            calls.append(sum(own(list(standin.ledger)[before:])))
        on_top = [1000 * (mine - its) for mine, its in zip(ours, calls, strict=True)]
        ratios = [mine / its for mine, its in zip(ours, calls, strict=True)]
        value = median(on_top)
        yield Figure(
            what=f"save to verdict, calls of {1000 * latency:g} ms, {portal.broker}",
            unit="s",
            ours=median(ours),
            floor=median(calls),
            ratio=median(ratios),
            low=min(ratios),
            high=max(ratios),
            goal=f"calls + {at_most} ms",
            reached=value <= at_most,
            note=f"{value:.0f} ms on top of the calls ({min(on_top):.0f} to {max(on_top):.0f})",
            raw={"ours": ours, "floor": calls},
        )


def saved(page: "Page", url: str) -> float:
    """Seconds from the click until the page has nothing more to ask for."""
    page.goto(f"{url}{TASK}")
    page.locator("form.form input[type=text]").first.fill("https://acme.example")
    button = page.get_by_role("button", name="Save and continue")
    before = page.evaluate("Date.now()")
    button.click()
    page.wait_for_url(url)
    page.wait_for_function(VERDICT, timeout=MILLISECONDS, polling="raf")
    return float(page.evaluate("Date.now()") - before) / 1000


def own(entries: list[Any]) -> Iterator[float]:
    """Seconds of each call that belongs to a renewal: the timetable's polls are nobody's."""
    for entry in entries:
        if not entry["path"].endswith(("/Bundles", "/Accounts.json")):
            yield float(entry["seconds"] or 0)


ROW = Row(
    name="P7",
    title="from Save to the verdict",
    run=run,
    full=Size(latencies=(0.0, 0.05, 0.3), saves=7),
    smoke=Size(latencies=(0.0,), saves=1),
    databases=NONE,
)
