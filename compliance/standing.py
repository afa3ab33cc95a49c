"""Where renewals stand, said in SQL: for lists, numbers and orders over very many of them.

The twin of :mod:`compliance.stages`, which speaks of one at a time; a test holds the two together.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.models import Answer, Bundle, Customer, Mail, Renewal
from compliance.stages import Stage, working_days_before

State = Renewal.State

# No renewal stays in one of these for longer than seconds, if all is well.
OURS = (State.DETECTED, State.COPIED, State.SUBMITTED, State.APPROVED, State.REPLACED)
OPEN = tuple(state for state in State if state not in Renewal.ENDED)
UNSENT = (State.DETECTED, State.COPIED, *Renewal.EDITABLE)
STUCK_AFTER = timedelta(hours=1)
SOON = timedelta(days=3)
SILENT_FOR = timedelta(minutes=5)
# A mail of which nobody knows for so long whether it left is looked at by a person.
UNKNOWN_FOR = timedelta(hours=1)


class Ball(models.TextChoices):
    """Whose turn it is."""

    US = "us", pgettext_lazy("whose turn", "us")
    CUSTOMER = "customer", pgettext_lazy("whose turn", "customer")
    REVIEWER = "reviewer", pgettext_lazy("whose turn", "reviewer")
    NOBODY = "nobody", pgettext_lazy("whose turn", "nobody")


class Risk(models.IntegerChoices):
    """What the queue is sorted by: the first that holds."""

    LATE_WITH_US = 1, _("late, and it is our turn")
    TROUBLE = 2, _("needs a person")
    CHANGES = 3, _("turned down")
    NEVER_OPENED = 4, _("due soon, never opened")
    STUCK = 5, _("no progress for an hour")
    LATE = 6, _("late")
    PAUSED = 7, pgettext_lazy("renewal", "paused")
    WITH_CUSTOMER = 8, _("customer's turn")
    MOVING = 9, _("on its way")
    REVIEWING = 10, _("being checked")
    ENDED = 11, _("ended")


def ball_of(renewal: Renewal, *, waiting: bool) -> Ball:
    """:param waiting: an answer of the renewal is still on its way to Twilio."""
    if renewal.state in Renewal.ENDED:
        return Ball.NOBODY
    if renewal.trouble:
        return Ball.US
    if renewal.state == State.IN_REVIEW:
        return Ball.REVIEWER
    with_customer = renewal.state in Renewal.EDITABLE and not waiting
    return Ball.CUSTOMER if with_customer else Ball.US


# --- What is in a WHERE -----------------------------------------------------------------------


def is_open() -> Q:
    # Named one by one, they are found in an index.
    return Q(state__in=OPEN)


def needs_a_person() -> Q:
    return is_open() & ~Q(trouble="")


def has_waiting(**more: object) -> Q:
    """An answer is on its way to Twilio. The few that are, are looked up once, not row by row."""
    waiting = Answer.objects.filter(state=Answer.State.WAITING, **more)
    return Q(pk__in=waiting.values("renewal"))


def with_us() -> Q:
    ours = ~Q(trouble="") | Q(state__in=OURS) | (Q(state__in=Renewal.EDITABLE) & has_waiting())
    return is_open() & ours


def with_customer() -> Q:
    return Q(state__in=Renewal.EDITABLE, trouble="") & ~has_waiting()


def with_reviewer() -> Q:
    return Q(state=State.IN_REVIEW, trouble="")


def is_paused() -> Q:
    return is_open() & Q(paused_at__isnull=False)


def is_stuck(*, now: datetime) -> Q:
    """Our turn, and nothing has moved for long, although nobody has paused it."""
    then = now - STUCK_AFTER
    unmoved = Q(state__in=OURS, moved_at__lt=then)
    never_moved = Q(state__in=OURS, moved_at=None, opened_at__lt=then)
    undelivered = Q(state__in=Renewal.EDITABLE) & has_waiting(saved_at__lt=then)
    return Q(paused_at=None) & (unmoved | never_moved | undelivered)


def is_late(*, now: datetime, zones: Collection[str] | None = None) -> Q:
    """*Send by* has passed. It depends on the customer's time zone for some days only; for these
    the customer is looked up.

    :param zones: of all customers, for who knows them already.
    """
    places: dict[tuple[Span, ...], Q] = {}
    for zone in sorted(time_zones() if zones is None else zones):
        spans = late_spans(now, zone)
        place = Q(bundle__customer__time_zone=zone)
        if zone == "UTC":
            place |= Q(bundle__customer=None)
        places[spans] = places.get(spans, Q()) | place
    surely = min(spans[0].ends for spans in places)
    never = max(spans[-1].ends for spans in places)
    if surely == never:
        return Q(valid_until__lt=surely)
    somewhere = Q()
    for spans, place in places.items():
        within = Q(valid_until__lt=spans[0].ends)
        for span in spans[1:]:
            within |= Q(valid_until__gte=span.begins, valid_until__lt=span.ends)
        somewhere |= place & within
    # The few of these days are looked up once.
    doubtful = Renewal.objects.filter(somewhere, valid_until__gte=surely, valid_until__lt=never)
    there = Q(valid_until__lt=never, pk__in=doubtful.values("pk"))
    return Q(valid_until__lt=surely) | there


def last_late(*, now: datetime, zones: Collection[str]) -> datetime:
    """No deadline from here on is late anywhere."""
    return max(late_spans(now, zone)[-1].ends for zone in zones)


def time_zones() -> set[str]:
    return {*Customer.objects.values_list("time_zone", flat=True).distinct(), "UTC"}


def at_late_risk(*, now: datetime) -> Q:
    """Not sent yet, although it should have been."""
    return Q(state__in=UNSENT) & is_late(now=now)


def is_finishing() -> Q:
    return Q(state__in=(State.APPROVED, State.REPLACED))


def is_overdue(*, now: datetime) -> Q:
    """Due, and no worker has taken it: then it is not this one renewal that is ill."""
    return is_open() & Q(paused_at=None, next_look_at__lt=now - SILENT_FOR)


def has_expired(*, now: datetime) -> Q:
    return is_open() & Q(valid_until__lte=now)


def is_undelivered(*, now: datetime) -> Q:
    """Of a mail: it has not arrived, or for an hour nobody has known whether it has."""
    failed = Q(result__in=(Mail.Result.UNDELIVERED, Mail.Result.FAILED))
    return failed | Q(result=Mail.Result.TRIED, tried_at__lt=now - UNKNOWN_FOR)


def has_undelivered_mail(*, now: datetime) -> Q:
    """Like the answers that wait, these few mails are looked up once."""
    mails = Mail.objects.filter(is_undelivered(now=now), renewal__isnull=False)
    return Q(pk__in=mails.values("renewal"))


# --- What is in a SELECT or an ORDER BY -------------------------------------------------------


def stage(*, now: datetime) -> Case:
    """:func:`compliance.stages.stage_of` of each renewal, as if it were its bundle's newest."""
    ended = Q(state__in=Renewal.ENDED)
    expired = Q(bundle__status=Bundle.Status.REJECTED) | Q(bundle__valid_until__lte=now)
    return _first(
        (Q(bundle__status=""), Stage.EXPIRED),
        (ended & expired, Stage.EXPIRED),
        (ended & Q(bundle__valid_until__isnull=False), Stage.PREPARING),
        (ended, Stage.DONE),
        (Q(state__in=(State.APPROVED, State.REPLACED)), Stage.FINISHING),
        (Q(state__in=(State.SUBMITTED, State.IN_REVIEW)), Stage.REVIEWING),
        (Q(trouble="") & has_waiting(), Stage.CHECKING),
        (Q(state=State.DETECTED) & ~Q(trouble="") & expired, Stage.EXPIRED),
        (Q(state=State.DETECTED), Stage.PREPARING),
        (Q(state=State.COPIED, evaluated_hash=""), Stage.PREPARING),
        (Q(state=State.COPIED), Stage.CHECKING),
        (_turned_down(), Stage.CHANGES),
        (Q(state=State.READY), Stage.READY),
        otherwise=Stage.FIXING,
        output_field=models.CharField(),
    )


# The states in which a renewal can be at a stage; of those that are not here, any.
STATES_OF: Mapping[str, tuple[str, ...]] = {
    Stage.PREPARING: (State.DETECTED, State.COPIED, *Renewal.ENDED),
    Stage.CHECKING: (State.DETECTED, State.COPIED, *Renewal.EDITABLE),
    Stage.FIXING: (State.NEEDS_INFO,),
    Stage.READY: (State.READY,),
    Stage.CHANGES: (State.NEEDS_INFO, State.REJECTED),
    Stage.REVIEWING: (State.SUBMITTED, State.IN_REVIEW),
    Stage.FINISHING: (State.APPROVED, State.REPLACED),
    Stage.DONE: Renewal.ENDED,
}


def at_stages(
    renewals: QuerySet[Renewal], stages: Collection[str], *, now: datetime
) -> QuerySet[Renewal]:
    """The states, which an index has, are narrowed first."""
    states = {state for one in stages for state in STATES_OF.get(one, State.values)}
    return renewals.alias(stage=stage(now=now)).filter(state__in=sorted(states), stage__in=stages)


def risk(*, now: datetime) -> Case:
    """The :class:`Risk` of each. It reads what the index ``renewal_queue`` holds and no more.

    Most renewals are ended, reviewed, or their customer's turn with time to spare. What is told of
    them by few comparisons stands first, so that the rest is worked out for few rows only.
    """
    zones = time_zones()
    late = is_late(now=now, zones=zones)
    unsent = Q(state__in=UNSENT) | ~Q(trouble="")
    editable = Q(state__in=Renewal.EDITABLE)
    plain = Q(trouble="", paused_at=None)
    calm = Q(state__in=(State.NEEDS_INFO, State.READY), rejections=0)
    in_time = Q(valid_until__gte=last_late(now=now + SOON, zones=zones))
    return _first(
        (Q(state__in=Renewal.ENDED), Risk.ENDED),
        (plain & Q(state=State.IN_REVIEW), Risk.REVIEWING),
        (plain & calm & in_time & ~has_waiting(), Risk.WITH_CUSTOMER),
        (unsent & late & with_us(), Risk.LATE_WITH_US),
        (~Q(trouble=""), Risk.TROUBLE),
        (_turned_down() & ~has_waiting(), Risk.CHANGES),
        (
            editable
            & Q(seen_by_customer_at=None)
            & is_late(now=now + SOON, zones=zones)
            & ~has_waiting(),
            Risk.NEVER_OPENED,
        ),
        (is_stuck(now=now), Risk.STUCK),
        (editable & late, Risk.LATE),
        (Q(paused_at__isnull=False), Risk.PAUSED),
        (with_us(), Risk.MOVING),
        otherwise=Risk.WITH_CUSTOMER,
        output_field=models.IntegerField(),
    )


def annotated(renewals: QuerySet[Renewal], *, now: datetime) -> QuerySet[Renewal]:
    """With all that a row of a list says of them: ``waiting``, ``risk``, ``mail_failed``."""
    its = Q(renewal=OuterRef("pk"))
    waiting = Exists(Answer.objects.filter(its, state=Answer.State.WAITING))
    mail_failed = Exists(Mail.objects.filter(its, is_undelivered(now=now)))
    return renewals.annotate(waiting=waiting, risk=risk(now=now), mail_failed=mail_failed)


def _turned_down() -> Q:
    return Q(state=State.REJECTED) | Q(state=State.NEEDS_INFO, rejections__gt=0)


def _first(
    *cases: tuple[Q, str | int], otherwise: str | int, output_field: "models.Field[Any, Any]"
) -> Case:
    return Case(
        *(When(condition, then=Value(result)) for condition, result in cases),
        default=Value(otherwise),
        output_field=output_field,
    )


# --- Send by ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Span:
    begins: datetime
    ends: datetime


def late_spans(now: datetime, zone: str) -> tuple[Span, ...]:
    """The deadlines whose *send by* lies before ``now``: whatever is before the first span's end,
    and, since a weekend can move a later deadline's *send by* before an earlier one's, some after.
    """
    local = ZoneInfo(zone)
    days = settings.REVIEW_DAYS * 2 + settings.CORRECTION_DAYS
    today = now.astimezone(local)
    spans: list[Span] = []
    for ahead in range(days + 2 * (days // 5 + 2)):
        day = today + timedelta(days=ahead)
        back = day.date() - working_days_before(day, days).date()
        begins, ends = _midnight(day, local), _midnight(day + timedelta(days=1), local)
        until = min(ends, (today + back).astimezone(UTC))
        if ahead and until <= begins:
            continue
        if spans and spans[-1].ends == begins:
            begins = spans.pop().begins
        spans.append(Span(begins, until))
    return tuple(spans)


def _midnight(moment: datetime, zone: ZoneInfo) -> datetime:
    return datetime.combine(moment.date(), time(), tzinfo=zone).astimezone(UTC)
