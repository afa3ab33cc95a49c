"""A figure: what was measured of ours and of the floor, in turn, and the goal."""

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

Work = Callable[[], object]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """``ours`` and ``floor`` are medians in ``unit``; ``ratio`` is the median of the ratios of what
    was measured in turn, ``low`` and ``high`` the smallest and the largest of them. What has no
    floor is a number that is held against the goal itself.

    :param goal: as printed, such as "at most 2 x".
    :param reached: None where there is no goal.
    :param raw: everything that was measured, by name; for plots, too.
    """

    what: str
    unit: str
    ours: float
    floor: float | None = None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    goal: str = ""
    reached: bool | None = None
    note: str = ""
    raw: dict[str, list[float]] = field(default_factory=dict)


def compared(
    what: str,
    ours: Sequence[float],
    floor: Sequence[float],
    *,
    unit: str,
    at_most: float | None = None,
    at_least: float | None = None,
    note: str = "",
) -> Figure:
    """The ratio of two things measured in turn, held against a goal.

    :param ours: the first of these was measured beside the first of ``floor``, and so on.
    :param at_most: the goal of the ratio; or ``at_least``, where more is better.
    """
    ratios = [mine / its for mine, its in zip(ours, floor, strict=True)]
    ratio = median(ratios)
    return Figure(
        what=what,
        unit=unit,
        ours=median(ours),
        floor=median(floor),
        ratio=ratio,
        low=min(ratios),
        high=max(ratios),
        note=note,
        raw={"ours": list(ours), "floor": list(floor)},
        **_held(ratio, at_most, at_least, " x"),
    )


def counted(
    what: str,
    value: float,
    *,
    unit: str,
    floor: float | None = None,
    at_most: float | None = None,
    at_least: float | None = None,
    note: str = "",
    raw: dict[str, list[float]] | None = None,
) -> Figure:
    """A number (queries, calls, megabytes), held against a goal.

    :param floor: printed beside it, such as the least that is possible.
    """
    return Figure(
        what=what,
        unit=unit,
        ours=value,
        floor=floor,
        note=note,
        raw=raw or {"ours": [value]},
        **_held(value, at_most, at_least, f" {unit}"),
    )


def _held(value: float, at_most: float | None, at_least: float | None, unit: str) -> dict[str, Any]:
    if at_most is not None:
        return {"goal": f"at most {at_most:g}{unit}", "reached": value <= at_most}
    if at_least is not None:
        return {"goal": f"at least {at_least:g}{unit}", "reached": value >= at_least}
    return {}


def in_turn(
    ours: Work,
    floor: Work,
    *,
    rounds: int,
    times: int = 1,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[list[float], list[float]]:
    """Seconds for each call of the two, measured in turn so that a busy moment meets both.

    :param rounds: pairs; each once before, unmeasured.
    :param times: calls that make one measurement.
    :param clock: ``time.process_time`` for CPU time of this process.
    """
    measured: tuple[list[float], list[float]] = ([], [])
    ours(), floor()
    for number in range(rounds):
        # Who comes first changes: the second may find caches warm.
        order = (0, 1) if number % 2 == 0 else (1, 0)
        for which in order:
            measured[which].append(seconds((ours, floor)[which], times=times, clock=clock))
    return measured


def seconds(work: Work, *, times: int = 1, clock: Callable[[], float] = time.perf_counter) -> float:
    """For each of so many calls. Rubbish is collected before, not in the middle."""
    gc.collect()
    began = clock()
    for _ in range(times):
        work()
    return (clock() - began) / times
