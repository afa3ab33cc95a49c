"""The end of a renewal: nothing of ours is left at Twilio, and no personal data with us."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from django.db import transaction

from compliance.gateway import Gone, Refused
from compliance.models import Draft, Upload
from compliance.workflow.lease import Case


def clean_up(case: Case) -> None:
    """Delete our copies of the bundle and the items that no bundle holds any more.

    The items that the bundle held before the replacement describe a person or a company by an old
    rule and serve nothing now; one that another bundle still uses is refused by Twilio (21644,
    21645) and stays.
    """
    renewal = case.renewal
    original = renewal.bundle.sid
    ours = [c.sid for c in case.twilio().copies(original) if renewal.tag in c.friendly_name]
    replaced = renewal.intent.get("replace")
    if replaced is None:
        # The copies were not needed: what they hold goes with them.
        _delete_with_items(case, ours)
        return
    _delete_bundles(case, ours)
    kept = {a.object_sid for a in case.twilio().assignments(original)}
    _delete_items(case, set(replaced["old"]) - kept)


def take_back(case: Case) -> None:
    """The original is gone, and with it the list of its copies: ours is known by its SID."""
    copy_sid = case.renewal.copy_sid
    _delete_with_items(case, [copy_sid] if copy_sid else [])


def _delete_with_items(case: Case, copies: list[str]) -> None:
    # What an earlier try found on them stands in our rows.
    orphans = set(case.renewal.items.values_list("sid", flat=True))
    for sid in copies:
        try:
            orphans |= {a.object_sid for a in case.twilio().assignments(sid)}
        except Gone:
            continue
    _delete_bundles(case, copies)
    _delete_items(case, orphans)


def _delete_bundles(case: Case, sids: Iterable[str]) -> None:
    for sid in sids:
        with suppress(Gone):
            case.twilio().delete_bundle(sid)


def _delete_items(case: Case, sids: Iterable[str]) -> None:
    for sid in sorted(sids):
        try:
            case.twilio().delete_item(sid)
        except Gone:
            continue
        except Refused as refusal:
            case.note("item-kept", code=refusal.code)


def end(case: Case, state: str, **more: Any) -> None:
    """The last move. The data key is destroyed with it."""
    renewal = case.renewal
    with transaction.atomic():
        case.move(state, ended_at=case.now, key=None, evaluation=None, **more)
        Upload.objects.filter(answer__renewal=renewal).delete()
        Draft.objects.filter(renewal=renewal).delete()
        renewal.answers.update(sealed=b"", sealed_refusal=b"")
        renewal.items.update(sealed=b"")
