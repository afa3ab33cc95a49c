"""A copy of the bundle, made once: before the call the intent is committed, and an earlier call
that got no answer is waited for."""

from datetime import datetime

from django.conf import settings

from compliance import gateway
from compliance.answers.delivery import Wait
from compliance.workflow.lease import Case

NAME_LENGTH = 255


def create_copy(case: Case) -> gateway.Bundle:
    """Whoever calls has looked for one that is there already."""
    renewal = case.renewal
    begun = renewal.intent.get("copy")
    if begun:
        # An earlier call got no answer and left nothing to be seen: it may still land.
        landed = datetime.fromisoformat(begun) + settings.LATE_ANSWER
        if case.now < landed:
            raise Wait(landed)
    case.write(intent={**renewal.intent, "copy": case.now.isoformat()})
    name = renewal.bundle.friendly_name[: NAME_LENGTH - len(renewal.tag) - 1]
    return case.twilio().create_copy(
        renewal.bundle.sid, friendly_name=f"{name} {renewal.tag}".strip()
    )
