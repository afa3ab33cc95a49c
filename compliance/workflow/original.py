"""The bundle that is being renewed, read again; and what follows when somebody else was quicker."""

from datetime import timedelta

from compliance import gateway
from compliance.answers.delivery import Wait
from compliance.gateway import Gone, Refused
from compliance.models import Bundle, Renewal
from compliance.workflow.ending import clean_up, end, take_back
from compliance.workflow.lease import Case

State = Renewal.State
Status = Bundle.Status
# The mirror's status of a bundle that Twilio no longer has.
GONE = ""
LOOK_AGAIN = timedelta(minutes=15)


def read_original(case: Case) -> gateway.Bundle:
    original = case.twilio().bundle(case.renewal.bundle.sid)
    bundle = case.renewal.bundle
    bundle.status, bundle.valid_until = original.status, original.valid_until
    bundle.date_updated, bundle.read_at = original.date_updated, case.now
    bundle.save(update_fields=["status", "valid_until", "date_updated", "read_at"])
    return original


def finish_if_done_elsewhere(case: Case) -> bool:
    """Somebody has renewed the bundle in Twilio's Console, or deleted it: take back what is ours.

    The mirror gives the hint; Twilio is asked before anything is deleted.
    """
    renewal, bundle = case.renewal, case.renewal.bundle
    if bundle.valid_until is not None or bundle.status not in (Status.APPROVED, GONE):
        return False
    if renewal.state == State.REPLACED or renewal.intent.get("replace"):
        return False
    try:
        original = read_original(case)
    except Gone:
        take_back(case)
        end(case, State.CANCELLED, event="bundle-gone", customer_visible=True)
        return True
    if original.valid_until is not None or original.status != Status.APPROVED:
        return False
    try:
        clean_up(case)
    except Refused as refusal:
        # Error 21647: a copy in review can't be deleted. Its decision will come.
        if refusal.code != 21647:
            raise
        raise Wait(case.now + LOOK_AGAIN) from refusal
    end(case, State.COMPLETED, event="finished-elsewhere", customer_visible=True)
    return True
