"""Both dates of a registration, in the sentences that stand at the head of its page."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext, ngettext

from compliance.stages import WITH_CUSTOMER, Dates, Stage
from compliance.wording import dates as words


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """``look`` is one of needs, late, quiet."""

    lead: str
    lines: tuple[str, ...]
    look: str


def deadline(stage: Stage, dates: Dates, zone: str, *, now: datetime) -> Deadline | None:
    expires = words.moment(dates.expires, zone)
    left = words.relative(dates.expires, zone, now=now)
    ends = gettext("The registration expires on %(expires)s, %(left)s.") % {
        "expires": expires,
        "left": left,
    }
    if stage in (Stage.DONE, Stage.FINISHING):
        return None
    if dates.expired or stage == Stage.EXPIRED:
        lead = gettext("This registration expired on %(day)s") % {
            "day": words.day(dates.expires, zone)
        }
        lines = [gettext("The numbers on it may stop working.")]
        if stage in WITH_CUSTOMER or stage == Stage.CHECKING:
            lines.append(
                gettext(
                    "You can still send your update; we will do everything we can to restore it."
                )
            )
        return Deadline(lead=lead, lines=tuple(lines), look="late")
    if stage not in (*WITH_CUSTOMER, Stage.CHECKING):
        return Deadline(lead="", lines=(ends,), look="quiet")
    if dates.late:
        return Deadline(
            lead=gettext("It is later than we recommend: send it now"),
            lines=(
                ends,
                gettext("Checking may finish after %(day)s.")
                % {"day": words.short_day(dates.expires, zone)},
            ),
            look="late",
        )
    lead = gettext("Send by %(day)s (%(left)s)") % {
        "day": words.day(dates.send_by, zone),
        "left": words.relative(dates.send_by, zone, now=now),
    }
    usual = ngettext(
        "Checking usually takes %(days)s working day.",
        "Checking usually takes %(days)s working days.",
        settings.REVIEW_DAYS,
    ) % {"days": settings.REVIEW_DAYS}
    return Deadline(lead=lead, lines=(usual, ends), look="needs")
