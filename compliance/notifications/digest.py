"""The digest: one mail each morning to the staff who want it, with what needs a person.

The day is opened by an event whose key can exist once, so two timetables open one day, and a
missed run opens it later. What is said is read when a mail is made; each line names a company and a
reference, nothing else of anybody, and leads to its page in the admin.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, ngettext

from compliance import accounts, jobs, standing
from compliance.models import Account, Bundle, Event, Mail, Renewal, Stray, User
from compliance.notifications import ledger
from compliance.notifications.ledger import Claim
from compliance.notifications.message import Entry, Link, Message
from compliance.wording import dates as words

KIND = "digest"
# The rest is behind the button.
LINES = 15
SOMEBODYS = "copy-of-somebody-else"
DAY = timedelta(days=1)


def readers() -> list[User]:
    """Staff who want it, and may see what it names."""
    wanting = User.objects.filter(is_staff=True, is_active=True, gets_digest=True)
    return [user for user in wanting.exclude(email="") if user.has_perm("compliance.view_renewal")]


def candidates(*, now: datetime) -> list[tuple[int, int]]:
    """The day's event with each person who has not had the mail yet."""
    people = readers()
    if not people:
        return []
    _open_day(now=now)
    found = []
    for event in Event.objects.filter(kind=KIND, told_at=None):
        rows = Mail.objects.in_bulk([_key(event, p.pk) for p in people], field_name="key")
        settled = [
            person
            for person in people
            if (row := rows.get(_key(event, person.pk))) and ledger.is_settled(row)
        ]
        if len(settled) == len(people) or event.at < now - DAY:
            _close(event, now=now)
            continue
        found += [
            (event.pk, person.pk)
            for person in people
            if ledger.is_open(rows.get(_key(event, person.pk)), now=now)
        ]
    return found


def claim(event_pk: int, person_pk: int, *, now: datetime) -> Claim | None:
    """The message, with its row committed; None if somebody else has it."""
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=person_pk)
        event = Event.objects.get(pk=event_pk)
        row = Mail.objects.filter(key=_key(event, person.pk)).first()
        if not ledger.is_open(row, now=now):
            return None
        with translation.override(person.language):
            message = message_of(now=now, since=_since(event))
        token = uuid4().hex
        row = row or Mail(key=_key(event, person.pk))
        row.kind, row.recipient, row.event = Mail.Kind.DIGEST, person, event
        ledger.note_try(row, token, message.subject, twice=False, now=now)
    return Claim(
        token=token,
        channel=Mail.Channel.MAIL,
        address=person.email,
        language=person.language,
        message=message,
    )


def _key(event: Event, person_pk: int) -> str:
    return f"{event.key}:{person_pk}"


def _open_day(*, now: datetime) -> None:
    """From the hour on. A quiet day is closed as soon as it is opened, unless it is a Monday."""
    local = now.astimezone(ZoneInfo(settings.DIGEST_TIME_ZONE))
    key = f"{KIND}:{local:%Y-%m-%d}"
    if local.hour < settings.DIGEST_HOUR or Event.objects.filter(key=key).exists():
        return
    since = _before(now)
    is_quiet = not any(True for _section in sections(now=now, since=since))
    told_at = now if is_quiet and local.weekday() != 0 else None
    details = {"since": since.isoformat(), "quiet": is_quiet}
    Event.objects.get_or_create(
        key=key, defaults={"at": now, "kind": KIND, "told_at": told_at, "details": details}
    )


def _before(now: datetime) -> datetime:
    """When the last day was opened, so that nothing falls between two digests."""
    last = Event.objects.filter(kind=KIND).order_by("-at").first()
    return last.at if last else now - DAY


def _since(event: Event) -> datetime:
    return datetime.fromisoformat(event.details["since"])


def _close(event: Event, *, now: datetime) -> None:
    Mail.objects.filter(event=event, result__in=ledger.UNSETTLED, next_try_at__isnull=False).update(
        result=Mail.Result.OVERTAKEN, next_try_at=None
    )
    Event.objects.filter(pk=event.pk, told_at=None).update(told_at=now)


# --- What it says -------------------------------------------------------------------------------


def message_of(*, now: datetime, since: datetime) -> Message:
    entries = tuple(sections(now=now, since=since))
    today: date = now.astimezone(ZoneInfo(settings.DIGEST_TIME_ZONE)).date()
    index = _url("admin:index")
    values = {"brand": settings.BRAND_NAME, "day": f"{today:%Y-%m-%d}"}
    if entries:
        count = sum(len(entry.links) for entry in entries)
        entries = tuple(replace(entry, links=entry.links[:LINES]) for entry in entries)
        subject = ngettext(
            "%(brand)s, %(day)s: %(count)s thing to look at",
            "%(brand)s, %(day)s: %(count)s things to look at",
            count,
        ) % {**values, "count": count}
    else:
        subject = gettext("%(brand)s, %(day)s: all quiet") % values
        entries = (_all_quiet(index, now=now),)
    foot = (gettext("You get this because your page in the admin says “gets the digest”."),)
    return Message(subject=subject, entries=entries, foot=foot, url=index)


def _all_quiet(index: str, *, now: datetime) -> Entry:
    return Entry(
        subject="",
        title=gettext("All quiet"),
        company="",
        lines=(gettext("Nothing needs a person. The next mail comes when something does."),),
        after=(),
        url=index,
        button=gettext("The dashboard"),
        send_by=now,
    )


def sections(*, now: datetime, since: datetime) -> Iterator[Entry]:
    """Those that have something to say."""
    queue = _url("admin:compliance_renewal_changelist")
    for title, links, url in (
        (gettext("Turned down since the last digest"), _rejections(since), queue),
        (gettext("Late, and not sent yet"), _late(now), queue),
        (gettext("Stuck, or in need of a person"), _stuck(now), queue),
        (
            gettext("Mails that did not arrive"),
            _mails(now, since),
            f"{_url('admin:compliance_mail_changelist')}?arrived=no",
        ),
        (
            gettext("Left over at Twilio"),
            _left_over(since),
            _url("admin:compliance_renewal_left_over"),
        ),
        (gettext("The installation"), _installation(now), _url("admin:index")),
    ):
        found = list(links)
        if found:
            yield _section(title, found, url, now=now)


def _section(title: str, links: Sequence[Link], url: str, *, now: datetime) -> Entry:
    more = len(links) - LINES
    after = [ngettext("And %(count)s more.", "And %(count)s more.", more) % {"count": more}]
    return Entry(
        subject="",
        title=f"{title} ({len(links)})",
        company="",
        lines=(),
        links=tuple(links),
        after=tuple(after if more > 0 else ()),
        url=url,
        button=gettext("See them all"),
        send_by=now,
    )


def _rejections(since: datetime) -> Iterator[Link]:
    pks = Event.objects.filter(kind="rejected", at__gt=since).values("renewal")
    for renewal in _listed(Renewal.objects.filter(pk__in=pks)):
        yield _of_renewal(renewal, gettext("turned down"))


def _late(now: datetime) -> Iterator[Link]:
    for renewal in _listed(Renewal.objects.filter(standing.at_late_risk(now=now))):
        if renewal.valid_until <= now:
            said = gettext("expired on %(day)s")
        else:
            said = gettext("expires on %(day)s")
        zone = renewal.bundle.customer.time_zone if renewal.bundle.customer else "UTC"
        yield _of_renewal(renewal, said % {"day": words.short_day(renewal.valid_until, zone)})


def _stuck(now: datetime) -> Iterator[Link]:
    ill = (
        standing.needs_a_person()
        | (standing.is_open() & standing.is_stuck(now=now))
        | standing.is_overdue(now=now)
    )
    for renewal in _listed(Renewal.objects.filter(ill)):
        # Slugs, as the admin's pages have them.
        yield _of_renewal(renewal, f"{renewal.state}, {renewal.trouble or '-'}")


def _listed(renewals: QuerySet[Renewal]) -> Iterable[Renewal]:
    return renewals.select_related("bundle__customer").defer("evaluation").order_by("valid_until")


def _of_renewal(renewal: Renewal, said: str) -> Link:
    company = renewal.bundle.customer or "-"
    return Link(
        text=f"{company} · {renewal.reference} · {said}",
        url=_url("admin:compliance_renewal_change", renewal.pk),
    )


def _mails(now: datetime, since: datetime) -> Iterator[Link]:
    tried = Q(result=Mail.Result.TRIED)
    # One that was too young to be told of the last time is told of now.
    recent = (tried & Q(tried_at__gt=since - standing.UNKNOWN_FOR)) | (
        ~tried & Q(tried_at__gt=since)
    )
    undelivered = Mail.objects.filter(recent, standing.is_undelivered(now=now), next_try_at=None)
    found = undelivered.select_related("customer", "renewal").order_by("-tried_at")
    for mail in found:
        about = mail.renewal.reference if mail.renewal else "-"
        said = f"{mail.customer or '-'} · {about} · {mail.get_kind_display()}"
        yield Link(
            text=f"{said} · {mail.get_result_display()}",
            url=_url("admin:compliance_mail_change", mail.pk),
        )


def _left_over(since: datetime) -> Iterator[Link]:
    """What a person has to decide about, and copies that somebody else made."""
    found = Event.objects.filter(kind=SOMEBODYS, at__gt=since, renewal__isnull=False)
    for event in found.select_related("renewal__bundle__customer").order_by("-at"):
        if event.renewal is not None:
            yield _of_renewal(event.renewal, event.kind)
    count = Stray.objects.for_support().filter(found_at__gt=since).count()
    if count:
        said = ngettext(
            "%(count)s thing was found that waits for a decision",
            "%(count)s things were found that wait for a decision",
            count,
        )
        yield Link(text=said % {"count": count}, url=_url("admin:compliance_renewal_left_over"))


def _installation(now: datetime) -> Iterator[Link]:
    """What stops everything at once, or soon."""
    index = _url("admin:index")
    for account in Account.objects.filter(active=True, unreachable_since__isnull=False):
        said = gettext("%(account)s does not answer: %(because)s")
        yield Link(
            text=said % {"account": account.sid, "because": account.unreachable_because},
            url=_url("admin:compliance_account_change", account.pk),
        )
    # Not the worker: it is what reads this.
    signs = [sign for sign in jobs.processes() if sign.name == jobs.BEAT]
    for job in (*signs, *jobs.timetable()):
        if job.at is not None and job.is_silent(now=now):
            said = gettext("%(job)s has been silent since %(when)s")
            yield Link(
                text=said % {"job": job.name, "when": f"{job.at:%Y-%m-%d %H:%M} UTC"}, url=index
            )
    if not settings.SECURE:
        said = gettext("PUBLIC_URL is not https: Twilio's callbacks and what people type are open")
        yield Link(text=said, url=index)
    if settings.TWILIO_REQUIRE_SIGNATURE and not accounts.can_verify_callbacks():
        said = gettext("TWILIO_AUTH_TOKEN is missing: every callback of Twilio is turned away")
        yield Link(text=said, url=index)
    nobodys = Bundle.objects.filter(customer=None, valid_until__isnull=False).count()
    if nobodys:
        said = ngettext(
            "%(count)s bundle with a deadline belongs to nobody",
            "%(count)s bundles with a deadline belong to nobody",
            nobodys,
        )
        yield Link(text=said % {"count": nobodys}, url=_url("admin:compliance_bundle_unassigned"))


def _url(name: str, *args: int) -> str:
    return f"{settings.PUBLIC_URL}{reverse(name, args=args)}"
