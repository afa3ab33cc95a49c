"""The line that moves by itself: what is going on, and how soon to ask again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf

from django.conf import settings
from django.utils.translation import gettext, ngettext

from compliance.models import Bundle, Renewal
from compliance.stages import MOVING, Stage, is_stopped
from compliance.wording import dates as words

# Milliseconds. Who has just saved or sent waits for what comes of it: the page asks again after
# about a tenth of the time that has passed since, so that nobody waits much longer than they must,
# and a long wait costs few requests. Few steps, because each changes the page.
AT_ONCE, SOON, LATER = (100, 250, 500, 1000), 2000, 5000
TIMES = 20
SLOW = timedelta(seconds=60)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """``pause`` in milliseconds until the page asks again; 0 when nothing moves. ``looked`` changes
    with every answer, the rest only when something has happened."""

    text: str
    detail: str = ""
    looked: str = ""
    pause: int = 0
    slow: bool = False


def mark_of(renewal: Renewal, stage: Stage, *, waiting: int, slow: bool) -> str:
    """Stays the same as long as a page that was drawn with it is still right."""
    trouble = "t" if renewal.trouble else "-"
    provisional = "p" if _is_provisional(renewal) else "-"
    return f"{stage.value}.{waiting}{trouble}{provisional}{'s' if slow else '-'}"


def progress_of(
    renewal: Renewal, stage: Stage, *, waiting: int, saved_at: datetime | None, now: datetime
) -> Progress:
    """:param saved_at: of the newest answer, ``waiting`` or not."""
    if renewal.trouble and stage in (*MOVING, Stage.REVIEWING):
        return Progress(
            text=gettext("We need to do one step by hand."),
            detail=gettext(
                "We have been told and will contact you, as a rule within one working day. You do "
                "not need to do anything."
            ),
            pause=LATER,
        )
    if is_stopped(renewal, stage):
        return Progress(
            text=gettext("We have stopped this update."),
            detail=gettext("Nothing is asked of you. Write to us if you have questions about it."),
        )
    if renewal.state in Renewal.ENDED:
        return Progress(text="")
    if renewal.bundle.account.unreachable_since and _needs_the_line(renewal, stage):
        return Progress(
            text=gettext("Saved. It goes on as soon as the connection is back."),
            detail=gettext("You do not need to do anything. You can close this page."),
            pause=LATER,
            slow=True,
        )
    match stage:
        case Stage.PREPARING:
            return _preparing(renewal, now=now)
        case Stage.CHECKING:
            return Progress(
                text=gettext("Your answers are saved. We are checking them now."),
                detail=gettext("This takes a few seconds. You can close this page at any time."),
                pause=LATER if renewal.bundle.account.unreachable_since else soon(saved_at, now),
            )
        case Stage.REVIEWING:
            return _reviewing(renewal, now=now)
        case Stage.FINISHING:
            return _finishing(renewal, now=now)
    return Progress(text="", pause=LATER if waiting else 0)


def soon(since: datetime | None, now: datetime) -> int:
    """Milliseconds, by how long ago somebody has pressed a button."""
    waited = (now - since) / timedelta(milliseconds=1) if since is not None else inf
    return next((pause for pause in AT_ONCE if waited < TIMES * pause), SOON)


def _needs_the_line(renewal: Renewal, stage: Stage) -> bool:
    """Whether the next step is a call of ours; a review goes on without us."""
    return stage in MOVING or renewal.state == Renewal.State.SUBMITTED


def _preparing(renewal: Renewal, *, now: datetime) -> Progress:
    slow = now - renewal.opened_at > SLOW
    if slow:
        return Progress(
            text=gettext("This is taking longer than usual."),
            detail=gettext("You can close this page; we will e-mail you when it is ready."),
            pause=LATER,
            slow=True,
        )
    return Progress(
        text=gettext("Getting your form ready."),
        detail=gettext("This takes a few seconds."),
        pause=SOON,
    )


def _reviewing(renewal: Renewal, *, now: datetime) -> Progress:
    usual = settings.REVIEW_DAYS
    sent = renewal.submitted_at
    slow = sent is not None and now - sent > timedelta(days=2 * usual)
    looked = ""
    if renewal.last_look:
        looked = gettext("Last looked: %(when)s") % {
            "when": words.since(renewal.last_look, now=now)
        }
    if _is_provisional(renewal):
        text = gettext("Provisionally approved. The last checks are still running.")
    elif slow:
        text = gettext("This is taking longer than usual.")
    else:
        text = gettext("Your update is being checked.")
    detail = gettext("You do not need to do anything. We will e-mail you.")
    if not slow:
        takes = ngettext(
            "It usually takes %(days)s working day.",
            "It usually takes %(days)s working days.",
            usual,
        ) % {"days": usual}
        detail = f"{takes} {detail}"
    # Just sent: the next news is seconds away.
    pause = soon(renewal.moved_at, now) if renewal.state == Renewal.State.SUBMITTED else LATER
    return Progress(text=text, detail=detail, looked=looked, pause=pause, slow=slow)


def _finishing(renewal: Renewal, *, now: datetime) -> Progress:
    since = renewal.decided_at
    if since is not None and now - since > 2 * SLOW:
        return Progress(
            text=gettext("Approved. Updating your registration takes longer than usual."),
            detail=gettext("We keep trying. You do not need to do anything."),
            pause=LATER,
            slow=True,
        )
    return Progress(
        text=gettext("Approved. We are updating your registration now."),
        detail=gettext("This usually takes a minute. You do not need to do anything."),
        pause=SOON,
    )


def _is_provisional(renewal: Renewal) -> bool:
    return renewal.copy_status == Bundle.Status.PROVISIONALLY_APPROVED
