"""P8 at Twilio's limit: as many calls in flight as an account may have, shared by two workers of
four processes each; beside so many callers that do nothing but call.

And the same where we are told to take twice as many as Twilio allows: slower, but none fails.
"""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.bench import running
from tests.bench.figures import Figure, compared, counted
from tests.bench.floors import sdk
from tests.bench.row import NONE, Bench, Row
from tests.bench.rows.p08_renewals import PATTERNS
from tests.chaos.standin import Standin
from tests.serving import Portal

# Of all calls: before the first is under way and when the last ones end, fewer are made than could.
MIDDLE = (0.15, 0.75)


@dataclass(frozen=True)
class Size:
    renewals: int
    latency: float
    limit: int
    rounds: int


def run(bench: Bench, size: Size) -> Iterator[Figure]:
    ours: list[float] = []
    floor: list[float] = []
    with (
        running.standing_in((size.rounds + 1) * size.renewals, patterns=PATTERNS) as standin,
        running.running(bench, standin) as portal,
    ):
        # What is forgotten is not counted.
        standin.ledger.KEPT = sys.maxsize
        running.employ(portal, 2, each=4, TWILIO_MAX_CONCURRENCY=str(size.limit))
        running.slow(standin, size.latency)
        used = running.cpu_seconds(portal, "worker")
        for _ in range(size.rounds):
            rate, refused = lived(standin, portal, size.renewals, limit=size.limit)
            ours.append(rate)
            floor.append(1 / sdk.seconds_of_a_call(standin, callers=size.limit))
            bench.say(f"{rate:.1f} calls a second of {floor[-1]:.1f}; {refused} refused with 429")
        used = running.cpu_seconds(portal, "worker") - used
        yield compared(
            f"calls a second, {size.limit} at a time allowed", ours, floor, unit="/s", at_least=0.8
        )
        yield counted("of them refused with 429", refused, unit="calls", at_most=0)
        yield counted("CPU of the workers for a renewal", used / standin.due, unit="s")
        running.employ(portal, 2, each=4, TWILIO_MAX_CONCURRENCY=str(2 * size.limit))
        rate, refused = lived(standin, portal, size.renewals, limit=size.limit)
    yield compared("the same, told to make twice as many", [rate], floor[-1:], unit="/s")
    yield counted(
        "of them refused with 429",
        refused,
        unit="calls",
        note="every renewal was completed all the same",
    )


def lived(standin: Standin, portal: Portal, renewals: int, *, limit: int) -> tuple[float, int]:
    """Calls a second in the middle of the run, and how many were refused. No renewal fails."""
    before = refusals(standin)
    standin.state.switches["concurrency_limit"] = limit
    standin.demand(renewals)
    with ThreadPoolExecutor(1) as pool:
        living = pool.submit(running.people, portal, "live", str(standin.due))
        series = running.watched(lambda: running.calls(standin), living.done)
    assert living.result() == {"completed": standin.due, "trouble": 0}, living.result()
    # Whoever else calls now is not to be refused.
    standin.state.switches["concurrency_limit"] = 0
    return rate_of(series), refusals(standin) - before


def rate_of(series: dict[str, list[float]]) -> float:
    first, total = series["y"][0], series["y"][-1] - series["y"][0]
    middle = [
        (t, y)
        for t, y in zip(series["t"], series["y"], strict=True)
        if MIDDLE[0] * total <= y - first <= MIDDLE[1] * total
    ] or [(0.0, first), (series["t"][-1], first + total)]
    (began, before), (ended, after) = middle[0], middle[-1]
    return (after - before) / max(ended - began, running.LOOK)


def refusals(standin: Standin) -> int:
    return sum(entry["status"] == 429 for entry in standin.ledger)


ROW = Row(
    name="P8-limit",
    title="together at Twilio's limit",
    run=run,
    full=Size(renewals=30, latency=0.3, limit=4, rounds=2),
    smoke=Size(renewals=2, latency=0.0, limit=4, rounds=1),
    databases=NONE,
)
