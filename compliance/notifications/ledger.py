"""The ledger of what was told to whom. A row is committed before its message leaves.

Two keys keep a promise from being told twice: the row's own (what, and to whom) and, for mails that
are not urgent, the person's day. Both are looked at under a lock on the person, in the transaction
that reads the renewals afresh and writes the rows; the message leaves after it.

A row that stays *tried* was interrupted between commit and result, and nobody knows whether its
message left. Where silence would cost the customer the deadline it is tried again, and a double is
the lesser evil: found, changes needed, expired, and the last rung. The other rungs are followed by
the next one; sent, approved and done ask for nothing and stand on the page; an SMS costs money and
wakes people, and goes beside a mail. Those stay as they are, for staff to see.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import translation

from compliance.models import Event, Mail, Membership, User
from compliance.notifications.ladder import LAST_RUNGS, is_daytime
from compliance.notifications.message import Message, message_of
from compliance.notifications.notices import GATHER, Due, Notice, due

Kind, Channel, Result = Mail.Kind, Mail.Channel, Mail.Result

TRIES = 8
FIRST_PAUSE = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(hours=12)
# No message is under way for so long: its process is gone.
UNKNOWN_AFTER = timedelta(minutes=15)
UNSETTLED = (Result.FAILED, Result.TRIED)
# Not about a registration.
PERSONAL = (Kind.INVITED, Kind.PASSKEY, Kind.DIGEST)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A message that is this process's to send, with its rows written."""

    token: str
    channel: Mail.Channel
    address: str
    language: str
    message: Message


def candidates(found: Due, *, now: datetime) -> list[tuple[int, Mail.Channel]]:
    """People for whom a claim may find something, and the way on which it would."""
    people = set().union(*found.readers.values())
    days = _days(people, now=now)
    had_one = _had_one(days)
    wanted: dict[str, tuple[Notice, int, Mail.Channel]] = {}
    for notice in found.notices:
        for person in found.readers_of(notice):
            if notice.is_at_once or person not in had_one:
                wanted[_key(notice, person, Channel.MAIL)] = (notice, person, Channel.MAIL)
    for notice, person in _texts(found):
        if is_daytime(notice.customer.time_zone, now=now):
            wanted[_key(notice, person, Channel.SMS)] = (notice, person, Channel.SMS)
    rows = _rows(wanted)
    return list(
        dict.fromkeys(
            (person, channel)
            for key, (_notice, person, channel) in wanted.items()
            if is_open(rows.get(key), now=now)
        )
    )


def _texts(found: Due) -> Iterator[tuple[Notice, int]]:
    """What goes by SMS as well, to those who have given a number."""
    worth = [notice for notice in found.notices if _is_worth_an_sms(notice)]
    if not settings.SMS_FROM or not worth:
        return
    readers = set().union(*(found.readers_of(notice) for notice in worth))
    phones = User.objects.filter(pk__in=readers).exclude(phone="")
    with_phone = set(phones.values_list("pk", flat=True))
    for notice in worth:
        for person in found.readers_of(notice) & with_phone:
            yield notice, person


def claim(person_pk: int, channel: Mail.Channel, *, now: datetime) -> Claim | None:
    """What this person is to be told now, with its rows committed; None if there is nothing.

    Everything is read again here: between the first look and this one a customer can have sent.
    """
    with transaction.atomic():
        person = User.objects.select_for_update().filter(pk=person_pk, is_active=True).first()
        if person is None or (channel == Channel.SMS and not person.phone):
            return None
        memberships = list(Membership.objects.filter(user=person, mails=True).order_by("pk"))
        customers = {membership.customer_id for membership in memberships}
        found = due(now=now, customers=customers)
        open_ = _open_notices(found, person, channel, now=now)
        day: date | None = None
        if channel == Channel.MAIL:
            today = _days([person.pk], now=now)[person.pk]
            open_, is_mail_of_the_day = _for_today(open_, found, person, today, now=now)
            day = today if is_mail_of_the_day else None
        if not open_:
            return None
        with translation.override(person.language):
            message = message_of(open_, now=now)
        token = uuid4().hex
        for notice in open_:
            _write(notice, person, channel, token, message.subject, day, now=now)
    return Claim(
        token=token,
        channel=channel,
        address=person.email if channel == Channel.MAIL else person.phone,
        language=person.language,
        message=message,
    )


def _open_notices(
    found: Due, person: User, channel: Mail.Channel, *, now: datetime
) -> list[Notice]:
    wanted = [notice for notice in found.notices if person.pk in _readers(found, notice)]
    if channel == Channel.SMS:
        wanted = [
            notice
            for notice in wanted
            if _is_worth_an_sms(notice) and is_daytime(notice.customer.time_zone, now=now)
        ]
    rows = _rows(_key(notice, person.pk, channel) for notice in wanted)
    open_ = {
        notice.name: notice
        for notice in wanted
        if is_open(rows.get(_key(notice, person.pk, channel)), now=now)
    }
    return list(open_.values())


def _for_today(
    open_: Sequence[Notice], found: Due, person: User, today: date, *, now: datetime
) -> tuple[list[Notice], bool]:
    """What goes now, and whether that is this day's one mail.

    What is said at once about a registration takes along whatever else there is about it.
    """
    urgent = {notice.renewal.pk for notice in open_ if notice.is_at_once}
    at_once = [notice for notice in open_ if notice.renewal.pk in urgent]
    others = [notice for notice in open_ if notice.renewal.pk not in urgent]
    had_one = person.pk in _had_one({person.pk: today})
    if not others or had_one or _others_are_coming(others, found, now=now):
        return at_once, False
    return [*at_once, *others], True


def _others_are_coming(others: Sequence[Notice], found: Due, *, now: datetime) -> bool:
    """Forms are prepared one after the other, and one mail is to have them all."""
    fresh = [n.event.at for n in others if n.kind == Kind.FOUND and n.event is not None]
    is_preparing = any(notice.customer.pk in found.preparing for notice in others)
    return is_preparing and len(fresh) > 0 and min(fresh) > now - GATHER


def _days(people: Collection[int], *, now: datetime) -> dict[int, date]:
    """Each person's today, by their first company: one calendar, however many companies."""
    zones: dict[int, str] = {}
    for membership in (
        Membership.objects.filter(user__in=people).select_related("customer").order_by("-pk")
    ):
        zones[membership.user_id] = membership.customer.time_zone
    return {person: now.astimezone(ZoneInfo(zone)).date() for person, zone in zones.items()}


def _had_one(days: Mapping[int, date]) -> set[int]:
    """Those who have had this day's mail, or may have."""
    rows = Mail.objects.filter(
        recipient__in=days.keys(),
        day__in=set(days.values()),
        result__in=[Result.TRIED, Result.SENT],
    )
    return {
        person for person, day in rows.values_list("recipient_id", "day") if days[person] == day
    }


def _write(
    notice: Notice,
    person: User,
    channel: Mail.Channel,
    token: str,
    subject: str,
    day: date | None,
    *,
    now: datetime,
) -> None:
    row = Mail.objects.filter(key=_key(notice, person.pk, channel)).first() or Mail(
        key=_key(notice, person.pk, channel)
    )
    row.kind, row.channel, row.recipient = notice.kind, channel, person
    row.customer, row.renewal, row.event = notice.customer, notice.renewal, notice.event
    row.day = day
    twice = channel == Channel.MAIL and _is_better_twice(notice)
    note_try(row, token, subject, twice=twice, now=now)


def note_try(row: Mail, token: str, subject: str, *, twice: bool, now: datetime) -> None:
    """The message is about to leave. ``twice``: should nobody know whether it did, it is sent
    again."""
    row.message, row.subject = token, subject[:200]
    # What had been given up as no longer true starts anew.
    row.attempts = 1 if row.result == Result.OVERTAKEN else row.attempts + 1
    row.result, row.tried_at, row.sent_at, row.problem = Result.TRIED, now, None, ""
    row.next_try_at = now + UNKNOWN_AFTER if twice and row.attempts < TRIES else None
    row.save()


def _is_better_twice(notice: Notice) -> bool:
    if notice.kind == Kind.REMINDER:
        return notice.rung == min(settings.REMINDER_DAYS)
    return notice.kind in (Kind.FOUND, Kind.CHANGES, Kind.EXPIRED, Kind.ON_BEHALF)


def _is_worth_an_sms(notice: Notice) -> bool:
    return notice.kind == Kind.EXPIRED or notice.rung in LAST_RUNGS


def _key(notice: Notice, person_pk: int, channel: Mail.Channel) -> str:
    key = f"{notice.name}:{person_pk}"
    return key if channel == Channel.MAIL else f"{channel}:{key}"


def _rows(keys: Iterable[str]) -> dict[str, Mail]:
    return Mail.objects.in_bulk(list(keys), field_name="key")


def is_open(row: Mail | None, *, now: datetime) -> bool:
    """Never told, no longer overtaken, or due to be tried again."""
    if row is None or row.result == Result.OVERTAKEN:
        return True
    is_due = row.next_try_at is not None and row.next_try_at <= now
    return row.result in UNSETTLED and is_due


# --- What came of it --------------------------------------------------------------------------


def note_sent(claimed: Claim, *, now: datetime) -> None:
    Mail.objects.filter(message=claimed.token, result=Result.TRIED).update(
        result=Result.SENT, sent_at=now, next_try_at=None, problem=""
    )


def note_failure(claimed: Claim, problem: str, *, for_good: bool, now: datetime) -> None:
    """It has certainly not left: tried again, with growing pauses, as long as it is still true."""
    for row in Mail.objects.filter(message=claimed.token, result=Result.TRIED):
        row.problem = problem[:300]
        if for_good or row.attempts >= TRIES:
            row.result, row.next_try_at = Result.UNDELIVERED, None
        else:
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 3 ** (row.attempts - 1))
            row.result, row.next_try_at = Result.FAILED, now + pause
        row.save(update_fields=["result", "problem", "next_try_at"])


def note_doubt(claimed: Claim, problem: str) -> None:
    """The line broke while the message was handed over: it may have left."""
    Mail.objects.filter(message=claimed.token, result=Result.TRIED).update(problem=problem[:300])


def settle(found: Due, *, now: datetime) -> None:
    """Close what needs no further look: rows that were overtaken, and events told to everybody."""
    alive = {notice.name for notice in found.notices} | found.later
    gone = [
        row.pk
        for row in Mail.objects.filter(result__in=UNSETTLED, next_try_at__lte=now).exclude(
            kind__in=PERSONAL
        )
        if row.key.removeprefix(f"{Channel.SMS}:").rpartition(":")[0] not in alive
    ]
    Mail.objects.filter(pk__in=gone, result__in=UNSETTLED).update(
        result=Result.OVERTAKEN, next_try_at=None
    )
    told = {event.pk for event in found.over}
    promised: dict[int, set[str]] = {}
    for notice in found.notices:
        if notice.event is None:
            continue
        keys = {_key(notice, person, Channel.MAIL) for person in _readers(found, notice)}
        if keys or notice.event.kind == "finished-elsewhere":
            promised[notice.event.pk] = keys
        # Else nobody is there yet; who comes while it is still true is told.
    for notice, person in _texts(found):
        if notice.event is not None and notice.event.pk in promised:
            promised[notice.event.pk].add(_key(notice, person, Channel.SMS))
    rows = _rows(set().union(*promised.values()))
    told |= {
        event_pk
        for event_pk, keys in promised.items()
        if all((row := rows.get(key)) is not None and is_settled(row) for key in keys)
    }
    Event.objects.filter(pk__in=told, told_at=None).update(told_at=now)


def _readers(found: Due, notice: Notice) -> set[int]:
    """Who is to hear of it. That somebody else has finished it is news only to those who were
    asked to."""
    readers = found.readers_of(notice)
    if notice.event is not None and notice.event.kind == "finished-elsewhere":
        asked = Mail.objects.filter(renewal=notice.renewal)
        return readers & set(asked.values_list("recipient_id", flat=True))
    return readers


def is_settled(row: Mail) -> bool:
    return row.next_try_at is None and row.result != Result.OVERTAKEN


def again(mails: Iterable[Mail], *, now: datetime) -> int:
    """Staff say so: what did not arrive is tried once more, from the first try on, if it still
    holds. Returns how many rows that is."""
    pks = [mail.pk for mail in mails]
    with transaction.atomic():
        rows = Mail.objects.filter(pk__in=pks).exclude(result=Result.SENT)
        Event.objects.filter(mails__in=rows).update(told_at=None)
        return rows.update(result=Result.FAILED, attempts=0, next_try_at=now)
