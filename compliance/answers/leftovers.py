"""What we delete at Twilio is written down first: after a crash, an outage or a refusal the rows
tell what is still there, and the reconcile goes on with it."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import transaction
from django.db.models import Q

from compliance import gateway
from compliance.answers.reusing import used_elsewhere
from compliance.gateway import Gone, Refused, Twilio
from compliance.models import Answer, Item, Renewal, Stray

Why = Stray.Why
# Twilio's way of saying that a bundle holds an End-User or a document, or that it is in review.
HELD = (21644, 21645, 21646)
PAUSE = timedelta(hours=1)
# With doubled pauses five days; then it stays as it is.
TRIES = 7


class Lease(Protocol):
    """What is needed of the workflow's case; ``twilio()`` is for one call."""

    renewal: Renewal
    described: dict[str, gateway.Item]

    @property
    def now(self) -> datetime: ...

    def twilio(self) -> Twilio: ...

    def write(self, **changes: Any) -> None: ...

    def note(self, kind: str, *, key: str | None = None, **details: Any) -> None: ...


def discard(lease: Lease, sids: Collection[str]) -> None:
    """Delete these End-Users and documents. What another renewal needs stays, and so does what
    Twilio refuses to delete; both are looked at again later."""
    shared = used_elsewhere(lease.renewal, sids)
    _discard(lease, sids, shared=shared, kept="item-kept")


def discard_addresses(lease: Lease, sids: Collection[str], *, shared: Collection[str]) -> None:
    """The same for addresses, which Twilio deletes although documents point to them.

    :param shared: those that another renewal needs.
    """
    _discard(lease, sids, shared=shared, kept="address-kept")


def _discard(lease: Lease, sids: Collection[str], *, shared: Collection[str], kept: str) -> None:
    doomed = sorted(sids)
    if not doomed:
        return
    with transaction.atomic():
        lease.write(looked_at=lease.now)
        doom(lease.renewal, doomed, now=lease.now)
    for sid in doomed:
        if sid in shared:
            continue
        code = delete(lease.twilio(), sid, now=lease.now)
        if code is not None:
            lease.note(kept, code=code, sid=sid)


def doom(renewal: Renewal, sids: Iterable[str], *, now: datetime) -> None:
    """Written down; the reconcile takes it up when who wrote it has had time to do it."""
    rows = [
        Stray(
            account=renewal.bundle.account,
            sid=sid,
            renewal=renewal,
            reference=renewal.reference,
            why=Why.DOOMED,
            found_at=now,
            seen_at=now,
            next_try_at=now + PAUSE,
        )
        for sid in sids
    ]
    Stray.objects.bulk_create(rows, ignore_conflicts=True)


def delete(twilio: Twilio, sid: str, *, now: datetime) -> int | None:
    """None when it is gone; else the number with which Twilio refuses, which the row keeps."""
    try:
        if sid.startswith("AD"):
            twilio.delete_address(sid)
        else:
            twilio.delete_item(sid)
    except Gone:
        pass
    except Refused as refusal:
        row = Stray.objects.filter(sid=sid).first()
        if row is not None:
            put_off(row, Why.IN_USE if refusal.code in HELD else Why.REFUSED, now=now)
            Stray.objects.filter(pk=row.pk).update(code=refusal.code or None)
        return refusal.code
    Stray.objects.filter(sid=sid).delete()
    return None


def put_off(row: Stray, why: str, *, now: datetime) -> None:
    tries = row.tries + 1
    later = now + PAUSE * 2**row.tries if tries < TRIES else None
    Stray.objects.filter(pk=row.pk).update(why=why, tries=tries, next_try_at=later, seen_at=now)


def is_needed(sid: str) -> bool:
    """An open renewal holds this item, or is about to."""
    open_ = ~Q(renewal__state__in=Renewal.ENDED)
    return (
        Answer.objects.filter(open_, Q(item_sid=sid) | Q(address_sid=sid)).exists()
        or Item.objects.filter(open_, sid=sid).exists()
    )
