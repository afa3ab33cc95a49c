"""P9: what a first visit weighs, and the page after it, compressed, in a real browser."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests import browsers
from tests.bench.figures import Figure, counted
from tests.bench.row import NONE, Bench, Row
from tests.journey.conftest import Journey, on_stage, stagehand
from tests.journey.states import STATES
from tests.journey.weight import weighing

KB = 1024
FIRST, NEXT = 40, 12
WALK = "other"


@dataclass(frozen=True)
class Size:
    """:param pages: each is visited by a browser that has been nowhere, and after the list by one
    that has."""

    pages: tuple[str, ...]


def run(bench: Bench, size: Size) -> Iterator[Figure]:
    with (
        on_stage(bench.folder) as portal,
        stagehand(portal) as beside,
        browsers.launched() as browser,
    ):
        journey = Journey(portal=portal, stagehand=beside)
        for name in size.pages:
            with browsers.profile(browser) as context:
                url = journey.enter(context, WALK, STATES[name])
                page = context.new_page()
                with weighing(page) as first:
                    page.goto(url)
                with weighing(page) as after:
                    page.goto(page.url)
            yield counted(
                f"first visit: {name}",
                sum(first.values()) / KB,
                unit="KB",
                at_most=FIRST,
                note=f"{len(first)} requests",
            )
            yield counted(
                f"next page: {name}",
                sum(after.values()) / KB,
                unit="KB",
                at_most=NEXT,
                note=f"{len(after)} requests",
            )


ROW = Row(
    name="P9",
    title="the weight of pages",
    run=run,
    full=Size(pages=("sign-in", "home-several", "fixing", "document", "send")),
    smoke=Size(pages=("sign-in",)),
    databases=NONE,
)
