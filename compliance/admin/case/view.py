"""What the customer sees now, by the functions that draw the customer's own page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from compliance import sealing
from compliance.answers import checklist_of
from compliance.models import Answer, Renewal
from compliance.stages import WITH_CUSTOMER, Stage, dates_of, is_stopped, stage_of
from compliance.wording.deadlines import Deadline, deadline
from compliance.wording.labels import task_title
from compliance.wording.progress import progress_of
from compliance.wording.registrations import Tag, phone_number, tag, title


@dataclass(frozen=True, kw_only=True)
class Seen:
    title: str
    tag: Tag
    deadline: Deadline | None
    # The line that moves by itself, and what is under it.
    text: str
    detail: str
    # What is asked for.
    tasks: tuple[str, ...]
    numbers: tuple[str, ...]


def seen_by_customer(renewal: Renewal, answers: Iterable[Answer], *, now: datetime) -> Seen:
    bundle = renewal.bundle
    zone = bundle.customer.time_zone if bundle.customer else "UTC"
    waiting = sum(answer.state == Answer.State.WAITING for answer in answers)
    stage = stage_of(bundle, renewal, waiting=bool(waiting), now=now)
    until = bundle.valid_until if renewal.state in Renewal.ENDED else renewal.valid_until
    dates = dates_of(until, now=now, zone=zone) if until else None
    progress = progress_of(renewal, stage, waiting=waiting, saved_at=None, now=now)
    asks = stage in (*WITH_CUSTOMER, Stage.CHECKING)
    tasks = _tasks(renewal) if asks else ()
    return Seen(
        title=title(bundle),
        tag=tag(stage, dates, stopped=is_stopped(renewal, stage)),
        deadline=deadline(stage, dates, zone, now=now) if dates else None,
        text=progress.text,
        detail=progress.detail,
        tasks=tasks,
        numbers=tuple(phone_number(number) for number in bundle.numbers),
    )


def _tasks(renewal: Renewal) -> tuple[str, ...]:
    try:
        return tuple(task_title(task) for task in checklist_of(renewal).tasks)
    except sealing.Unreadable:
        # The key has left the ring; this page is to help, and says so elsewhere.
        return ()
