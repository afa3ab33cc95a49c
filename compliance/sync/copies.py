"""Copies that were left over at Twilio, bundle by bundle: nothing else lists a copy's original."""

import logging
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from compliance import accounts
from compliance.gateway import Gone, Refused, Unavailable
from compliance.models import Account, Bundle, Renewal
from compliance.workflow.copies import note_copies

logger = logging.getLogger(__name__)

# A copy is left over by a renewal that is under way, or that was not long ago.
ENDED_WITHIN = timedelta(days=30)
# One call each; a look is over within the time that a task has.
AT_ONCE = 300


def looked_at(*, now: datetime) -> QuerySet[Bundle]:
    """The bundles whose copies are listed."""
    recent = Renewal.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=now - ENDED_WITHIN), bundle=OuterRef("pk")
    )
    return Bundle.objects.filter(Exists(recent))


def list_copies(account: Account, *, now: datetime) -> None:
    """Those that were not looked at for longest come first. Nothing is changed at Twilio."""
    waiting = looked_at(now=now).filter(account=account)
    try:
        twilio = accounts.connect(account)
        for bundle in waiting.order_by(F("copies_read_at").asc(nulls_first=True), "pk")[:AT_ONCE]:
            try:
                copies = twilio.copies(bundle.sid)
            except Gone:
                copies = []
            note_copies(bundle, copies, now=now)
    except Unavailable as error:
        accounts.note_silence(account, error, now=now)
    except Refused as refusal:
        logger.warning("copies in %s can't be listed: %s", account.sid, refusal.code)
