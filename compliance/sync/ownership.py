"""Whose is what carries our tag at Twilio: read from our rows, without a call.

A tag alone proves little. Twilio gives the items of a copy the names of those that they were copied
from, so an item's tag can be that of an earlier renewal, or stand on what a person has copied.
"""

import re
from datetime import datetime, timedelta
from enum import Enum

from django.conf import settings

from compliance import gateway
from compliance.answers.leftovers import is_needed
from compliance.models import Account, Answer, Bundle, Item, Renewal, Stray

# At the end, as we write it: "[CMP-7F3K2X]" on a copy, "[CMP-7F3K2X/12.1]" on what an answer made.
TAG = re.compile(r"\[(CMP-[0-9A-Z]{6})(?:/(\d{1,18})\.(\d{1,9}))?\]$")
# Between Twilio's clock and ours.
CLOCKS = timedelta(minutes=5)


class Verdict(Enum):
    """What is to be done about it."""

    FINE = "fine"
    # It may still be on its way into our rows.
    TOO_YOUNG = "too young"
    # Nothing of ours needs it, and we made it: what Twilio says about it decides.
    OURS_TO_DELETE = "ours to delete"
    UNKNOWN = Stray.Why.UNKNOWN
    NOT_A_DRAFT = Stray.Why.NOT_A_DRAFT
    UNPROVEN = Stray.Why.UNPROVEN


def reference_in(name: str) -> str:
    """That of our tag; empty without one."""
    tag = TAG.search(name)
    return tag[1] if tag else ""


def judge(
    found: gateway.Named, account: Account, *, now: datetime
) -> tuple[Verdict, Renewal | None]:
    tag = TAG.search(found.friendly_name)
    if tag is None or bool(tag[2]) == found.sid.startswith("BU"):
        return Verdict.FINE, None
    renewal = (
        Renewal.objects.filter(reference=tag[1], bundle__account=account)
        .select_related("bundle__account")
        .first()
    )
    if _is_young(found, renewal, now=now):
        return Verdict.TOO_YOUNG, renewal
    if renewal is None:
        is_registration = Bundle.objects.filter(sid=found.sid).exists()
        return (Verdict.FINE if is_registration else Verdict.UNKNOWN), None
    if found.sid.startswith("BU"):
        return _copy(found, renewal, now=now), renewal
    return _made(found, renewal, int(tag[2]), int(tag[3]), now=now), renewal


def _is_young(found: gateway.Named, renewal: Renewal | None, *, now: datetime) -> bool:
    """A call that got no answer may have been carried out late, and its renewal may be about to
    find out."""
    since = now - settings.LATE_ANSWER - settings.LEASE
    ended = renewal.ended_at if renewal else None
    return found.date_created is None or found.date_created > since or bool(ended and ended > since)


def _copy(found: gateway.Named, renewal: Renewal, *, now: datetime) -> Verdict:
    if Bundle.objects.filter(sid=found.sid).exists():
        return Verdict.FINE
    if Renewal.objects.open().filter(copy_sid=found.sid).exists():
        return Verdict.FINE
    if renewal.state == Renewal.State.DETECTED:
        # It is about to look for its copy.
        return Verdict.FINE
    if not _in_its_time(found, renewal, now=now):
        return Verdict.UNPROVEN
    if found.status != Bundle.Status.DRAFT:
        return Verdict.NOT_A_DRAFT
    return Verdict.OURS_TO_DELETE


def _made(
    found: gateway.Named, renewal: Renewal, answer: int, version: int, *, now: datetime
) -> Verdict:
    """An End-User, a document or an address of an answer."""
    if renewal.state not in Renewal.ENDED or not _in_its_time(found, renewal, now=now):
        # Its own renewal clears up at its end; and what is younger is somebody's copy of it.
        return Verdict.FINE
    if is_needed(found.sid) or _is_on_its_bundle(found.sid, renewal):
        return Verdict.FINE
    begun = Answer.objects.filter(pk=answer, renewal=renewal, version__gte=version)
    return Verdict.OURS_TO_DELETE if begun.exists() else Verdict.UNPROVEN


def _in_its_time(found: gateway.Named, renewal: Renewal, *, now: datetime) -> bool:
    made = found.date_created
    until = (renewal.ended_at or now) + settings.LATE_ANSWER + CLOCKS
    return made is not None and renewal.opened_at - CLOCKS <= made <= until


def _is_on_its_bundle(sid: str, renewal: Renewal) -> bool:
    """Put there by the replacement, and no later renewal has taken its place."""
    if not renewal.events.filter(kind="replaced").exists():
        return False
    later = Renewal.objects.filter(bundle=renewal.bundle, ended_at__gt=renewal.ended_at)
    if later.exists():
        return False
    if sid.startswith("AD"):
        return Answer.objects.filter(renewal=renewal, address_sid=sid).exists()
    return (
        Item.objects.filter(renewal=renewal, sid=sid).exists()
        or Answer.objects.filter(renewal=renewal, item_sid=sid).exists()
    )
