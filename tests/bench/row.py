"""What a row is, and what it is given."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.figures import Figure

BOTH = ("sqlite", "postgres")
NONE = ("",)


class CannotRun(Exception):
    """This machine lacks what the row needs; the text says what."""


@dataclass(frozen=True)
class Bench:
    """What a row is given.

    :param database: "sqlite" or "postgres": Django is set up on it, migrated and empty. "" for a
        row that brings what it needs.
    :param folder: empty, gone afterwards.
    :param rounds: how often the two things are measured in turn: five or more, in the smoke test
        two.
    :param smoke: true where only the answers matter, not the figures.
    """

    database: str
    folder: Path
    rounds: int
    smoke: bool
    say: Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Row:
    """:param name: as in ``make bench ROWS="P1 P4"``.
    :param run: yields its figures; raises an AssertionError if the floor's answer differs.
    :param full: what the figures are taken of, of whatever type ``run`` wants.
    :param smoke: the same, tiny: the row takes a second or two.
    :param databases: on which it runs; ``NONE`` for a row that brings what it needs.
    """

    name: str
    title: str
    run: Callable[[Bench, Any], Iterator[Figure]]
    full: Any
    smoke: Any
    databases: tuple[str, ...] = BOTH
