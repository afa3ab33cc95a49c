"""Tells customers what they have to know: mails, and the last reminders by SMS as well; and each
person what concerns them alone (``personal``). Staff get a digest (``digest``).

Derived from the rows at each run, so that a run which is missed, doubled or broken off changes
nothing: what is still true is told by the next one, and what was told stands in the ledger. It
enqueues nothing and never moves a renewal.
"""

import logging
import time
from datetime import datetime

from compliance.models import Mail
from compliance.notifications import digest, ledger, personal
from compliance.notifications.delivery import deliver
from compliance.notifications.ledger import again
from compliance.notifications.notices import due

__all__ = ["again", "tell"]

logger = logging.getLogger(__name__)

# Well under the task's time limit: who is left is told by the next run.
SECONDS = 40.0


def tell(*, now: datetime) -> None:
    """Everyone whom there is something to tell, one message a person."""
    until = time.monotonic() + SECONDS
    away: set[Mail.Channel] = set()
    for event_pk in personal.candidates(now=now):
        if away or time.monotonic() > until:
            break
        try:
            claimed = personal.claim(event_pk, now=now)
            if claimed is not None and not deliver(claimed, now=now):
                away.add(Mail.Channel.MAIL)
        except Exception:
            # As below.
            logger.exception("event %s could not be told", event_pk)
    found = due(now=now)
    for person_pk, channel in ledger.candidates(found, now=now):
        if channel in away or time.monotonic() > until:
            continue
        try:
            claimed = ledger.claim(person_pk, channel, now=now)
            if claimed is not None and not deliver(claimed, now=now):
                away.add(channel)
        except Exception:
            # A fault of ours with one person's message must not keep the others waiting.
            logger.exception("person %s could not be told", person_pk)
    ledger.settle(found, now=now)
    if Mail.Channel.MAIL not in away and time.monotonic() < until:
        _tell_staff(now=now)


def _tell_staff(*, now: datetime) -> None:
    """After the customers."""
    try:
        for event_pk, person_pk in digest.candidates(now=now):
            claimed = digest.claim(event_pk, person_pk, now=now)
            if claimed is not None and not deliver(claimed, now=now):
                return
    except Exception:
        logger.exception("the digest could not be told")
