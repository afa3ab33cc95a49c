"""The way of a renewal, from a deadline to its disappearance.

A renewal is pulled forward, never pushed: :func:`advance` looks at the durable state, takes
whatever step can be taken without the customer, records it, and goes again until nothing moves.
Every step is *ensure*, not *do*, so a lost, doubled, late or reordered cause changes nothing.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import uniform

from django.utils import timezone

from compliance import accounts, trail
from compliance.answers.delivery import Wait
from compliance.gateway import Gone, Refused, Unavailable
from compliance.models import Event, Renewal
from compliance.workflow import steps, wishes
from compliance.workflow.customer import NotNow, open_renewal, retry, send
from compliance.workflow.lease import Case, claim, hold
from compliance.workflow.original import finish_if_done_elsewhere

__all__ = ["NotNow", "advance", "hold", "open_renewal", "retry", "send"]

State = Renewal.State

STEPS: Mapping[str, Callable[[Case], None]] = {
    State.DETECTED: steps.ensure_copy,  #         -> copied
    State.COPIED: steps.read_and_evaluate,  #     -> needs_info | ready
    State.NEEDS_INFO: steps.deliver_answers,  #   -> copied
    State.READY: steps.deliver_answers,  #        -> copied
    State.REJECTED: steps.deliver_answers,  #     -> copied
    State.SUBMITTED: steps.submit,  #             -> in_review | needs_info
    State.IN_REVIEW: steps.follow_review,  #      -> approved | rejected
    State.APPROVED: steps.replace,  #             -> replaced
    State.REPLACED: steps.verify_and_clean_up,  # -> completed
}

# Steps without progress, counted when the lease is taken, after which a person must look.
ATTEMPTS = 8
LONGEST_PAUSE = timedelta(minutes=10)
# Where Twilio has named a time.
LONGEST_WAIT = timedelta(hours=1)
# Where all calls that we allow ourselves are under way.
BUSY_PAUSE = timedelta(seconds=10)
# More moves than this in one go would mean that two steps undo each other.
MOVES_AT_ONCE = 12


def advance(renewal_pk: int, *, clock: Callable[[], datetime] = timezone.now) -> None:
    """Take this renewal as far as it goes without its customer. Safe to call at any time."""
    while (case := claim(renewal_pk, clock=clock)) is not None:
        with trail.about(case.renewal.reference):
            asked_again = _advance(case)
        if not asked_again:
            return


def _advance(case: Case) -> bool:
    """One stretch under one lease. True if somebody asked for another look meanwhile."""
    renewal = case.renewal
    try:
        if renewal.attempts > ATTEMPTS:
            return _trouble(case, "stuck", renewal.delayed_because)
        for _ in range(MOVES_AT_ONCE):
            if case.is_paused():
                return case.release(next_look_at=None)
            before = renewal.state
            if not wishes.grant(case) and not finish_if_done_elsewhere(case):
                STEPS[renewal.state](case)
            if renewal.state == before or renewal.state in Renewal.ENDED:
                accounts.note_answer(renewal.bundle.account, now=case.now)
                return case.release(
                    next_look_at=None,
                    attempts=0,
                    delayed_because="",
                    trouble="",
                    sealed_trouble=b"",
                )
        return _trouble(case, "going-in-circles", "")
    except Renewal.Stale:
        return case.abandon()
    except Wait as wait:
        attempts = renewal.attempts if wait.counted else 0
        return case.release(next_look_at=wait.until, attempts=attempts)
    except Unavailable as error:
        return _delay(case, error)
    except Refused as error:
        return _trouble(case, f"refused-{error.code}", error.message)
    except Gone:
        return _trouble(case, "gone", "")
    except steps.Trouble as trouble:
        return _trouble(case, trouble.slug, trouble.detail)


def _delay(case: Case, error: Unavailable) -> bool:
    """Later, with growing pauses and jitter. An outage is nobody's fault and never runs out."""
    renewal = case.renewal
    if error.cause == "busy":
        # Nothing was tried, so nothing is counted.
        return case.release(
            next_look_at=case.now + BUSY_PAUSE * uniform(0.5, 1.0),  # noqa: S311  (jitter)
            attempts=renewal.attempts - 1,
            delayed_because=str(error),
        )
    if error.cause != "server":
        # A 5xx can be about this one object; whether Twilio is away the next poll tells.
        accounts.note_silence(renewal.bundle.account, error, now=case.now)
    if error.cause == "credentials" and renewal.attempts >= ATTEMPTS and not renewal.trouble:
        # It goes on trying, but only a person can mend them.
        case.write(trouble="credentials")
    pause = min(LONGEST_PAUSE, timedelta(seconds=2 * 2**renewal.attempts))
    if error.retry_after:
        pause = max(pause, min(timedelta(seconds=error.retry_after), LONGEST_WAIT))
    attempts = renewal.attempts if error.cause == "server" else min(renewal.attempts, ATTEMPTS - 1)
    return case.release(
        next_look_at=case.now + pause * uniform(0.5, 1.0),  # noqa: S311  (jitter)
        attempts=attempts,
        delayed_because=str(error)[:300],
    )


def _trouble(case: Case, slug: str, detail: str) -> bool:
    """Leave the state as it is and show it to support, who may try again."""
    renewal = case.renewal
    Event.objects.create(
        at=case.now, kind="trouble", renewal=renewal, details={"trouble": slug, "in": renewal.state}
    )
    return case.release(
        next_look_at=None,
        attempts=0,
        trouble=slug[:40],
        sealed_trouble=renewal.seal({"message": detail[:500]}, about="trouble") if detail else b"",
    )
