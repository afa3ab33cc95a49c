"""P3: pages while Twilio is slow, fails, or is gone, beside the same pages while it is well.

A worker is at work all the while on more renewals than it comes to an end with.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from compliance.sandbox.faults import parse
from tests.bench import load, running
from tests.bench.figures import Figure, compared
from tests.bench.row import NONE, Bench, Row
from tests.chaos.standin import Standin
from tests.patience import until

PATTERN = ("acme-de-papers",)


@dataclass(frozen=True)
class Size:
    renewals: int
    pages: int


def run(bench: Bench, size: Size) -> Iterator[Figure]:
    with (
        running.standing_in(size.renewals, patterns=PATTERN) as standin,
        running.running(bench, standin, LEASE_SECONDS="300") as portal,
    ):
        standin.demand(1)
        until(lambda: running.people(portal, "callbacks"))
        visit = running.people(portal, "visit")
        headers = {"Cookie": visit["cookie"], "Host": f"localhost:{portal.port}"}
        for page in ("home", "registration"):
            url = f"http://127.0.0.1:{portal.port}{visit[page]}"
            requests = [load.Request("GET", url, headers=headers)] * size.pages
            for what, trouble in TROUBLES.items():
                ours: list[float] = []
                floor: list[float] = []
                for number in range(bench.rounds):
                    pair = [(trouble, ours), (well, floor)]
                    for state, into in pair if number % 2 else reversed(pair):
                        state(standin)
                        answers = load.send(requests, at_a_time=1)
                        assert set(answers.statuses) == {200}, answers.statuses
                        into.append(answers.median)
                well(standin)
                yield compared(f"{page}, Twilio {what}; well", ours, floor, unit="s", at_most=1.1)


def well(standin: Standin) -> None:
    standin.sandbox.start()
    running.calm(standin)


def slow(standin: Standin) -> None:
    well(standin)
    running.slow(standin, 5.0)


def failing(standin: Standin) -> None:
    well(standin)
    with standin.state.lock:
        standin.state.faults.append(parse({"kind": "status", "status": 500}))


def gone(standin: Standin) -> None:
    standin.sandbox.stop()


TROUBLES: dict[str, Callable[[Standin], None]] = {
    "slow (5 s)": slow,
    "failing": failing,
    "gone": gone,
}

ROW = Row(
    name="P3",
    title="pages while Twilio is away",
    run=run,
    full=Size(renewals=40, pages=150),
    smoke=Size(renewals=2, pages=2),
    databases=NONE,
)
