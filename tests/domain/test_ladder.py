"""When which reminder is due, both sides of each morning."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from compliance.notifications.ladder import horizon, is_daytime, rung_at
from compliance.stages import dates_of

# In Berlin the 25th, 13:00.
SEND_BY = datetime(2026, 11, 25, 12, tzinfo=UTC)


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "rung"),
    [
        (at(26, 5, 59, month=9), None),
        (at(26, 6, month=9), 60),
        (at(26, 6, 59, month=10), 60),
        (at(26, 7, month=10), 30),
        (at(11, 6, 59), 30),
        (at(11, 7), 14),
        (at(18, 6, 59), 14),
        (at(18, 7), 7),
        (at(22, 6, 59), 7),
        (at(22, 7), 3),
        (at(24, 6, 59), 3),
        (at(24, 7), 1),
        (at(25, 6, 59), 1),
        (at(25, 7), 0),
        (at(28, 12), 0),
    ],
)
def test_a_rung_begins_at_eight_where_the_customer_is(now: datetime, rung: int | None) -> None:
    assert rung_at(SEND_BY, zone="Europe/Berlin", now=now) == rung


def test_the_day_is_the_customers(settings: Any) -> None:
    settings.REMINDER_DAYS = [0]
    # In Auckland that is the 26th, one hour after midnight.
    assert rung_at(SEND_BY, zone="Pacific/Auckland", now=at(25, 12)) is None
    assert rung_at(SEND_BY, zone="Pacific/Auckland", now=at(25, 19)) == 0


def test_the_rungs_are_configured_in_any_order(settings: Any) -> None:
    settings.REMINDER_DAYS = [2, 10]

    days = [rung_at(SEND_BY, zone="UTC", now=at(day, 12)) for day in (14, 15, 22, 23)]

    assert days == [None, 10, 10, 2]


@pytest.mark.parametrize(
    ("hour", "minute", "daytime"), [(6, 59, False), (7, 0, True), (18, 59, True), (19, 0, False)]
)
def test_a_telephone_rings_from_eight_to_eight(hour: int, minute: int, daytime: bool) -> None:
    assert is_daytime("Europe/Berlin", now=at(10, hour, minute)) is daytime


@pytest.mark.parametrize("review_days", [0, 1, 5, 12])
def test_no_rung_lies_beyond_the_horizon(settings: Any, review_days: int) -> None:
    settings.REVIEW_DAYS = review_days
    for day in range(1, 15):
        now = at(day, 23, 59)
        first_outside = horizon(now=now) + timedelta(seconds=1)
        send_by = dates_of(first_outside, zone="UTC", now=now).send_by
        assert rung_at(send_by, zone="Pacific/Kiritimati", now=now) is None
