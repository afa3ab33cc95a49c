"""P9-lighthouse: what Lighthouse says of each page that answers somebody who asks for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median_low

from tests.bench import lighthouse
from tests.bench.figures import Figure, counted
from tests.bench.row import NONE, Bench, Row
from tests.journey.conftest import Journey, on_stage, stagehand
from tests.journey.states import STATES, State

WALK = "other"
MOST_LOOKS = 3


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
            for name, score, lost in _judged(bench, journey, state):
                scores[name].append(score)
                if score < 100:
                    below[name].append(f"{state.name} {score} ({lost})")
    for name, reached in scores.items():
        yield counted(
            f"lowest score for {name}, of {len(reached)} pages",
            min(reached),
            unit="of 100",
            at_least=100,
            note="; ".join(below[name]),
            raw={"ours": [float(score) for score in reached]},
        )


def _judged(bench: Bench, journey: Journey, state: State) -> list[tuple[str, int, str]]:
    """For each category the score, and what it lost by. A page that loses something is looked at
    twice more, and the middle counts: the machine may have been busy."""
    verdicts: list[lighthouse.Verdict] = []
    while len(verdicts) < MOST_LOOKS:
        made = journey.build(WALK, state)
        url = f"{journey.portal.base_url}{made['path']}"
        verdicts.append(lighthouse.judge(url, session=made["session"], folder=bench.folder))
        bench.say(f"{state.name}: {verdicts[-1].scores} {' '.join(verdicts[-1].lost)}")
        if min(verdicts[0].scores.values()) == 100:
            break
    lost = ", ".join(sorted({name for verdict in verdicts for name in verdict.lost}))
    return [
        (name, median_low(verdict.scores[name] for verdict in verdicts), lost)
        for name in lighthouse.CATEGORIES
    ]


ROW = Row(
    name="P9-lighthouse",
    title="Lighthouse",
    run=run,
    full=Size(),
    smoke=Size(pages=1),
    databases=NONE,
)
