"""What staff ask of the worker, because it needs Twilio: done before the next step, under the same
lease as the steps, and forgotten once it is done or can't be.

Only what is provably ours is touched: a copy of this very bundle that carries the tag of one of its
renewals.
"""

from collections.abc import Callable, Mapping

from django.db import transaction

from compliance import gateway
from compliance.gateway import Gone, Refused
from compliance.models import Answer, Bundle, Renewal, Stray
from compliance.workflow.copies import LISTED, TAG, is_ours, listing
from compliance.workflow.ending import (
    clean_up,
    delete_addresses,
    delete_with_items,
    end,
    made_for,
    take_back,
    wait_for_late_answers,
)
from compliance.workflow.lease import Case
from compliance.workflow.original import GONE, finish_if_done_elsewhere, read_original

State, Wish = Renewal.State, Renewal.Wish
Status = Bundle.Status

# Before the reviewer has it. A copy in review can't be deleted (error 21647).
CANCELLABLE = (State.DETECTED, State.COPIED, *Renewal.EDITABLE, State.SUBMITTED)
RESTARTABLE = (State.COPIED, *Renewal.EDITABLE, State.APPROVED)
ADOPTING = (State.DETECTED, State.COPIED, *Renewal.EDITABLE)
ADOPTABLE = (Status.DRAFT, Status.REJECTED)
DELETABLE = (Status.DRAFT, Status.REJECTED, Status.APPROVED)


def grant(case: Case) -> bool:
    """True if there was a wish, and the renewal is somewhere else now or has been looked after."""
    wish = case.renewal.wish
    if not wish:
        return False
    before = case.renewal.state
    try:
        GRANTED[wish](case)
    except Refused as refusal:
        _forget(case)
        case.note("wish-refused", wish=wish, code=refusal.code)
        raise
    except Gone:
        # The next step finds out what is gone, and what follows from it.
        _cannot(case)
    if case.renewal.state not in Renewal.ENDED and case.renewal.wish:
        _forget(case)
    return case.renewal.state != before


def _forget(case: Case) -> None:
    case.write(wish="", wish_about="", wished_by=None)


def _cannot(case: Case) -> None:
    """It has moved on since somebody asked."""
    case.note("wish-too-late", wish=case.renewal.wish, state=case.renewal.state)


def cancel(case: Case) -> None:
    renewal = case.renewal
    if renewal.state not in CANCELLABLE:
        _cannot(case)
        return
    wait_for_late_answers(case)
    try:
        clean_up(case)
    except Gone:
        take_back(case)
    except Refused as refusal:
        # Error 21647: it is being reviewed, by a submission of which the answer was lost.
        if refusal.code != 21647 or renewal.state != State.SUBMITTED:
            raise
        _cannot(case)
        return
    # The wish stays: it keeps the next sync from opening another one for the same deadline.
    end(case, State.CANCELLED, by=renewal.wished_by, wish=Wish.CANCEL)


def check(case: Case) -> None:
    """Somebody says that it was done in Twilio's Console; Twilio is asked."""
    bundle = case.renewal.bundle
    try:
        read_original(case)
    except Gone:
        bundle.valid_until, bundle.status = None, GONE
    if not finish_if_done_elsewhere(case):
        case.note("not-done-elsewhere", status=bundle.status)


def start_over(case: Case) -> None:
    """Delete our copies with what they hold, and begin again. What the original holds stays."""
    renewal = case.renewal
    original = renewal.bundle.sid
    kept = {a.object_sid for a in case.twilio().assignments(original)}
    planned = renewal.intent.get("replace")
    if renewal.state not in RESTARTABLE or (planned and kept & set(planned["new"])):
        # The items are on the original already: what is left is to finish.
        _cannot(case)
        return
    wait_for_late_answers(case)
    ours = [c.sid for c in case.twilio().copies(original) if renewal.tag in c.friendly_name]
    delete_with_items(case, ours, more=made_for(case), kept=kept)
    delete_addresses(case)
    with transaction.atomic():
        case.move(
            State.DETECTED,
            by=renewal.wished_by,
            event="started-over",
            copy_sid="",
            copy_status="",
            evaluation=None,
            evaluated_hash="",
            rejections=0,
            wish="",
        )
        # They were meant for items that are gone.
        renewal.answers.filter(state=Answer.State.WAITING).delete()


# --- Other copies of the same bundle -----------------------------------------------------------


def find_copies(case: Case) -> None:
    """For staff to see on the renewal's page."""
    case.note(LISTED, copies=listing(case.renewal.bundle, _other_copies(case)))


def adopt_copy(case: Case) -> None:
    """Go on with that copy; the present one is deleted."""
    renewal = case.renewal
    copy = _copy_wished_for(case, ADOPTABLE)
    if copy is None or renewal.state not in ADOPTING:
        _cannot(case)
        return
    if renewal.tag not in copy.friendly_name:
        name = TAG.sub("", copy.friendly_name).strip()[: 254 - len(renewal.tag)]
        case.twilio().rename_bundle(copy.sid, friendly_name=f"{name} {renewal.tag}".strip())
    if renewal.copy_sid:
        kept = _held_by(case, renewal.bundle.sid, copy.sid)
        delete_with_items(case, [renewal.copy_sid], kept=kept)
    case.move(
        State.COPIED,
        by=renewal.wished_by,
        event="copy-adopted",
        copy_sid=copy.sid,
        copy_status=copy.status,
        wish="",
        details={"sid": copy.sid},
    )
    Stray.objects.filter(sid=copy.sid).delete()


def delete_copy(case: Case) -> None:
    renewal = case.renewal
    copy = _copy_wished_for(case, DELETABLE)
    if copy is None:
        _cannot(case)
        return
    kept = _held_by(case, renewal.bundle.sid, renewal.copy_sid)
    delete_with_items(case, [copy.sid], kept=kept)
    Stray.objects.filter(sid=copy.sid).delete()
    case.note("copy-deleted", sid=copy.sid)
    find_copies(case)


def _other_copies(case: Case) -> list[gateway.Bundle]:
    copies = case.twilio().copies(case.renewal.bundle.sid)
    return [copy for copy in copies if copy.sid != case.renewal.copy_sid]


def _copy_wished_for(case: Case, statuses: tuple[str, ...]) -> gateway.Bundle | None:
    """The copy that staff chose from the list, if all that made it eligible still holds."""
    for copy in _other_copies(case):
        is_it = copy.sid == case.renewal.wish_about
        if is_it and copy.status in statuses and is_ours(case.renewal.bundle, copy):
            return copy
    return None


def _held_by(case: Case, *sids: str) -> set[str]:
    return {a.object_sid for sid in sids if sid for a in case.twilio().assignments(sid)}


GRANTED: Mapping[str, Callable[[Case], None]] = {
    Wish.CANCEL: cancel,
    Wish.CHECK: check,
    Wish.START_OVER: start_over,
    Wish.FIND_COPIES: find_copies,
    Wish.ADOPT_COPY: adopt_copy,
    Wish.DELETE_COPY: delete_copy,
}
