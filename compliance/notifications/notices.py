"""What there is to tell, and to whom: derived from the rows at each look, never remembered.

A notice comes from an event that has not been told, or from the ladder of reminders. Its name says
what it is about (bundle, deadline, rung, or the event), so that a new deadline is a new notice and
the same one is never two. Whether it may be told depends on where the renewal stands *now*.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from django.db.models import Q

from compliance.models import Answer, Customer, Event, Mail, Membership, Renewal
from compliance.notifications.ladder import horizon, rung_at
from compliance.stages import WITH_CUSTOMER, Stage, dates_of, stage_of

Kind = Mail.Kind
State = Renewal.State

KINDS = (
    "needs-info",
    "ready",
    "sent",
    "rejected",
    "approved",
    "completed",
    "finished-elsewhere",
    "expired",
    "reminder-asked-for",
    "acted-on-behalf",
)
# These go at once; of the others a person gets one mail a day.
AT_ONCE = (Kind.SENT, Kind.CHANGES, Kind.APPROVED, Kind.DONE, Kind.EXPIRED, Kind.ON_BEHALF)
# Finishing takes a minute; only when it takes longer is an approval worth a mail of its own.
FINISHING_PATIENCE = timedelta(hours=1)
# How long the first mail waits for other registrations of which the form is being prepared.
GATHER = timedelta(minutes=15)

LATER_STAGES = (Stage.PREPARING, Stage.CHECKING)


@dataclass(frozen=True, kw_only=True)
class Notice:
    kind: Mail.Kind
    name: str
    renewal: Renewal
    stage: Stage
    customer: Customer
    event: Event | None = None
    rung: int | None = None

    @property
    def is_at_once(self) -> bool:
        """A reminder that comes of an event was asked for by somebody."""
        return self.kind in AT_ONCE or (self.kind == Kind.REMINDER and self.event is not None)


@dataclass(kw_only=True)
class Due:
    """``notices`` may be told now, ``later`` are names of those that have to wait, ``over`` are
    events that have been overtaken. ``readers`` are people by customer."""

    notices: list[Notice] = field(default_factory=list)
    later: set[str] = field(default_factory=set)
    over: list[Event] = field(default_factory=list)
    readers: dict[int, set[int]] = field(default_factory=dict)
    preparing: set[int] = field(default_factory=set)

    def readers_of(self, notice: Notice) -> set[int]:
        return self.readers.get(notice.customer.pk, set())


class _When(Enum):
    NOW = "now"
    LATER = "later"
    NEVER = "never"


def due(*, now: datetime, customers: Collection[int] | None = None) -> Due:
    """Everything that there is to tell, for all customers or for these; from fresh rows."""
    found = Due()
    events = _untold(customers)
    reminders = _on_the_ladder(customers, now=now)
    renewals = {event.renewal for event in events if event.renewal} | set(reminders)
    waiting = _waiting(renewals)
    returned = _returned(events)
    for event in events:
        renewal = event.renewal
        customer = renewal.bundle.customer if renewal else None
        if renewal is None or customer is None:
            continue
        stage = stage_of(renewal.bundle, renewal, waiting=renewal.pk in waiting, now=now)
        came_back = returned.get(event.pk)
        kind, name = _named(event, renewal, came_back)
        match _when(event, kind, renewal, stage, now=now):
            case _When.NOW:
                found.notices.append(
                    Notice(
                        kind=kind,
                        name=name,
                        renewal=renewal,
                        stage=stage,
                        customer=customer,
                        event=event,
                    )
                )
            case _When.LATER:
                found.later.add(name)
            case _When.NEVER:
                found.over.append(event)
    for renewal in reminders:
        stage = stage_of(renewal.bundle, renewal, waiting=renewal.pk in waiting, now=now)
        notice = _reminder(renewal, stage, now=now)
        if notice is not None:
            found.notices.append(notice)
    concerned = {notice.customer.pk for notice in found.notices}
    # An address that a colleague has typed may be wrong: it gets no more than the invitation until
    # somebody has signed in with it.
    known = Q(by_support=True) | Q(joined_at__isnull=False)
    for membership in Membership.objects.filter(
        known, customer__in=concerned, mails=True, user__is_active=True
    ):
        found.readers.setdefault(membership.customer_id, set()).add(membership.user_id)
    found.preparing = set(
        Renewal.objects.filter(
            bundle__customer__in=concerned,
            state__in=[State.DETECTED, State.COPIED],
            evaluated_hash="",
            trouble="",
        ).values_list("bundle__customer_id", flat=True)
    )
    return found


def _untold(customers: Collection[int] | None) -> list[Event]:
    events = (
        Event.objects.filter(told_at=None, kind__in=KINDS, renewal__bundle__customer__isnull=False)
        .select_related(
            "renewal__bundle__customer", "renewal__bundle__regulation", "renewal__bundle__account"
        )
        .defer("renewal__evaluation")
        .order_by("at", "pk")
    )
    if customers is not None:
        events = events.filter(renewal__bundle__customer__in=customers)
    return list(events)


def _on_the_ladder(customers: Collection[int] | None, *, now: datetime) -> list[Renewal]:
    renewals = (
        Renewal.objects.filter(
            state__in=Renewal.EDITABLE,
            valid_until__gt=now,
            valid_until__lte=horizon(now=now),
            paused_at=None,
            bundle__customer__isnull=False,
        )
        .select_related("bundle__customer", "bundle__regulation", "bundle__account")
        .defer("evaluation")
    )
    if customers is not None:
        renewals = renewals.filter(bundle__customer__in=customers)
    return list(renewals)


def _waiting(renewals: Iterable[Renewal]) -> set[int]:
    """Those with an answer on its way: their tasks are about to change."""
    wanted = {renewal.pk for renewal in renewals}
    waiting = Answer.objects.filter(state=Answer.State.WAITING)
    return wanted & set(waiting.values_list("renewal_id", flat=True))


def _returned(events: Iterable[Event]) -> dict[int, Event]:
    """For each event that gives the customer the turn: what was sent before and never decided.

    The customer believes that it is being checked, so this is told like a refusal.
    """
    turns = [event for event in events if event.kind in ("needs-info", "ready")]
    moves: dict[int, list[Event]] = {}
    for event in Event.objects.filter(
        renewal__in={turn.renewal_id for turn in turns}, kind__in=["sent", "rejected"]
    ).order_by("pk"):
        moves.setdefault(event.renewal_id or 0, []).append(event)
    found = {}
    for turn in turns:
        before = [move for move in moves.get(turn.renewal_id or 0, []) if move.pk < turn.pk]
        if before and before[-1].kind == "sent":
            found[turn.pk] = before[-1]
    return found


def _named(event: Event, renewal: Renewal, came_back: Event | None) -> tuple[Mail.Kind, str]:
    about = f"{renewal.bundle.sid}:{renewal.valid_until:%Y-%m-%dT%H:%M:%SZ}"
    match event.kind:
        case "needs-info" | "ready" if came_back is not None:
            return Kind.CHANGES, f"changes:{about}:{came_back.pk}"
        case "needs-info" | "ready":
            # Rules that change once more while the customer is at it are found once more.
            return Kind.FOUND, f"found:{about}:{renewal.evaluated_hash[:8]}"
        case "rejected":
            return Kind.CHANGES, f"changes:{about}:{event.pk}"
        case "sent":
            return Kind.SENT, f"sent:{about}:{event.pk}"
        case "approved":
            return Kind.APPROVED, f"approved:{about}"
        case "expired":
            return Kind.EXPIRED, f"expired:{about}"
        case "reminder-asked-for":
            return Kind.REMINDER, f"reminder:{about}:asked-{event.pk}"
        case "acted-on-behalf":
            return Kind.ON_BEHALF, f"on-behalf:{about}:{event.pk}"
    return Kind.DONE, f"done:{about}"


def _when(event: Event, kind: Mail.Kind, renewal: Renewal, stage: Stage, *, now: datetime) -> _When:
    """The one rule of what may be said: nothing that is not true at this moment."""
    match kind:
        case Kind.FOUND if renewal.valid_until <= now:
            # The expiry says the same, and that it is late.
            return _When.NEVER
        case Kind.FOUND if stage in WITH_CUSTOMER and stage != Stage.CHANGES:
            return _When.NOW
        case Kind.CHANGES if stage in WITH_CUSTOMER:
            return _When.NOW
        case Kind.ON_BEHALF:
            return _When.NOW
        case Kind.REMINDER if stage in WITH_CUSTOMER and renewal.valid_until > now:
            return _When.NOW
        case Kind.FOUND | Kind.CHANGES:
            return _When.LATER if stage in LATER_STAGES else _When.NEVER
        case Kind.SENT if renewal.state == State.IN_REVIEW:
            return _When.NOW
        case Kind.SENT:
            # Saved here, but not yet handed over: it may still come back.
            return _When.LATER if renewal.state == State.SUBMITTED else _When.NEVER
        case Kind.APPROVED if stage == Stage.FINISHING:
            return _When.NOW if event.at <= now - FINISHING_PATIENCE else _When.LATER
        case Kind.DONE:
            is_done = renewal.state == State.COMPLETED and renewal.bundle.valid_until is None
            return _When.NOW if is_done else _When.NEVER
        case Kind.EXPIRED if renewal.bundle.status == "":
            # Twilio no longer has it: there is no way back to tell of.
            return _When.NEVER
        case Kind.EXPIRED if renewal.state not in Renewal.ENDED and renewal.valid_until <= now:
            has_turn = stage in (*WITH_CUSTOMER, Stage.EXPIRED)
            return _When.NOW if has_turn else _When.LATER
    return _When.NEVER


def _reminder(renewal: Renewal, stage: Stage, *, now: datetime) -> Notice | None:
    customer = renewal.bundle.customer
    if stage not in WITH_CUSTOMER or customer is None:
        return None
    zone = customer.time_zone
    send_by = dates_of(renewal.valid_until, now=now, zone=zone).send_by
    rung = rung_at(send_by, zone=zone, now=now)
    if rung is None:
        return None
    about = f"{renewal.bundle.sid}:{renewal.valid_until:%Y-%m-%dT%H:%M:%SZ}"
    name = f"reminder:{about}:{rung}"
    return Notice(
        kind=Kind.REMINDER,
        name=name,
        renewal=renewal,
        stage=stage,
        customer=customer,
        rung=rung,
    )
