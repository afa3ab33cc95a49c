"""When a reminder is due: so many days before *send by*, each from the morning of its day on."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

MORNING = 8
EVENING = 20
# The rungs that are worth an SMS.
LAST_RUNGS = (1, 0)


def rung_at(send_by: datetime, *, zone: str, now: datetime) -> int | None:
    """The most urgent rung that has been reached; None before the first.

    Days are those of the calendar in ``zone``, the customer's. After a missed run the rungs above
    the one reached are gone: who was not reminded in time is reminded once, not several times.
    """
    left = (send_by.astimezone(ZoneInfo(zone)).date() - _day_begun(zone, now=now)).days
    return min((rung for rung in settings.REMINDER_DAYS if left <= rung), default=None)


def horizon(*, now: datetime) -> datetime:
    """No deadline after this has reached a rung: ``send_by`` is so many working days earlier."""
    working_days = settings.REVIEW_DAYS * 2 + settings.CORRECTION_DAYS
    return now + timedelta(days=max(settings.REMINDER_DAYS) + 2 * working_days + 4)


def is_daytime(zone: str, *, now: datetime) -> bool:
    """When a telephone may ring."""
    return MORNING <= now.astimezone(ZoneInfo(zone)).hour < EVENING


def _day_begun(zone: str, *, now: datetime) -> date:
    """Today, or yesterday as long as it is night."""
    here = now.astimezone(ZoneInfo(zone))
    return here.date() if here.hour >= MORNING else here.date() - timedelta(days=1)
