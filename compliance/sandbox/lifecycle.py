"""The stations of a bundle: what each change of status does to it, to its documents and to the
outside. Who may ask for a change is decided by the caller.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from compliance.sandbox import evaluation, sids
from compliance.sandbox.courier import announce
from compliance.sandbox.records import ANSWERED, WAITING, Bundle, Evaluation, Json, Regulation
from compliance.sandbox.state import State


class NotNow(Exception):
    """The reviewer cannot do this to a bundle in its present status."""


@dataclass(frozen=True)
class Verdict:
    """A reviewer's word on one document: code (table 18001 and up) and reason may be missing."""

    document_sid: str
    code: int | None = None
    reason: str | None = None


def evaluate(state: State, bundle: Bundle) -> Evaluation:
    """Run the evaluation engine on the bundle as it is, and keep the record, which never
    changes again.
    """
    regulation = state.regulations[bundle.regulation_sid]
    subject = evaluation.Subject(
        end_users=[evaluation.Item(u.type, u.attributes) for u in state.end_users_of(bundle)],
        documents=[evaluation.Item(d.type, d.attributes) for d in state.documents_of(bundle)],
        addresses={a.sid for a in state.addresses.values() if a.account_sid == bundle.account_sid},
        unmatched=regulation.unmatched,
    )
    rules = evaluation.Rules(
        groups=state.choice("document_groups"),
        mismatch_code=state.number("mismatch_code"),
        partial_failure=state.choice("partial_failure"),
        check_choices=state.flag("check_choices"),
    )
    status, results = evaluation.evaluate(regulation.requirements, subject, rules)
    record = Evaluation(
        sid=sids.new("EL"),
        account_sid=bundle.account_sid,
        regulation_sid=bundle.regulation_sid,
        bundle_sid=bundle.sid,
        status=status,
        results=results,
        date_created=state.clock.now(),
    )
    state.evaluations[record.sid] = record
    return record


def breaks_evaluation(state: State, bundle: Bundle) -> bool:
    """Live Twilio answered 500 for a document with two addresses, each time."""
    return state.flag("two_addresses_break") and any(
        len(document.addresses()) > 1 for document in state.documents_of(bundle)
    )


def submit(state: State, bundle: Bundle) -> None:
    """Into the queue: the documents go with the bundle, and the requirements that it was
    evaluated against are remembered for ReplaceItems (22228).
    """
    now = state.clock.now()
    for document in state.documents_of(bundle):
        if document.status in ("draft", "rejected"):
            document.status, document.date_updated = "pending-review", now
            document.failure_reason, document.errors = None, None
    bundle.submitted_at = now
    bundle.held = False
    bundle.failure_reason = ""
    bundle.digest = state.regulations[bundle.regulation_sid].digest()
    _enter(state, bundle, "pending-review")


def withdraw(state: State, bundle: Bundle) -> None:
    """Back to draft, documents included."""
    _settle_documents(state, bundle, "draft")
    _enter(state, bundle, "draft")


def take_into_review(state: State, bundle: Bundle) -> None:
    """The one change of status of which Twilio sends no callback."""
    if bundle.status not in WAITING:
        raise NotNow(f"A bundle that is {bundle.status} does not wait for review.")
    if bundle.status == "pending-review":
        bundle.status, bundle.date_updated = "in-review", state.clock.now()


def approve(state: State, bundle: Bundle, *, provisionally: bool = False) -> None:
    """Approved, documents included."""
    if bundle.status == "draft":
        raise NotNow("A draft was not sent to review.")
    for document in state.documents_of(bundle):
        document.status = "provisionally-approved" if provisionally else "approved"
        document.failure_reason, document.errors = None, None
        document.date_updated = state.clock.now()
    bundle.failure_reason = ""
    _enter(state, bundle, "provisionally-approved" if provisionally else "twilio-approved")


def reject(
    state: State, bundle: Bundle, *, reason: str = "", documents: Sequence[Verdict] = ()
) -> None:
    """Rejected. Each named document gets its own reason and code; the others fall back to what
    the switch says.
    """
    if bundle.status == "draft":
        raise NotNow("A draft was not sent to review.")
    own = {document.sid: document for document in state.documents_of(bundle)}
    unknown = [verdict.document_sid for verdict in documents if verdict.document_sid not in own]
    if unknown:
        raise NotNow(f"{', '.join(unknown)} is not in this bundle.")
    now = state.clock.now()
    for verdict in documents:
        document = own[verdict.document_sid]
        document.status, document.date_updated = "rejected", now
        document.failure_reason = verdict.reason
        document.errors = None if verdict.code is None else [{"code": verdict.code}]
    _settle_documents(state, bundle, state.choice("other_documents_after_rejection"))
    bundle.failure_reason = reason
    _enter(state, bundle, "twilio-rejected")


def expire(state: State, bundle: Bundle) -> None:
    """The date has passed and the bundle was not renewed."""
    bundle.failure_reason = "The updated information was not given before the deadline."
    _enter(state, bundle, "twilio-rejected")


def set_deadline(state: State, bundle: Bundle, valid_until: datetime | None) -> None:
    """A callback tells of a new date although the status stays."""
    if valid_until is not None:
        valid_until = valid_until.replace(microsecond=0)
    if valid_until != bundle.valid_until:
        bundle.valid_until, bundle.date_updated = valid_until, state.clock.now()
        announce(state, bundle)


def enact(
    state: State, regulation: Regulation, requirements: Json | None, days: float | None
) -> list[Bundle]:
    """A new rule under the same SID. Every approved bundle of the regulation gets until the end
    of ``days``, or keeps an earlier date; they are returned. ``days`` None sets no date.
    """
    if requirements is not None:
        regulation.requirements = requirements
    if days is None:
        return []
    until = (state.clock.now() + timedelta(days=days)).replace(microsecond=0)
    touched = [
        bundle
        for bundle in state.bundles.values()
        if bundle.regulation_sid == regulation.sid and bundle.status in ANSWERED
    ]
    for bundle in touched:
        set_deadline(state, bundle, min(bundle.valid_until or until, until))
    return touched


def remove_bundle(state: State, bundle: Bundle) -> None:
    """The bundle, its assignments and its evaluations; its items stay, unassigned."""
    del state.bundles[bundle.sid]
    for assignment in state.assignments_of(bundle):
        del state.assignments[assignment.sid]
    for record in [e for e in state.evaluations.values() if e.bundle_sid == bundle.sid]:
        del state.evaluations[record.sid]


def _settle_documents(state: State, bundle: Bundle, status: str) -> None:
    for document in state.documents_of(bundle):
        if document.status in ("pending-review", "provisionally-approved"):
            document.status, document.date_updated = status, state.clock.now()


def _enter(state: State, bundle: Bundle, status: str) -> None:
    if bundle.status != status:
        bundle.status, bundle.date_updated = status, state.clock.now()
        announce(state, bundle)
