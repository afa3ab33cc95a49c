"""Our copy can be with the reviewer although we have not sent it, as far as we know."""

from compliance.gateway import Gone
from compliance.models import Bundle, Renewal
from compliance.workflow.lease import Case

EDITABLE = (Bundle.Status.DRAFT, Bundle.Status.REJECTED)


def is_with_the_reviewer(case: Case) -> bool:
    """Somebody has sent it from the Console; or we have, and know nothing of it since the database
    was restored from a backup of before. Then the renewal follows the review."""
    try:
        copy = case.twilio().bundle(case.renewal.copy_sid)
    except Gone:
        # What comes next is told so as well, and knows what to do about it.
        return False
    case.copy_status = copy.status
    if copy.status in EDITABLE:
        return False
    case.move(
        Renewal.State.IN_REVIEW,
        event="in-review",
        customer_visible=True,
        submitted_at=case.now,
        copy_status=copy.status,
    )
    return True
