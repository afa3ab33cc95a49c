"""Both dates of a registration, at the edges of days, weeks and time zones."""

from datetime import UTC, datetime

from compliance.stages import dates_of

MONDAY_NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


def test_send_by_leaves_time_for_two_reviews_and_a_correction_in_working_days() -> None:
    """Three days before a Monday, the weekend between, is the Wednesday before."""
    dates = dates_of(MONDAY_NOON, now=MONDAY_NOON)
    assert dates.send_by == datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def test_a_working_day_is_one_where_the_customer_is() -> None:
    """In Sydney it is Saturday morning when UTC still has Friday."""
    friday_late = datetime(2026, 11, 27, 22, 0, tzinfo=UTC)
    for zone in ("UTC", "Australia/Sydney"):
        local = dates_of(friday_late, now=friday_late, zone=zone).send_by
        assert local.weekday() < 5, zone


def test_late_and_expired_begin_at_the_instant() -> None:
    send_by = dates_of(MONDAY_NOON, now=MONDAY_NOON).send_by
    assert not dates_of(MONDAY_NOON, now=send_by).late
    assert dates_of(MONDAY_NOON, now=send_by.replace(second=1)).late
    assert dates_of(MONDAY_NOON, now=MONDAY_NOON).expired
    assert not dates_of(MONDAY_NOON, now=MONDAY_NOON.replace(hour=11)).expired
