"""How long a test waits for what has to come: a machine that is busy with others may take its time,
and a test that waits for a condition loses nothing by it."""

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 60
"""Seconds: for a page, an answer, a mail, a process to end."""
MILLISECONDS = 1000 * PATIENCE
PAUSE = 0.1

T = TypeVar("T")


def until(
    found: Callable[[], T], *, told: Callable[[], object] = str, seconds: float = PATIENCE
) -> T:
    """The first that it finds and that is true.

    :param told: says at the end what there was instead.
    """
    deadline = time.monotonic() + seconds
    while not (last := found()):
        assert time.monotonic() < deadline, told()
        time.sleep(PAUSE)
    return last
