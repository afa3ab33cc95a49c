"""An answer that has been taken, used where the same person or company is asked for the same.

Details only, never another customer's, and never without being told to, place by place.
"""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from compliance.answers.reading import checklist_of, held_items
from compliance.answers.saving import Conflict, NotOpen, record
from compliance.models import Answer, Renewal, User
from compliance.requirements import ADDRESS_FIELD, DETAILS, Checklist, Field, Held, Task

# What tells one person or company from another, wherever both sides have it.
IDENTITY = (
    "business_name",
    "business_registration_number",
    "first_name",
    "last_name",
    "birth_date",
)
# One of these has to be there and the same.
TELLING = (("business_name",), ("first_name", "last_name"))
PLACES_AT_MOST = 50


@dataclass(frozen=True, kw_only=True)
class Place:
    """Another renewal that asks for what was answered; ``values`` by the name of each field."""

    renewal: Renewal
    task: Task
    fields: tuple[Field, ...]
    values: Mapping[str, Any]
    version: int


def places_for(renewal: Renewal) -> list[Place]:
    """Where else the details that were answered here are asked for, nearest deadline first.

    Only what Twilio has taken and no longer complains of is offered.
    """
    given = _given(renewal)
    customer_id = renewal.bundle.customer_id
    if not given or customer_id is None:
        return []
    here = next((item for item in held_items(renewal) if item.is_end_user), None)
    if here is None:
        return []
    others = (
        Renewal.objects.filter(bundle__customer=customer_id, state__in=Renewal.EDITABLE)
        .exclude(pk=renewal.pk)
        .exclude(answers__in=Answer.objects.exclude(state=Answer.State.DELIVERED))
        .select_related("bundle__regulation", "bundle__customer")
        .order_by("valid_until", "pk")[:PLACES_AT_MOST]
    )
    places = (_place(other, here, given) for other in others)
    return [place for place in places if place is not None]


def use_elsewhere(
    renewal: Renewal, *, references: Collection[str], by: User, now: datetime
) -> list[Renewal]:
    """Save the details that were answered here in those of the other renewals that still ask for
    them. The event of each names where its answer comes from."""
    used = []
    for place in places_for(renewal):
        if place.renewal.reference not in references:
            continue
        # Somebody may have answered there, or sent it, at this very moment.
        with suppress(Conflict, NotOpen), transaction.atomic():
            record(
                place.renewal,
                task=place.task,
                option=place.task.options[0],
                values=place.values,
                file=None,
                version=place.version,
                by=by,
                now=now,
                used_from=renewal.reference,
            )
            used.append(place.renewal)
    return used


def _given(renewal: Renewal) -> set[str]:
    """The fields that were answered here, have arrived, and are not asked for any more."""
    if not renewal.answers.filter(task=DETAILS, state=Answer.State.DELIVERED).exists():
        return set()
    saved = renewal.events.filter(kind="answer-saved", details__task=DETAILS)
    names = {name for event in saved for name in event.details.get("fields") or []}
    return names - {field.name for field in _asked(checklist_of(renewal))} - {ADDRESS_FIELD}


def _asked(checklist: Checklist) -> tuple[Field, ...]:
    task = checklist.task(DETAILS)
    return tuple(f for f in task.options[0].fields if f.reason) if task and task.options else ()


def _place(other: Renewal, here: Held, given: Collection[str]) -> Place | None:
    there = next((item for item in held_items(other) if item.is_end_user), None)
    if there is None or there.type != here.type:
        return None
    checklist = checklist_of(other)
    task = checklist.task(DETAILS)
    wanted = tuple(f for f in _asked(checklist) if f.name in given and _fits(f, here))
    if task is None or not wanted:
        return None
    if not _is_the_same(here, there, apart_from={field.name for field in wanted}):
        return None
    answer = other.answers.filter(task=DETAILS).first()
    return Place(
        renewal=other,
        task=task,
        fields=wanted,
        values={field.name: here.attributes[field.name] for field in wanted},
        version=answer.version if answer else 0,
    )


def _fits(field: Field, here: Held) -> bool:
    value = here.attributes.get(field.name)
    if not isinstance(value, str) or not value or value == field.value:
        return False
    return not field.choices or value in field.choices


def _is_the_same(here: Held, there: Held, *, apart_from: Collection[str]) -> bool:
    same = set()
    for name in IDENTITY:
        ours, theirs = _plain(here, name), _plain(there, name)
        if name in apart_from or not ours or not theirs:
            continue
        if ours != theirs:
            return False
        same.add(name)
    return any(same.issuperset(names) for names in TELLING)


def _plain(item: Held, name: str) -> str:
    return " ".join(str(item.attributes.get(name) or "").casefold().split())
