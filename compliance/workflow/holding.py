"""What our copy holds at Twilio, mirrored: the customer is shown it, and may keep it."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict

from django.db import transaction

from compliance import gateway
from compliance.answers.reading import held_items
from compliance.gateway import Gone
from compliance.models import Item
from compliance.requirements import addresses_of
from compliance.workflow.lease import Case


def read_items(case: Case, *, anew: bool = False) -> None:
    """Mirror what the copy holds. A document found rejected is marked, once, as refused.

    What Twilio has described when an answer was delivered, a moment ago, is not asked for again.

    :param anew: after a decision of the reviewer, whatever is rejected was refused just now.
    """
    renewal = case.renewal
    described, case.described = case.described, {}
    assignments = case.twilio().assignments(renewal.copy_sid)
    found = [
        (a, item)
        for a in assignments
        if (item := described.get(a.object_sid) or item_at_twilio(case, a.object_sid)) is not None
    ]
    refused_before = {} if anew else dict(renewal.items.values_list("sid", "refused_at"))
    addresses = _addresses(case, [item for _, item in found])
    rows = [
        Item(
            renewal=renewal,
            sid=item.sid,
            assignment_sid=assignment.sid,
            type=item.type,
            status=item.status,
            mime_type=item.mime_type[:80],
            error_codes=list(item.error_codes),
            refused_at=(refused_before.get(item.sid) or case.now)
            if item.status == "rejected"
            else None,
            sealed=renewal.seal(
                {
                    "attributes": item.attributes,
                    "failure_reason": item.failure_reason,
                    "friendly_name": item.friendly_name,
                    "addresses": {
                        sid: addresses[sid]
                        for sid in addresses_of(item.attributes)
                        if sid in addresses
                    },
                },
                about=item.sid,
            ),
        )
        for assignment, item in found
    ]
    with transaction.atomic():
        case.write(looked_at=case.now)
        renewal.items.all().delete()
        Item.objects.bulk_create(rows)


def _addresses(case: Case, items: Iterable[gateway.Item]) -> dict[str, dict[str, str]]:
    """What the items' address SIDs stand for, so that a customer sees it; each read once."""
    known: dict[str, dict[str, str]] = {}
    for held in held_items(case.renewal):
        known.update({sid: dict(parts) for sid, parts in held.addresses.items()})
    for item in items:
        for sid in addresses_of(item.attributes):
            if sid not in known:
                with suppress(Gone):
                    known[sid] = asdict(case.twilio().address(sid))
    return known


def item_at_twilio(case: Case, sid: str) -> gateway.Item | None:
    try:
        return case.twilio().item(sid)
    except Gone:
        return None
