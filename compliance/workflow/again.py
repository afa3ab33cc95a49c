"""Another review of the same items, because the rule has changed since the copy was sent for the
last one (error 22228). What the customer has given is carried over to a new copy, and nothing is
asked for twice: an Item Assignment links an item to a bundle and does not own it."""

from contextlib import suppress

from compliance.answers import discard, doom
from compliance.gateway import Gone
from compliance.models import Bundle, Renewal
from compliance.workflow.lease import Case
from compliance.workflow.making import create_copy

State = Renewal.State
Status = Bundle.Status


def begin_again(case: Case) -> None:
    """Go on with a new copy that holds the items of the present one, which is deleted."""
    renewal = case.renewal
    used = renewal.copy_sid
    drafts = [
        copy
        for copy in case.twilio().copies(renewal.bundle.sid)
        if renewal.tag in copy.friendly_name and copy.sid != used and copy.status == Status.DRAFT
    ]
    new = drafts[0] if drafts else create_copy(case)
    wanted = {a.object_sid for a in case.twilio().assignments(used)}
    held = {a.object_sid: a.sid for a in case.twilio().assignments(new.sid)}
    spare = held.keys() - wanted
    doom(renewal, sorted(spare), now=case.now)
    # A second End-User, or a second document of a kind, may be refused: out first.
    for sid in sorted(spare):
        case.twilio().unassign(new.sid, assignment_sid=held[sid])
    discard(case, spare)
    for sid in sorted(wanted - held.keys()):
        case.twilio().assign(new.sid, object_sid=sid)
    case.move(
        State.COPIED,
        event="rule-changed-in-review",
        customer_visible=True,
        copy_sid=new.sid,
        copy_status=new.status,
    )
    with suppress(Gone):
        case.twilio().delete_bundle(used)
