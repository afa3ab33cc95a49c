"""A renewal's rows as the values that ``requirements`` works on.

Answers and items are taken as they are at hand: a page that has fetched them with the renewal does
not ask for them again."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from compliance.models import Answer, Item, Renewal
from compliance.requirements import Checklist, Held, checklist


def held_items(renewal: Renewal) -> tuple[Held, ...]:
    """What the copy holds, as last read, opened. Order as at Twilio."""
    answered: dict[str, datetime | None] = {}
    for answer in renewal.answers.all():
        if answer.state != Answer.State.DELIVERED:
            continue
        answered |= {
            sid: answer.delivered_at for sid in (answer.changes_sid, answer.item_sid) if sid
        }
    return tuple(
        held(item, answered_at=answered.get(item.sid))
        for item in sorted(renewal.items.all(), key=lambda item: item.pk)
    )


def end_user_of(items: Iterable[Held]) -> Held | None:
    return next((item for item in items if item.is_end_user), None)


def held(item: Item, *, answered_at: Any = None) -> Held:
    contents = item.contents()
    answered = bool(answered_at and item.refused_at and answered_at > item.refused_at)
    return Held(
        sid=item.sid,
        type=item.type,
        attributes=contents.get("attributes") or {},
        status=item.status,
        has_file=bool(item.mime_type),
        # Whether Twilio takes "rejected" off a document whose attributes were corrected is not
        # documented, so a correction after the refusal counts as an answer to it.
        refused=item.refused_at is not None and not answered,
        failure_reason=str(contents.get("failure_reason") or ""),
        addresses=contents.get("addresses") or {},
        error_codes=tuple(code for code in item.error_codes if isinstance(code, int)),
    )


def shared_sids(renewal: Renewal, items: Iterable[Held]) -> set[str]:
    """Of these documents, those that another bundle of the customer's holds, or is about to."""
    sids = [item.sid for item in items if not item.is_end_user]
    others = Answer.objects.filter(item_sid__in=sids).exclude(renewal=renewal)
    return set(
        others.exclude(renewal__state=Renewal.State.CANCELLED).values_list("item_sid", flat=True)
    )


def rejected_without_details(renewal: Renewal) -> bool:
    """A reviewer said no and refused no item; nothing has been answered since."""
    return renewal.state == Renewal.State.REJECTED and not any(
        item.refused_at for item in renewal.items.all()
    )


def checklist_of(renewal: Renewal, *, items: Sequence[Held] | None = None) -> Checklist:
    """What the customer has to do on this renewal, and what is already fine.

    Empty until the first evaluation is there.

    :param items: what :func:`held_items` said, if it has been asked.
    """
    if not renewal.evaluation:
        return Checklist(tasks=(), fine=())
    regulation = renewal.bundle.regulation
    items = held_items(renewal) if items is None else items
    return checklist(
        regulation.requirements if regulation else {},
        renewal.evaluation.get("results") or [],
        items,
        shared=shared_sids(renewal, items),
        chosen={
            name: answer.type
            for answer in renewal.answers.all()
            if answer.state != Answer.State.DELIVERED
            for name in answer.covers
        },
        everything=rejected_without_details(renewal),
    )


def everything_of(renewal: Renewal, items: Sequence[Held]) -> Checklist:
    """The checklist as if nothing were fine: what a customer may change before sending."""
    regulation = renewal.bundle.regulation
    return checklist(
        regulation.requirements if regulation else {},
        (renewal.evaluation or {}).get("results") or [],
        items,
        shared=shared_sids(renewal, items),
        everything=True,
    )
