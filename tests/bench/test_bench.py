"""Each row runs, and its floor gives the same answer. What is fast is not tested here."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.bench import place, rows
from tests.bench.answers import assert_same
from tests.bench.figures import compared, counted
from tests.bench.table import table
from tests.conftest import cannot_run
from tests.serving import default_database


@pytest.mark.processes
@pytest.mark.parametrize("name", rows.every())
def test_a_row_gives_its_figures_and_its_floor_the_same_answer(name: str, tmp_path: Path) -> None:
    databases = rows.every()[name].databases
    database = default_database() if default_database() in databases else databases[0]

    outcome = place.run(name, database, tmp_path / "row", smoke=True)

    if outcome.failure.startswith("skipped: "):
        cannot_run(outcome.failure)
    assert outcome.failure == ""
    assert outcome.figures
    assert json.loads(json.dumps(outcome.figures)) == outcome.figures
    assert all(figure["ours"] >= 0 for figure in outcome.figures)


def test_a_figure_is_the_median_of_what_was_measured_in_turn() -> None:
    figure = compared("a page", [2.0, 9.0, 4.0], [1.0, 3.0, 1.0], unit="s", at_most=2)

    assert (figure.ours, figure.floor, figure.ratio) == (4.0, 1.0, 3.0)
    assert (figure.low, figure.high) == (2.0, 4.0)
    assert figure.reached is False


def test_a_goal_is_reached_at_its_limit() -> None:
    assert counted("a page", 6, unit="queries", at_most=6).reached is True
    assert counted("a page", 7, unit="queries", at_most=6).reached is False
    assert compared("work", [2.0], [4.0], unit="tasks/s", at_least=0.5).reached is True
    assert compared("work", [1.9], [4.0], unit="tasks/s", at_least=0.5).reached is False
    assert counted("a page", 7, unit="queries").reached is None


def test_another_answer_is_shown() -> None:
    assert_same("one\ntwo", "one\ntwo")
    with pytest.raises(AssertionError, match=r"-two\n\+three"):
        assert_same("one\ntwo", "one\nthree")


def test_the_table_has_a_line_for_each_figure() -> None:
    figure = compared("a page", [0.004], [0.002], unit="s", at_most=1, note="why")
    told = {"row": "P0", "database": "sqlite", **vars(figure)}

    headings, _rule, line, _empty, note = table([told]).splitlines()

    assert headings.split()[:3] == ["row", "on", "figure"]
    assert " ".join(line.split()) == (
        "P0 sqlite a page 4 ms 2 ms 2.00 2.00 - 2.00 at most 1 x MISSED"
    )
    assert note == "P0 sqlite a page: why"


def test_what_grows_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from tests.bench.plots import draw

    def told(what: str, **raw: list[float]) -> dict[str, Any]:
        figure = counted(what, 1, unit="s", raw=raw)
        return {"row": "P0", "database": "sqlite", **vars(figure)}

    figures = [
        told("a page", size=[1, 10], y=[1, 2]),
        told("a list", size=[1, 10], y=[2, 2]),
        told("memory", t=[0, 1, 2], y=[1, 3, 1]),
        told("no line", ours=[1]),
    ]

    drawn = draw(figures, tmp_path, about="a machine")

    assert [file.name for file in drawn] == ["p0-sqlite-size-s.png", "p0-sqlite-t-s.png"]
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in drawn)
