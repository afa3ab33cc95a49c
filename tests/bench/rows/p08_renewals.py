"""P8: renewals a minute through their whole life, by one worker process and by two, while each
call to Twilio takes 50 ms; beside as many calls made back to back by the SDK alone.

The customers answer and send within a moment, the reviewer decides within a second: what is
measured is our part.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.bench import running
from tests.bench.figures import Figure, compared
from tests.bench.floors import sdk
from tests.bench.row import NONE, Bench, Row
from tests.chaos.standin import Standin
from tests.serving import Portal

PATTERNS = ("acme-de-papers", "acme-de-passes")


@dataclass(frozen=True)
class Size:
    renewals: int
    latency: float
    rounds: int


def run(bench: Bench, size: Size) -> Iterator[Figure]:
    one: list[float] = []
    two: list[float] = []
    alone: list[float] = []
    with (
        running.standing_in(2 * size.rounds * size.renewals, patterns=PATTERNS) as standin,
        running.running(bench, standin) as portal,
    ):
        for _ in range(size.rounds):
            for processes, rates in ((1, one), (2, two)):
                running.employ(portal, processes)
                running.slow(standin, size.latency)
                per_minute, calls = lived(standin, portal, size.renewals)
                rates.append(per_minute)
                bench.say(f"{processes} at work: {per_minute:.1f} a minute, {calls:.1f} calls each")
            alone.append(60 / (calls * sdk.seconds_of_a_call(standin)))
            running.calm(standin)
    yield compared("renewals a minute, 1 process; SDK", one, alone, unit="/min", at_least=0.5)
    yield compared("renewals a minute, 2 processes; 1", two, one, unit="/min", at_least=1.7)


def lived(standin: Standin, portal: Portal, renewals: int) -> tuple[float, float]:
    """Renewals a minute, and calls for each."""
    before, began = running.calls(standin), time.monotonic()
    standin.demand(renewals)
    ended = running.people(portal, "live", str(standin.due))
    took = time.monotonic() - began
    assert ended == {"completed": standin.due, "trouble": 0}, ended
    return 60 * renewals / took, (running.calls(standin) - before) / renewals


ROW = Row(
    name="P8",
    title="renewals a minute",
    run=run,
    full=Size(renewals=24, latency=0.05, rounds=3),
    smoke=Size(renewals=1, latency=0.0, rounds=1),
    databases=NONE,
)
