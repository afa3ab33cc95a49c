"""A renewal's rows as the values that ``requirements`` works on."""

from typing import Any

from compliance.models import Answer, Item, Renewal
from compliance.requirements import Checklist, Held, checklist


def held_items(renewal: Renewal) -> tuple[Held, ...]:
    """What the copy holds, as last read, opened. Order as at Twilio."""
    answered = {
        sid: answer.delivered_at
        for answer in renewal.answers.filter(state=Answer.State.DELIVERED)
        for sid in (answer.changes_sid, answer.item_sid)
        if sid and answer.delivered_at
    }
    return tuple(
        held(item, answered_at=answered.get(item.sid)) for item in renewal.items.order_by("pk")
    )


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


def rejected_without_details(renewal: Renewal) -> bool:
    """A reviewer said no and refused no item; nothing has been answered since."""
    return (
        renewal.state == Renewal.State.REJECTED
        and not renewal.items.filter(refused_at__isnull=False).exists()
    )


def checklist_of(renewal: Renewal) -> Checklist:
    """What the customer has to do on this renewal, and what is already fine.

    Empty until the first evaluation is there.
    """
    if not renewal.evaluation:
        return Checklist(tasks=(), fine=())
    regulation = renewal.bundle.regulation
    return checklist(
        regulation.requirements if regulation else {},
        renewal.evaluation.get("results") or [],
        held_items(renewal),
        chosen={
            name: answer.type
            for answer in renewal.answers.exclude(state=Answer.State.DELIVERED)
            for name in answer.covers
        },
        everything=rejected_without_details(renewal),
    )
