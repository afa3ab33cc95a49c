"""The figures as pictures: ``python -m tests.bench.plots figures.json FOLDER``.

Whatever was measured at several sizes becomes a line of cost against size, and whatever was
measured while something ran a line over time: one picture for each row and database.
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot

mpl.use("Agg")
# The name of what is on the x axis, and how it reads.
AXES = {"size": "bundles, renewals or copies", "t": "seconds since the start"}
INCHES = (9, 6)
DOTS_PER_INCH = 110


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.plots", description=__doc__)
    parser.add_argument("figures", type=Path, help="what make bench has written")
    parser.add_argument("folder", type=Path, help="where the pictures go")
    given = parser.parse_args()
    told = json.loads(given.figures.read_text(encoding="utf-8"))
    given.folder.mkdir(parents=True, exist_ok=True)
    for file in draw(told["figures"], given.folder, about=_about(told["machine"])):
        print(file)  # noqa: T201


def draw(figures: list[dict[str, Any]], folder: Path, *, about: str) -> list[Path]:
    """The files that were written.

    :param figures: those whose ``raw`` holds "y" and, as long, "size" or "t" are drawn.
    :param about: stands below each picture.
    """
    pictures: defaultdict[tuple[str, str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for figure in figures:
        for axis in AXES:
            if axis in figure["raw"]:
                key = (figure["row"], figure["database"], axis, figure["unit"])
                pictures[key].append(figure)
    return [_picture(folder, *key, figures=some, about=about) for key, some in pictures.items()]


def _picture(
    folder: Path,
    row: str,
    database: str,
    axis: str,
    unit: str,
    *,
    figures: list[dict[str, Any]],
    about: str,
) -> Path:
    picture, plot = pyplot.subplots(figsize=INCHES, dpi=DOTS_PER_INCH, layout="constrained")
    for figure in figures:
        raw = figure["raw"]
        marker = "o" if axis == "size" else ""
        plot.plot(raw[axis], raw["y"], marker=marker, label=_label(figure["what"]))
    if axis == "size":
        plot.set_xscale("log")
    if axis == "size" or unit == "s":
        # Milliseconds beside minutes.
        plot.set_yscale("log")
    plot.set_xlabel(AXES[axis])
    plot.set_ylabel(unit)
    plot.set_title(f"{row} on {database}" if database else row)
    plot.grid(visible=True, which="both", alpha=0.3)
    plot.legend(fontsize="small")
    picture.supxlabel(about, fontsize="x-small")
    unit_name = "".join(letter if letter.isalnum() else "-" for letter in unit)
    name = "-".join(filter(None, (row, database, axis, unit_name))).lower()
    file = folder / f"{name}.png"
    picture.savefig(file)
    pyplot.close(picture)
    return file


def _label(what: str) -> str:
    """Without what is said of one end of the line."""
    return what.partition(": with ")[0].removesuffix(", at the end")


def _about(machine: dict[str, str]) -> str:
    return f"{machine['cpu']}, {machine['cores']} cores, Python {machine['python']}"


if __name__ == "__main__":
    main()
