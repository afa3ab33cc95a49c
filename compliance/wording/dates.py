"""Dates as people read them: in the customer's time zone, relative time only in addition."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext, ngettext, pgettext

from compliance.wording.kept import kept


def moment(at: datetime, zone: str) -> str:
    """``Saturday 28 November 2026, 23:00 (Europe/London)``"""
    return f"{_printed(at, zone, 'moment')} ({zone})"


def day(at: datetime, zone: str) -> str:
    """``Thursday 26 November 2026``"""
    return _printed(at, zone, "day")


def short_day(at: datetime, zone: str) -> str:
    """``26 November``"""
    return _printed(at, zone, "short day")


def stamp(at: datetime, zone: str) -> str:
    """``12 November 2026, 09:02``"""
    return _printed(at, zone, "stamp")


def clock(at: datetime, zone: str) -> str:
    """``14:30``"""
    return _printed(at, zone, "clock")


def relative(at: datetime, zone: str, *, now: datetime) -> str:
    """``in 12 days``, counted in the customer's calendar, not in spans of 24 hours."""
    local = ZoneInfo(zone)
    days = (at.astimezone(local).date() - now.astimezone(local).date()).days
    return _relative(days, is_past=at < now)


@kept
def _relative(days: int, *, is_past: bool) -> str:
    if days == 0:
        return gettext("earlier today") if is_past else gettext("today")
    if days == 1:
        return gettext("tomorrow")
    if days == -1:
        return gettext("yesterday")
    if days > 0:
        return ngettext("in %(days)s day", "in %(days)s days", days) % {"days": days}
    return ngettext("%(days)s day ago", "%(days)s days ago", -days) % {"days": -days}


def since(at: datetime, *, now: datetime) -> str:
    """``5 minutes ago``"""
    minutes = max(0, int((now - at).total_seconds() // 60))
    if minutes < 1:
        return gettext("just now")
    if minutes < 60:
        return ngettext("%(minutes)s minute ago", "%(minutes)s minutes ago", minutes) % {
            "minutes": minutes
        }
    hours = minutes // 60
    if hours < 48:
        return ngettext("%(hours)s hour ago", "%(hours)s hours ago", hours) % {"hours": hours}
    return ngettext("%(days)s day ago", "%(days)s days ago", hours // 24) % {"days": hours // 24}


def value(iso: str) -> str:
    """An attribute ``YYYY-MM-DD`` as a date; anything else as it is."""
    try:
        return formats.date_format(
            datetime.strptime(iso, "%Y-%m-%d").date(),  # noqa: DTZ007 (a day has no zone)
            pgettext("date format", "j F Y"),
        )
    except ValueError:
        return iso


@kept
def _printed(at: datetime, zone: str, style: str) -> str:
    pattern = {
        "moment": pgettext("date format", "l j F Y, H:i"),
        "day": pgettext("date format", "l j F Y"),
        "short day": pgettext("date format", "j F"),
        "stamp": pgettext("date format", "j F Y, H:i"),
        "clock": pgettext("date format", "H:i"),
    }[style]
    return formats.date_format(at.astimezone(ZoneInfo(zone)), pattern)
