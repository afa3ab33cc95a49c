"""An answer that has been taken, used where the same person or company is asked for the same.

Never another customer's, and never without being told to, place by place.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from compliance.answers.alike import is_the_same
from compliance.answers.reading import checklist_of, end_user_of, held_items
from compliance.answers.reusing import Sent, fits, sent_in
from compliance.answers.saving import Conflict, NotOpen, record
from compliance.models import Answer, Renewal, User
from compliance.requirements import ADDRESS_FIELD, DETAILS, Checklist, Field, Held, Option, Task

PLACES_AT_MOST = 50


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where another renewal asks for what was answered: the details with their ``values``, by the
    name of each field, or the document that was ``sent``."""

    renewal: Renewal
    task: Task
    option: Option
    version: int
    fields: tuple[Field, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    sent: Sent | None = None

    @property
    def key(self) -> str:
        """Names it in a form."""
        return f"{self.renewal.reference}/{self.task.key}"


def places_for(renewal: Renewal) -> list[Place]:
    """Where else what was answered here is asked for, nearest deadline first.

    Only what Twilio has taken and no longer complains of is offered.
    """
    held = held_items(renewal)
    here = end_user_of(held)
    given, sent = _given(renewal, held), sent_in(renewal, held)
    if here is None or renewal.bundle.customer_id is None or not (given or sent):
        return []
    places = []
    for other in _others(renewal):
        there = held_items(other)
        checklist = checklist_of(other, items=there)
        end_user = end_user_of(there)
        if end_user is None:
            continue
        versions = {answer.task: answer.version for answer in other.answers.all()}
        details = _details(other, checklist, here, end_user, given)
        found = [details] if details else []
        if other.bundle.account_id == renewal.bundle.account_id:
            found += _documents(other, checklist, sent, end_user, there)
        places += [replace(each, version=versions.get(each.task.key, 0)) for each in found]
    return places


def _others(renewal: Renewal) -> Iterable[Renewal]:
    """What is on its way there is not overwritten."""
    return (
        Renewal.objects.filter(
            bundle__customer=renewal.bundle.customer_id, state__in=Renewal.EDITABLE
        )
        .exclude(pk=renewal.pk)
        .exclude(answers__in=Answer.objects.exclude(state=Answer.State.DELIVERED))
        .select_related("bundle__regulation", "bundle__customer")
        .prefetch_related("answers", "items")
        .order_by("valid_until", "pk")[:PLACES_AT_MOST]
    )


def use_elsewhere(
    renewal: Renewal, *, keys: Collection[str], by: User, now: datetime
) -> list[Renewal]:
    """Save what was answered here in the other renewals that still ask for it, each once.

    The event of each names where its answer comes from.
    """
    used = []
    for place in places_for(renewal):
        if place.key not in keys:
            continue
        # Somebody may have answered there, or sent it, at this very moment.
        with suppress(Conflict, NotOpen), transaction.atomic():
            record(
                place.renewal,
                task=place.task,
                option=place.option,
                values=place.values,
                file=None,
                version=place.version,
                by=by,
                now=now,
                used_from=renewal.reference,
                reuses=place.sent.answer if place.sent else None,
            )
            used.append(place.renewal)
    return list(dict.fromkeys(used))


def _given(renewal: Renewal, held: Sequence[Held]) -> set[str]:
    """The fields that were answered here, have arrived, and are not asked for any more."""
    if not any(
        a.task == DETAILS and a.state == Answer.State.DELIVERED for a in renewal.answers.all()
    ):
        return set()
    saved = renewal.events.filter(kind="answer-saved", details__task=DETAILS)
    names = {name for event in saved for name in event.details.get("fields") or []}
    asked = {field.name for field in _asked(checklist_of(renewal, items=held))}
    return names - asked - {ADDRESS_FIELD}


def _asked(checklist: Checklist) -> tuple[Field, ...]:
    task = checklist.task(DETAILS)
    return tuple(f for f in task.options[0].fields if f.reason) if task and task.options else ()


def _details(
    other: Renewal, checklist: Checklist, here: Held, there: Held, given: Collection[str]
) -> Place | None:
    task = checklist.task(DETAILS)
    wanted = tuple(f for f in _asked(checklist) if f.name in given and _fits(f, here))
    if task is None or there.type != here.type or not wanted:
        return None
    if not is_the_same(here, there, apart_from={field.name for field in wanted}):
        return None
    return Place(
        renewal=other,
        task=task,
        option=task.options[0],
        version=0,
        fields=wanted,
        values={field.name: here.attributes[field.name] for field in wanted},
    )


def _documents(
    other: Renewal, checklist: Checklist, sent: Sequence[Sent], end_user: Held, held: Sequence[Held]
) -> list[Place]:
    """Each task at most once, and each document."""
    places, free = [], list(sent)
    for task in checklist.tasks:
        for each in free:
            option = fits(each, task, end_user=end_user, held=held)
            if option is not None:
                places.append(Place(renewal=other, task=task, option=option, version=0, sent=each))
                free.remove(each)
                break
    return places


def _fits(field: Field, here: Held) -> bool:
    value = here.attributes.get(field.name)
    if not isinstance(value, str) or not value or value == field.value:
        return False
    return not field.choices or value in field.choices
