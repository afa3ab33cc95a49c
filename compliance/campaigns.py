"""One change of a regulation, and how far its customers have come: affected, opened, sent,
approved, expired. And a word to those who have never opened what they were asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import BooleanField, Case, Count, Exists, OuterRef, Q, QuerySet, Value, When

from compliance import standing
from compliance.models import Answer, Event, RegulationChange, Renewal, User
from compliance.workflow import desk

State = Renewal.State
# For programs as much as for people: never translated, and added to at the end only.
COLUMNS = (
    "reference",
    "country",
    "number_type",
    "state",
    "opened",
    "sent",
    "approved",
    "expired",
    "expires",
)


@dataclass(frozen=True, kw_only=True)
class Numbers:
    affected: int
    opened: int
    sent: int
    approved: int
    expired: int


def affected(change: RegulationChange, *, now: datetime) -> QuerySet[Any]:
    """Renewals that were open while this version of the rule held, each with ``has_opened``,
    ``has_sent``, ``is_approved`` and ``has_expired``."""
    later = RegulationChange.objects.filter(regulation=change.regulation_id, at__gt=change.at)
    replaced_at = later.order_by("at").values_list("at", flat=True).first()
    renewals = Renewal.objects.filter(
        Q(ended_at=None) | Q(ended_at__gte=change.at),
        bundle__regulation=change.regulation_id,
    )
    if replaced_at is not None:
        renewals = renewals.filter(opened_at__lt=replaced_at)
    # What support does for a customer is not the customer's doing.
    answered = Answer.objects.filter(
        renewal=OuterRef("pk"), saved_at__gte=change.at, saved_by__is_staff=False
    )
    sent = Q(submitted_at__gte=change.at)
    through = Q(state__in=(State.APPROVED, State.REPLACED, State.COMPLETED))
    return renewals.annotate(
        has_opened=_said(Q(Exists(answered)) | Q(seen_by_customer_at__gte=change.at)),
        has_sent=_said(sent),
        is_approved=_said(through),
        has_expired=_said(standing.has_expired(now=now)),
    )


def _said(condition: Q) -> Case:
    """True or false, also where what is asked about is empty."""
    return Case(
        When(condition, then=Value(True)), default=Value(False), output_field=BooleanField()
    )


def numbers(change: RegulationChange, *, now: datetime) -> Numbers:
    found = affected(change, now=now).aggregate(
        affected=Count("pk"),
        opened=Count("pk", filter=Q(has_opened=True)),
        sent=Count("pk", filter=Q(has_sent=True)),
        approved=Count("pk", filter=Q(is_approved=True)),
        expired=Count("pk", filter=Q(has_expired=True)),
    )
    return Numbers(**found)


def never_opened(change: RegulationChange, *, now: datetime) -> QuerySet[Renewal]:
    """Whose turn it is, and nobody of the customer's has looked."""
    theirs = affected(change, now=now).filter(standing.with_customer(), has_opened=False)
    return theirs.filter(valid_until__gt=now, paused_at=None, bundle__customer__isnull=False)


def remind(renewals: QuerySet[Renewal], *, by: User, now: datetime) -> int:
    """Asked for through the ledger. Returns for how many renewals it was.

    All together, so that a person gets one mail about all of theirs; and no company of whom it was
    asked today already, so that nobody gets two on one day.
    """
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    asked = Event.objects.filter(kind=desk.REMINDED, at__gte=today)
    with transaction.atomic():
        others = renewals.exclude(
            bundle__customer__in=list(asked.values_list("renewal__bundle__customer", flat=True))
        )
        return sum(desk.remind(renewal, by=by, now=now) for renewal in others)


def rows(change: RegulationChange, *, now: datetime) -> Iterator[tuple[object, ...]]:
    """For a file: no company, no person, nothing that anybody entered."""
    yield COLUMNS
    rule = change.regulation
    chosen = affected(change, now=now).defer("evaluation", "first_evaluation").order_by("pk")
    for renewal in chosen.iterator(chunk_size=1000):
        yield (
            renewal.reference,
            rule.iso_country,
            rule.number_type,
            renewal.state,
            _yes(renewal.has_opened),
            _yes(renewal.has_sent),
            _yes(renewal.is_approved),
            _yes(renewal.has_expired),
            renewal.valid_until.isoformat(timespec="seconds"),
        )


def _yes(value: bool) -> str:
    return "yes" if value else "no"
