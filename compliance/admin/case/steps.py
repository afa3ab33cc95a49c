"""The ten steps of an update, as far as this renewal has come: read from its rows and events."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from compliance.models import Answer, Event, Renewal

State = Renewal.State

FOUND, COPIED, EVALUATED, ANSWERED, DELIVERED, PASSED, SENT, REVIEWED, REPLACED, DONE = range(1, 11)

TITLES: Mapping[int, str | Promise] = {
    FOUND: _("Deadline found"),
    COPIED: _("Copy of the bundle made"),
    EVALUATED: _("Items read and evaluated"),
    ANSWERED: _("Answers of the customer"),
    DELIVERED: _("Answers brought to Twilio"),
    PASSED: _("Evaluation passed"),
    SENT: _("Sent for checking"),
    REVIEWED: _("Decision of the reviewer"),
    REPLACED: _("Items put onto the original"),
    DONE: _("Date gone, copy deleted"),
}
# The events that tell when a step was last taken.
KINDS: Mapping[int, tuple[str, ...]] = {
    FOUND: ("opened",),
    COPIED: ("copied",),
    EVALUATED: ("needs-info", "ready"),
    ANSWERED: ("answer-saved",),
    DELIVERED: ("answers-delivered",),
    PASSED: ("ready",),
    SENT: ("sent",),
    REVIEWED: ("approved", "rejected"),
    REPLACED: ("replaced",),
    DONE: ("completed", "finished-elsewhere"),
}
# The step that a state waits for.
NEXT: Mapping[str, int] = {
    State.DETECTED: COPIED,
    State.COPIED: EVALUATED,
    State.NEEDS_INFO: ANSWERED,
    State.READY: SENT,
    State.REJECTED: ANSWERED,
    State.SUBMITTED: SENT,
    State.IN_REVIEW: REVIEWED,
    State.APPROVED: REPLACED,
    State.REPLACED: DONE,
    State.COMPLETED: DONE + 1,
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """``look`` is one of done, skipped, now, trouble, later, over."""

    number: int
    title: str
    look: str
    standing: str
    at: datetime | None = None
    # What it is about at Twilio, as far as it has a name there.
    sid: str = ""
    result: str = ""
    next_look: datetime | None = None


STANDINGS: Mapping[str, str | Promise] = {
    "done": _("done"),
    "skipped": _("not needed"),
    "now": _("now"),
    "trouble": _("needs a person"),
    "later": _("to come"),
    "over": _("not taken"),
}


def steps(renewal: Renewal, events: Iterable[Event], answers: Iterable[Answer]) -> list[Step]:
    """:param events: of the renewal, the newest first."""
    last: dict[str, Event] = {}
    for event in events:
        last.setdefault(event.kind, event)
    answers = list(answers)
    current = _current(renewal, answers)
    return [_step(number, current, renewal, last, answers) for number in TITLES]


def _current(renewal: Renewal, answers: Iterable[Answer]) -> int | None:
    """None: it ended without an update."""
    if renewal.state == State.CANCELLED:
        return None
    waiting = any(answer.state == Answer.State.WAITING for answer in answers)
    if waiting and renewal.state in Renewal.EDITABLE:
        return DELIVERED
    return NEXT[renewal.state]


def _step(
    number: int,
    current: int | None,
    renewal: Renewal,
    last: Mapping[str, Event],
    answers: list[Answer],
) -> Step:
    found = [last[kind] for kind in KINDS[number] if kind in last]
    event = max(found, key=lambda one: (one.at, one.pk), default=None)
    look = _look(number, current, event, renewal)
    is_now = number == current
    return Step(
        number=number,
        title=str(TITLES[number]),
        look=look,
        standing=str(STANDINGS[look]),
        at=event.at if event else None,
        sid=_sid(number, renewal),
        result=_result(number, renewal, event, answers, is_now=is_now),
        next_look=renewal.next_look_at if is_now else None,
    )


def _look(number: int, current: int | None, event: Event | None, renewal: Renewal) -> str:
    if current is None:
        return "done" if event else "over"
    if number < current:
        return "done" if event or number not in (ANSWERED, DELIVERED) else "skipped"
    if number > current:
        return "later"
    return "trouble" if renewal.trouble else "now"


def _sid(number: int, renewal: Renewal) -> str:
    match number:
        case 1 | 9:
            return renewal.bundle.sid
        case 2 | 7 | 8:
            return renewal.copy_sid
        case 3 | 6:
            return str((renewal.evaluation or {}).get("sid") or "")
    return ""


def _result(
    number: int, renewal: Renewal, event: Event | None, answers: list[Answer], *, is_now: bool
) -> str:
    if is_now and renewal.trouble:
        return gettext("Trouble: %(slug)s") % {"slug": renewal.trouble}
    if is_now and renewal.delayed_because:
        return gettext("Try %(number)s: %(because)s") % {
            "number": renewal.attempts,
            "because": renewal.delayed_because,
        }
    match number:
        case 3:
            return str((renewal.evaluation or {}).get("status") or "")
        case 4 if answers:
            return ngettext("%(n)d answer", "%(n)d answers", len(answers)) % {"n": len(answers)}
        case 5 if answers:
            there = sum(answer.state == Answer.State.DELIVERED for answer in answers)
            return gettext("%(there)d of %(all)d at Twilio") % {"there": there, "all": len(answers)}
        case 7 if event and event.by:
            return gettext("by %(person)s") % {"person": event.by}
        case 8:
            return renewal.copy_status if renewal.submitted_at else ""
    return ""
