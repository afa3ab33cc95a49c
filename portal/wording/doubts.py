"""What makes a document likely to come back, said before it is sent. Never a reason to refuse it:
the person who holds the paper knows better."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext, ngettext

from compliance.wording import dates

# A register asks for "not older than three months" in prose alone.
AGE = re.compile(
    r"\b(?:older than|last|past|within)\s+(?:the\s+last\s+)?"
    r"(\d{1,2}|one|two|three|six|nine|twelve)\s+months?\b",
    re.IGNORECASE,
)
NUMBERS = {"one": 1, "two": 2, "three": 3, "six": 6, "nine": 9, "twelve": 12}


def sentence(code: str) -> str:
    match code:
        case "blurred":
            return gettext(
                "This photo looks blurred. Take it again with a steady hand and in good light, "
                "with all four corners in the picture."
            )
        case "dark":
            return gettext(
                "This photo is very dark. Take it again in better light, "
                "with all four corners in the picture."
            )
        case "small":
            return gettext(
                "This picture is small, and its text may be impossible to read. "
                "Take it again from nearer, or use a larger version."
            )
        case "blank":
            return gettext("This page looks empty. Check that it shows the document.")
        case _:
            return gettext("This file may be impossible to read. Check that it is the right one.")


def about_dates(values: Mapping[str, Any], *, demands: Iterable[str], today: date) -> list[str]:
    """What the dates that were entered mean.

    :param demands: the regulation's sentences on the document.
    """
    found = []
    expires = _day(values.get("expiration_date"))
    if expires and expires < today:
        found.append(
            gettext("By the date that you entered, this document expired on %(date)s.")
            % {"date": dates.value(expires.isoformat())}
        )
    issued = _day(values.get("issue_date"))
    months = min((each for text in demands for each in _months(text)), default=None)
    if issued and months and _months_before(today, months) > issued:
        found.append(
            ngettext(
                "By the date that you entered, this document is older than %(months)s month, "
                "and a newer one is asked for.",
                "By the date that you entered, this document is older than %(months)s months, "
                "and a newer one is asked for.",
                months,
            )
            % {"months": months}
        )
    return found


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def _months(text: str) -> list[int]:
    return [NUMBERS.get(word.lower()) or int(word) for word in AGE.findall(text)]


def _months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's 28th, which errs on the mild side."""
    month = day.year * 12 + day.month - 1 - months
    return date(month // 12, month % 12 + 1, min(day.day, 28))
