"""The end of a renewal: nothing of ours is left at Twilio, and no personal data with us."""

from typing import Any

from django.db import transaction

from compliance.gateway import Gone, Refused
from compliance.models import Upload
from compliance.workflow.lease import Case


def clean_up(case: Case) -> None:
    """Delete our copies of the bundle and the items that no bundle holds any more.

    The items that the bundle held before the replacement describe a person or a company by an old
    rule and serve nothing now; one that another bundle still uses is refused by Twilio (21644,
    21645) and stays.
    """
    renewal = case.renewal
    original = renewal.bundle.sid
    copies = [c for c in case.twilio().copies(original) if renewal.tag in c.friendly_name]
    replaced = renewal.intent.get("replace")
    if replaced:
        orphans = set(replaced["old"])
    else:
        # The copy was not needed: what it holds, and what an earlier try found on it, goes too.
        orphans = set(renewal.items.values_list("sid", flat=True))
        for copy in copies:
            orphans |= {a.object_sid for a in case.twilio().assignments(copy.sid)}
    for copy in copies:
        _delete_bundle(case, copy.sid)
    if not orphans:
        return
    kept = {a.object_sid for a in case.twilio().assignments(original)}
    for sid in sorted(orphans - kept):
        try:
            case.twilio().delete_item(sid)
        except Gone:
            continue
        except Refused as refusal:
            case.note("item-kept", code=refusal.code)


def _delete_bundle(case: Case, sid: str) -> None:
    try:
        case.twilio().delete_bundle(sid)
    except Gone:
        return


def end(case: Case, state: str, **more: Any) -> None:
    """The last move. The data key is destroyed with it."""
    renewal = case.renewal
    with transaction.atomic():
        case.move(state, ended_at=case.now, key=None, evaluation=None, **more)
        Upload.objects.filter(answer__renewal=renewal).delete()
        renewal.answers.update(sealed=b"", sealed_refusal=b"")
        renewal.items.update(sealed=b"")
