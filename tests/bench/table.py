"""The figures as one table of text."""

from collections.abc import Sequence
from typing import Any

HEADINGS = ("row", "on", "figure", "ours", "floor", "ratio", "spread", "goal", "")
RIGHT = {"ours", "floor", "ratio", "spread"}


def table(figures: Sequence[dict[str, Any]]) -> str:
    lines = [HEADINGS, *map(_cells, figures)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    written = [_line(cells, widths) for cells in lines]
    notes = [f"{f['row']} {f['database']} {f['what']}: {f['note']}" for f in figures if f["note"]]
    return "\n".join(
        [written[0], "-" * len(written[0]), *written[1:], *([""] if notes else []), *notes]
    )


def _cells(figure: dict[str, Any]) -> tuple[str, ...]:
    ratio = figure["ratio"]
    reached = {True: "reached", False: "MISSED", None: ""}[figure["reached"]]
    return (
        figure["row"],
        figure["database"],
        figure["what"],
        _amount(figure["ours"], figure["unit"]),
        "" if figure["floor"] is None else _amount(figure["floor"], figure["unit"]),
        "" if ratio is None else f"{ratio:.2f}",
        "" if ratio is None else f"{figure['low']:.2f} - {figure['high']:.2f}",
        figure["goal"],
        reached,
    )


def _amount(value: float, unit: str) -> str:
    if unit == "s" and value < 1:
        value, unit = value * 1000, "ms"
    digits = 0 if value == int(value) or value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f} {unit}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(
        cell.rjust(width) if name in RIGHT else cell.ljust(width)
        for name, cell, width in zip(HEADINGS, cells, widths, strict=True)
    ).rstrip()
