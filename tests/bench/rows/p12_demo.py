"""P12: the demo's second start, from the command until it says where to go."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.bench.figures import Figure, counted
from tests.bench.row import NONE, Bench, Row
from tests.portal.test_demo import RunningDemo


@dataclass(frozen=True)
class Size:
    starts: int


def run(bench: Bench, size: Size) -> Iterator[Figure]:
    demo = RunningDemo(bench.folder)
    started(demo)
    again = [started(demo) for _ in range(size.starts)]
    yield counted(
        "make demo, second start",
        sorted(again)[len(again) // 2],
        unit="s",
        at_most=10,
        raw={"ours": again},
    )


def started(demo: RunningDemo) -> float:
    """Seconds; afterwards it has ended again."""
    began = time.perf_counter()
    demo.start()
    took = time.perf_counter() - began
    code, said = demo.end()
    assert code == 0, said
    return took


ROW = Row(
    name="P12",
    title="the demo's second start",
    run=run,
    full=Size(starts=5),
    smoke=Size(starts=1),
    databases=NONE,
)
