"""How soon a page asks again."""

from datetime import UTC, datetime, timedelta

import pytest

from compliance.wording.progress import soon

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "pause"),
    [(0, 100), (1.9, 100), (2, 250), (4.9, 250), (5, 500), (10, 1000), (20, 2000), (3600, 2000)],
)
def test_the_longer_somebody_has_waited_the_longer_the_pauses(seconds: float, pause: int) -> None:
    assert soon(NOW - timedelta(seconds=seconds), NOW) == pause


def test_without_anybody_who_waits_there_is_time() -> None:
    assert soon(None, NOW) == 2000


def test_a_clock_that_is_behind_harms_nothing() -> None:
    assert soon(NOW + timedelta(hours=1), NOW) == 100
