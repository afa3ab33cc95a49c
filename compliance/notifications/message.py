"""A message to one person about all that there is to tell, as prepared values."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext

from compliance.answers import checklist_of
from compliance.models import Mail
from compliance.notifications.notices import Notice
from compliance.notifications.sentences import Sentences
from compliance.requirements import Checklist
from compliance.stages import dates_of
from compliance.wording import dates as words
from compliance.wording.registrations import country, title

Kind = Mail.Kind

# Of several notices about one registration the first here gives the words; its text covers them.
LEADING = (
    Kind.CHANGES,
    Kind.EXPIRED,
    Kind.FOUND,
    Kind.REMINDER,
    Kind.DONE,
    Kind.APPROVED,
    Kind.SENT,
    Kind.ON_BEHALF,
)
TO_DO = (Kind.CHANGES, Kind.EXPIRED, Kind.FOUND, Kind.REMINDER)


@dataclass(frozen=True, kw_only=True)
class Link:
    text: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One registration, or another thing to tell of. ``points`` are what was refused, each with our
    explanation; they stand between ``lines`` and ``after``."""

    kind: Mail.Kind | None = None
    subject: str
    title: str
    company: str
    lines: tuple[str, ...]
    points: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    after: tuple[str, ...]
    url: str
    button: str
    reference: str = ""
    send_by: datetime
    send_by_day: str = ""

    @property
    def is_to_do(self) -> bool:
        return self.kind in TO_DO


@dataclass(frozen=True, kw_only=True)
class Message:
    subject: str
    entries: tuple[Entry, ...]
    # Why this person gets it, and that we never ask for papers by e-mail.
    foot: tuple[str, ...]
    url: str


def message_of(notices: Iterable[Notice], *, now: datetime) -> Message:
    """One message about all of these: what is to be done first, the nearest date first."""
    by_renewal: dict[int, list[Notice]] = {}
    for notice in notices:
        by_renewal.setdefault(notice.renewal.pk, []).append(notice)
    leading = [min(some, key=lambda n: LEADING.index(n.kind)) for some in by_renewal.values()]
    on_behalf = {
        pk for pk, some in by_renewal.items() if any(n.kind == Kind.ON_BEHALF for n in some)
    }
    companies = sorted({notice.customer.name for notice in leading})
    entries = sorted(
        (_entry(notice, on_behalf=notice.renewal.pk in on_behalf, now=now) for notice in leading),
        key=lambda entry: (not entry.is_to_do, entry.send_by, entry.reference),
    )
    return Message(
        subject=_subject(entries),
        entries=tuple(entries),
        foot=_foot(companies),
        url=entries[0].url if len(entries) == 1 else f"{settings.PUBLIC_URL}{reverse('home')}",
    )


def _subject(entries: Sequence[Entry]) -> str:
    if len(entries) == 1:
        return entries[0].subject
    to_do = [entry for entry in entries if entry.is_to_do]
    if len(to_do) == 1:
        return to_do[0].subject
    if not to_do:
        return gettext("News about %(count)s of your phone registrations") % {"count": len(entries)}
    open_ = [entry for entry in to_do if entry.send_by_day]
    if not open_:
        return gettext("%(count)s phone registrations need your attention now") % {
            "count": len(to_do)
        }
    return gettext("%(count)s phone registrations need your attention, the first by %(day)s") % {
        "count": len(to_do),
        "day": open_[0].send_by_day,
    }


def _foot(companies: Sequence[str]) -> tuple[str, ...]:
    call = gettext("Or call %(phone)s.") % {"phone": settings.SUPPORT_PHONE}
    return (
        gettext("You get this because you are listed as a contact for %(companies)s.")
        % {"companies": ", ".join(companies)},
        gettext("We will never ask for documents by e-mail."),
        gettext("Questions? Write to %(support)s and give the reference.")
        % {"support": settings.SUPPORT_EMAIL},
        *([call] if settings.SUPPORT_PHONE else []),
    )


def _entry(notice: Notice, *, on_behalf: bool, now: datetime) -> Entry:
    renewal, zone = notice.renewal, notice.customer.time_zone
    bundle, dates = renewal.bundle, dates_of(renewal.valid_until, now=now, zone=zone)
    place = country(bundle)
    checklist = checklist_of(renewal) if notice.kind in TO_DO else Checklist(tasks=(), fine=())
    say = Sentences(
        notice=notice, place=place, dates=dates, zone=zone, tasks=checklist.tasks, now=now
    )
    lines: tuple[str, ...]
    points: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    match notice.kind:
        case Kind.FOUND | Kind.REMINDER:
            subject, lines = say.update_subject(), say.update_lines()
        case Kind.CHANGES:
            subject, lines = say.changes_subject(), say.changes_lines()
            points, after = say.points(), say.changes_after()
        case Kind.EXPIRED:
            subject, lines = say.expired_subject(), say.expired_lines()
        case Kind.SENT:
            subject, lines = say.sent_subject(), say.sent_lines()
        case Kind.APPROVED:
            subject, lines = say.approved_subject(), say.approved_lines()
        case Kind.ON_BEHALF:
            subject, lines = say.on_behalf_subject(), say.on_behalf_lines()
        case _:
            subject, lines = say.done_subject(), say.done_lines()
    if on_behalf and notice.kind != Kind.ON_BEHALF:
        lines = (*lines, *say.who_did_it())
    has_room = notice.kind in TO_DO and not dates.late and not dates.expired
    return Entry(
        kind=notice.kind,
        subject=subject,
        # A name that staff gave the bundle can be a person's.
        title=title(bundle) if place else gettext("Phone registration"),
        company=notice.customer.name,
        lines=tuple(line for line in lines if line),
        points=points,
        after=tuple(line for line in after if line),
        url=f"{settings.PUBLIC_URL}{reverse('registration', args=[renewal.reference])}",
        button=say.button(),
        reference=renewal.reference,
        send_by=dates.send_by,
        send_by_day=words.short_day(dates.send_by, zone) if has_room else "",
    )
