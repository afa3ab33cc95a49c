"""P9-lighthouse: what Lighthouse says of each page that answers somebody who asks for it."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.bench import lighthouse
from tests.bench.figures import Figure, counted
from tests.bench.row import NONE, Bench, Row
from tests.journey.conftest import Journey, on_stage, stagehand
from tests.journey.states import STATES

WALK = "other"


@dataclass(frozen=True)
class Size:
    """:param pages: how many of them; all of them is None."""

    pages: int | None = None


def run(bench: Bench, size: Size) -> Iterator[Figure]:
    lighthouse.install()
    # It has no score for the pages that tell of an error.
    states = [state for state in STATES.values() if state.status < 400 and not state.act]
    scores: dict[str, list[int]] = {name: [] for name in lighthouse.CATEGORIES}
    below: dict[str, list[str]] = {name: [] for name in lighthouse.CATEGORIES}
    with on_stage(bench.folder) as portal, stagehand(portal) as beside:
        journey = Journey(portal=portal, stagehand=beside)
        for state in states[: size.pages]:
            made = journey.build(WALK, state)
            verdict = lighthouse.judge(
                f"{portal.base_url}{made['path']}", session=made["session"], folder=bench.folder
            )
            bench.say(f"{state.name}: {verdict.scores} {' '.join(verdict.lost)}")
            for name, score in verdict.scores.items():
                scores[name].append(score)
                if score < 100:
                    below[name].append(f"{state.name} {score} ({', '.join(verdict.lost)})")
    for name, reached in scores.items():
        yield counted(
            f"lowest score for {name}, of {len(reached)} pages",
            min(reached),
            unit="of 100",
            at_least=100,
            note="; ".join(below[name]),
            raw={"ours": [float(score) for score in reached]},
        )


ROW = Row(
    name="P9-lighthouse",
    title="Lighthouse",
    run=run,
    full=Size(),
    smoke=Size(pages=1),
    databases=NONE,
)
