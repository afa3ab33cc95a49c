"""Where a registration stands, as a customer sees it: derived from the rows, never stored."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.utils.translation import pgettext_lazy

from compliance.models import Answer, Bundle, Renewal

State = Renewal.State


class Stage(models.TextChoices):
    DUE = "due", pgettext_lazy("stage", "Action needed")
    PREPARING = "preparing", pgettext_lazy("stage", "Getting ready")
    FIXING = "fixing", pgettext_lazy("stage", "Action needed")
    CHECKING = "checking", pgettext_lazy("stage", "Saved, checking")
    READY = "ready", pgettext_lazy("stage", "Ready to send")
    REVIEWING = "reviewing", pgettext_lazy("stage", "Being checked")
    CHANGES = "changes", pgettext_lazy("stage", "Changes needed")
    FINISHING = "finishing", pgettext_lazy("stage", "Approved - finishing up")
    DONE = "done", pgettext_lazy("stage", "Up to date")
    EXPIRED = "expired", pgettext_lazy("stage", "Expired")


WITH_CUSTOMER = (Stage.DUE, Stage.FIXING, Stage.READY, Stage.CHANGES)
# Moves by itself within seconds: a page that shows it looks again.
MOVING = (Stage.PREPARING, Stage.CHECKING, Stage.FINISHING)


def stage_of(bundle: Bundle, renewal: Renewal | None, *, waiting: bool, now: datetime) -> Stage:
    """The stage of a bundle with its newest renewal.

    :param waiting: an answer of the renewal is still on its way to Twilio.
    """
    if bundle.status == "":
        # Twilio no longer has it.
        return Stage.EXPIRED
    if renewal is None or renewal.state in Renewal.ENDED:
        if bundle.has_expired(now=now):
            return Stage.EXPIRED
        # A deadline whose renewal has not been opened yet: the ball is with us.
        return Stage.PREPARING if bundle.valid_until else Stage.DONE
    state = renewal.state
    if state in (State.APPROVED, State.REPLACED):
        return Stage.FINISHING
    if state == State.SUBMITTED:
        return Stage.REVIEWING
    if state == State.IN_REVIEW:
        return Stage.REVIEWING
    if waiting and not renewal.trouble:
        return Stage.CHECKING
    if state == State.DETECTED:
        if bundle.has_expired(now=now) and renewal.trouble:
            return Stage.EXPIRED
        return Stage.PREPARING
    if state == State.COPIED:
        # Not ``evaluation``: a list of many loads without that large column.
        return Stage.CHECKING if renewal.evaluated_hash else Stage.PREPARING
    if state == State.REJECTED or (renewal.rejections and state == State.NEEDS_INFO):
        return Stage.CHANGES
    return Stage.READY if state == State.READY else Stage.FIXING


def is_stopped(renewal: Renewal | None, stage: Stage) -> bool:
    """Staff have cancelled it while its deadline stands: nothing is being prepared."""
    return stage == Stage.PREPARING and renewal is not None and renewal.state == State.CANCELLED


def has_waiting_answers(renewal: Renewal) -> bool:
    return renewal.answers.filter(state=Answer.State.WAITING).exists()


@dataclass(frozen=True, kw_only=True)
class Dates:
    """Both dates of a registration. ``send_by`` leaves time for the review and one correction."""

    send_by: datetime
    expires: datetime
    late: bool
    expired: bool


def dates_of(valid_until: datetime, *, now: datetime, zone: str = "UTC") -> Dates:
    """``zone`` is the customer's: a working day there need not be one in UTC."""
    local = valid_until.astimezone(ZoneInfo(zone))
    send_by = working_days_before(local, settings.REVIEW_DAYS * 2 + settings.CORRECTION_DAYS)
    return Dates(
        send_by=send_by, expires=valid_until, late=send_by < now, expired=valid_until <= now
    )


def working_days_before(moment: datetime, days: int) -> datetime:
    """``moment`` less so many days of Monday to Friday; the time of day stays."""
    while days > 0:
        moment -= timedelta(days=1)
        if moment.weekday() < 5:
            days -= 1
    return moment
