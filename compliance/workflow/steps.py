"""The steps. Each ensures one thing at Twilio, then moves the renewal on.

After a crash, a timeout or a 5xx it is not known whether a call was carried out. So before a call
that makes something the intent is committed, and with an intent in place a step asks Twilio first.
"""

from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

from compliance import gateway
from compliance.answers import checklist_of, refused_elsewhere, tell_of_refusals
from compliance.answers.delivery import Wait, deliver, waiting_answers
from compliance.answers.reading import held_items
from compliance.callback_address import callback_url
from compliance.gateway import Evaluation, Gone, Refused
from compliance.models import Answer, Bundle, Renewal
from compliance.workflow.again import begin_again
from compliance.workflow.ending import clean_up, delete_with_items, end
from compliance.workflow.holding import item_at_twilio, read_items
from compliance.workflow.lease import Case
from compliance.workflow.making import create_copy
from compliance.workflow.original import finish_if_done_elsewhere, read_original
from compliance.workflow.sent_elsewhere import EDITABLE, is_with_the_reviewer

State = Renewal.State
Status = Bundle.Status

UNDER_REVIEW = (Status.PENDING_REVIEW, Status.IN_REVIEW, Status.PROVISIONALLY_APPROVED)
# ReplaceItems: the copy was not reviewed against the latest rule.
RULE_CHANGED = 22228
# Whoever is done checks the answers and sends them.
JUST_NOW = timedelta(minutes=10)
DATE_LOOKS = 5
DATE_PAUSE = timedelta(seconds=10)


class Trouble(Exception):
    """A person must see to it."""

    def __init__(self, slug: str, detail: str = "") -> None:
        super().__init__(slug)
        self.slug = slug
        self.detail = detail


# --- detected ---------------------------------------------------------------------------------


def ensure_copy(case: Case) -> None:
    """One copy of the bundle that carries our tag: the oldest there is, or a new one.

    Copies without our tag were made by somebody else, and are theirs.
    """
    renewal = case.renewal
    try:
        # The mirror may have been written from a page that was read before a renewal ended.
        original = read_original(case)
        if original.valid_until is None and original.status == Status.APPROVED:
            finish_if_done_elsewhere(case)
            return
        copies = case.twilio().copies(renewal.bundle.sid)
    except Gone:
        end(case, State.CANCELLED, event="bundle-gone", customer_visible=True)
        return
    for copy in copies:
        if renewal.tag not in copy.friendly_name and copy.status != Status.APPROVED:
            case.note("copy-of-somebody-else", key=f"foreign-copy:{copy.sid}", status=copy.status)
    ours = sorted(
        (copy for copy in copies if renewal.tag in copy.friendly_name),
        key=lambda copy: (copy.date_created is None, copy.date_created, copy.sid),
    )
    copy = ours[0] if ours else create_copy(case)
    delete_with_items(case, [spare.sid for spare in ours[1:] if spare.status == Status.DRAFT])
    case.copy_status = copy.status
    case.move(State.COPIED, copy_sid=copy.sid, copy_status=copy.status)


# --- copied -----------------------------------------------------------------------------------


def read_and_evaluate(case: Case) -> None:
    try:
        read_items(case)
        evaluation = case.twilio().evaluate(case.renewal.copy_sid)
    except Gone:
        _start_over(case)
        return
    _keep(case, evaluation)
    refused = any(item.refused for item in held_items(case.renewal))
    if evaluation.compliant and not refused:
        case.move(State.READY, customer_visible=True)
        return
    things = checklist_of(case.renewal).things
    if not things:
        raise Trouble("nothing-to-ask", f"evaluation {evaluation.sid}: {evaluation.status}")
    case.move(State.NEEDS_INFO, customer_visible=True, details={"things": things})


def _keep(case: Case, evaluation: Evaluation) -> None:
    regulation = case.renewal.bundle.regulation
    found = {"sid": evaluation.sid, "status": evaluation.status, "results": evaluation.results}
    case.write(
        evaluation=found,
        first_evaluation=case.renewal.first_evaluation or found,
        evaluated_hash=regulation.requirements_hash if regulation else "",
        evaluated_at=case.now,
    )


def _start_over(case: Case) -> None:
    """Somebody has deleted our copy: the next one asks again for what is missing."""
    case.move(State.DETECTED, event="copy-gone", copy_sid="", copy_status="", evaluation=None)


# --- needs_info, ready, rejected --------------------------------------------------------------


def deliver_answers(case: Case) -> None:
    """Bring what the customer has saved to Twilio; without that it is the customer's turn."""
    renewal = case.renewal
    before = renewal.state
    waiting = waiting_answers(renewal)
    just_seen = case.copy_status in EDITABLE and not waiting
    if not just_seen and is_with_the_reviewer(case):
        return
    for answer in waiting:
        # With the last one the renewal moves on in the same transaction: a page between the two
        # would ask once more for what has just been given.
        then = partial(_evaluate_again, case) if answer is waiting[-1] else None
        try:
            deliver(case, answer, then=then)
        except Gone:
            # Somebody has taken away what was to be changed: read the copy anew.
            if renewal.state == before:
                case.move(State.COPIED, event="item-gone")
            return
    if renewal.state == before:
        _evaluate_again(case)


def _evaluate_again(case: Case) -> None:
    """If something has changed since the last evaluation: by an answer, or from outside.

    Told from the rows: an earlier try may have delivered some and then broken off.
    """
    renewal = case.renewal
    delivered = renewal.answers.filter(state=Answer.State.DELIVERED)
    if renewal.evaluated_at is not None:
        delivered = delivered.filter(delivered_at__gt=renewal.evaluated_at)
    regulation = renewal.bundle.regulation
    changed = (
        bool(renewal.evaluated_hash)
        and regulation is not None
        and regulation.requirements_hash != renewal.evaluated_hash
    )
    if delivered.exists():
        case.move(State.COPIED, event="answers-delivered")
    elif changed:
        case.move(State.COPIED, event="regulation-changed")
    elif refused_elsewhere(renewal):
        case.move(State.COPIED, event="item-refused-elsewhere")


# --- submitted --------------------------------------------------------------------------------


def submit(case: Case) -> None:
    """Hand the copy to the reviewer, once: the rule can have changed since it was ready. Twilio
    evaluates as well, so that what happens within minutes costs nobody days."""
    renewal = case.renewal
    url = callback_url(renewal)
    try:
        copy = _before_submission(case, url=url)
    except Gone:
        _start_over(case)
        return
    if copy.status not in EDITABLE or _was_submitted(case, copy):
        case.move(State.IN_REVIEW, submitted_at=case.now, copy_status=copy.status)
        return
    is_evaluated = _is_evaluated(case)
    if not is_evaluated and _has_to_go_back(case):
        return
    if url and copy.status_callback != url:
        copy = case.twilio().update_bundle(copy.sid, status_callback=url)
    intent: dict[str, Any] = {"submit": copy.date_updated.isoformat() if copy.date_updated else ""}
    if copy.status == Status.REJECTED:
        intent["documents"] = _documents(case)
    case.write(intent=intent)
    try:
        copy = case.twilio().submit(copy.sid)
    except Refused as refusal:
        # Twilio evaluates as well; it names its evaluation in the message.
        if "/Evaluations/" in refusal.message:
            case.move(State.COPIED, event="submission-refused")
            return
        copy = case.twilio().bundle(copy.sid)
        if copy.status in EDITABLE:
            if is_evaluated and _has_to_go_back(case):
                return
            raise
        # An earlier call, which got no answer, has come about at this very moment.
    case.copy_status = copy.status
    case.move(
        State.IN_REVIEW,
        event="in-review",
        customer_visible=True,
        submitted_at=case.now,
        copy_status=copy.status,
    )


def _before_submission(case: Case, *, url: str) -> gateway.Bundle:
    """The copy as it stands. The first time, the answer to where to call back says so: that may not
    travel with the status (error 22204), and costs no look of its own."""
    renewal = case.renewal
    if url and not renewal.rejections and "submit" not in renewal.intent:
        with suppress(Refused):
            return case.twilio().update_bundle(renewal.copy_sid, status_callback=url)
    return case.twilio().bundle(renewal.copy_sid)


def _is_evaluated(case: Case) -> bool:
    """A moment ago, by the rule as it is known now; nothing has been delivered since, or it would
    not be here."""
    renewal = case.renewal
    found, at, rule = renewal.evaluation, renewal.evaluated_at, renewal.bundle.regulation
    return (
        found is not None
        and found["status"] == "compliant"
        and at is not None
        and timedelta() <= case.now - at <= JUST_NOW
        and rule is not None
        and rule.requirements_hash == renewal.evaluated_hash
    )


def _was_submitted(case: Case, copy: gateway.Bundle) -> bool:
    """A submission whose answer was lost, and that has been turned down meanwhile.

    That the copy has changed is not enough: somebody may have renamed it. A review leaves its
    traces on the documents.
    """
    intent = case.renewal.intent
    before = intent.get("submit")
    if before is None or copy.status != Status.REJECTED or copy.date_updated is None:
        return False
    if copy.date_updated.isoformat() == before:
        return False
    known = intent.get("documents")
    return not known or known != _documents(case)


def _documents(case: Case) -> dict[str, str]:
    """How each stands, by its SID."""
    sids = [a.object_sid for a in case.twilio().assignments(case.renewal.copy_sid)]
    found = [item for sid in sids if sid.startswith("RD") and (item := item_at_twilio(case, sid))]
    return {item.sid: f"{item.status} {item.date_updated}" for item in found}


def _has_to_go_back(case: Case) -> bool:
    """Evaluate once more; what is missing is the customer's to give."""
    evaluation = case.twilio().evaluate(case.renewal.copy_sid)
    if evaluation.compliant:
        return False
    _keep(case, evaluation)
    things = checklist_of(case.renewal).things
    if not things:
        raise Trouble("nothing-to-ask", f"evaluation {evaluation.sid}: {evaluation.status}")
    case.move(State.NEEDS_INFO, customer_visible=True, details={"things": things})
    return True


# --- in_review --------------------------------------------------------------------------------


def follow_review(case: Case) -> None:
    renewal = case.renewal
    if case.copy_status in UNDER_REVIEW:
        # It was handed over a moment ago.
        return
    try:
        copy = case.twilio().bundle(renewal.copy_sid)
    except Gone:
        _start_over(case)
        return
    case.copy_status = copy.status
    case.write(copy_status=copy.status, looked_at=case.now)
    if copy.status == Status.APPROVED:
        case.move(State.APPROVED, customer_visible=True, decided_at=case.now)
    elif copy.status == Status.REJECTED:
        case.write(decided_at=case.now)
        read_items(case, anew=True)
        tell_of_refusals(renewal, now=case.now)
        refused = renewal.items.filter(refused_at__isnull=False).count()
        if not refused:
            case.note("rejected-without-details")
        case.move(
            State.REJECTED,
            customer_visible=True,
            rejections=renewal.rejections + 1,
            details={"refused": refused},
        )
    elif copy.status == Status.DRAFT:
        case.move(State.COPIED, event="withdrawn")


# --- approved ---------------------------------------------------------------------------------


def replace(case: Case) -> None:
    """Put the approved items onto the original. It happens once, and empties the copy."""
    renewal = case.renewal
    original = renewal.bundle.sid
    planned = renewal.intent.get("replace")
    # First: whatever happens between the two, a date that is gone shows in what it holds.
    read = read_original(case)
    held = {a.object_sid for a in case.twilio().assignments(original)}
    if planned is None:
        if read.status != Status.APPROVED:
            # Error 22224: both must be approved. The deadline has passed during the review.
            raise Trouble("original-not-approved", read.status)
        items = {a.object_sid for a in case.twilio().assignments(renewal.copy_sid)}
        if not items:
            raise Trouble("copy-is-empty")
        planned = {"old": sorted(held - items), "new": sorted(items)}
        case.write(intent={"replace": planned})
    if held != set(planned["new"]):
        if read.valid_until is None and read.status == Status.APPROVED:
            # Somebody else was quicker, with items of their own.
            case.write(intent={})
            finish_if_done_elsewhere(case)
            return
        try:
            case.twilio().replace_items(original, from_sid=renewal.copy_sid)
        except Refused as refusal:
            if refusal.code == RULE_CHANGED:
                begin_again(case)
                return
            # A repeat after a lost answer is refused although all is well.
            held = {a.object_sid for a in case.twilio().assignments(original)}
            if held != set(planned["new"]):
                raise
    case.has_replaced = True
    case.move(
        State.REPLACED,
        customer_visible=True,
        intent={"replace": planned},
    )


# --- replaced ---------------------------------------------------------------------------------


def verify_and_clean_up(case: Case) -> None:
    """The date must be gone before the copy is deleted: until then the copy is the evidence."""
    original = read_original(case)
    if original.valid_until is not None or original.status != Status.APPROVED:
        if case.renewal.attempts > DATE_LOOKS:
            raise Trouble("date-still-there", f"{original.status}, {original.valid_until}")
        raise Wait(case.now + DATE_PAUSE * case.renewal.attempts, counted=True)
    clean_up(case)
    end(case, State.COMPLETED, customer_visible=True)
