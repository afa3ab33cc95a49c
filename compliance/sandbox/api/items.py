"""Item assignments: which End-Users and Supporting Documents belong to a bundle."""

from collections.abc import Mapping

from compliance.sandbox import paging, render, sids
from compliance.sandbox.context import NO_CONTENT, Answer, Call
from compliance.sandbox.errors import Refusal
from compliance.sandbox.records import (
    ANSWERED,
    WAITING,
    Address,
    Assignment,
    Bundle,
    Document,
    EndUser,
)


def create(call: Call, bundle_sid: str) -> Answer:
    """22205 for a SID that is malformed, unknown or foreign, 22206 for one of another kind,
    70002 for a foreign End-User and for a second document of one address type.
    """
    bundle = call.own_bundle(bundle_sid)
    sid = call.required("ObjectSid")
    _check_object(call, sid)
    _check_open(call, bundle)
    if any(a.object_sid == sid for a in call.state.assignments_of(bundle)):
        raise call.unpublished(f"{sid} is already assigned to this bundle")
    _check_room(call, bundle, sid)
    assignment = Assignment(
        sid=sids.new("BV"),
        bundle_sid=bundle.sid,
        account_sid=bundle.account_sid,
        object_sid=sid,
        date_created=call.state.clock.now(),
    )
    call.state.assignments[assignment.sid] = assignment
    return Answer(render.assignment(call, assignment), 201)


def listing(call: Call, bundle_sid: str) -> Answer:
    rows = call.state.assignments_of(call.own_bundle(bundle_sid))
    return paging.v2(call, "results", rows, lambda row: render.assignment(call, row))


def fetch(call: Call, bundle_sid: str, sid: str) -> Answer:
    return Answer(render.assignment(call, _own(call, bundle_sid, sid)))


def delete(call: Call, bundle_sid: str, sid: str) -> Answer:
    assignment = _own(call, bundle_sid, sid)
    _check_open(call, call.state.bundles[assignment.bundle_sid])
    del call.state.assignments[assignment.sid]
    return NO_CONTENT


def _own(call: Call, bundle_sid: str, sid: str) -> Assignment:
    bundle = call.own_bundle(bundle_sid)
    assignment: Assignment = call.own(call.state.assignments, sid)
    if assignment.bundle_sid != bundle.sid:
        raise call.not_found()
    return assignment


def _check_object(call: Call, sid: str) -> None:
    state = call.state
    if not sids.is_sid(sid):
        raise Refusal(22205, f"{sid} is not a SID")
    kinds: dict[str, Mapping[str, EndUser | Document | Address]] = {
        "IT": state.end_users,
        "RD": state.documents,
    }
    if state.flag("assign_addresses"):
        kinds["AD"] = state.addresses
    table = kinds.get(sid[:2])
    if table is None:
        raise Refusal(22206, f"{sid} is neither an End-User nor a Supporting Document")
    row = table.get(sid)
    if row is None:
        raise Refusal(22205, f"There is no {sid}")
    if row.account_sid != call.account.sid:
        code = state.number("foreign_end_user_code") if sid.startswith("IT") else 22205
        raise Refusal(code, f"{sid} cannot be assigned: it does not belong to this account")


def _check_open(call: Call, bundle: Bundle) -> None:
    if bundle.status in (*WAITING, *ANSWERED) and call.state.flag("lock_assignments"):
        raise call.unpublished(f"Items of a bundle that is {bundle.status} cannot be changed")


def _check_room(call: Call, bundle: Bundle, sid: str) -> None:
    state = call.state
    if sid in state.end_users:
        if state.choice("second_end_user") == "refuse" and state.end_users_of(bundle):
            raise Refusal(70002, "The bundle has an End-User, and takes no second one")
        return
    kind = state.documents[sid].type if sid in state.documents else ""
    is_address = kind == "address" or kind.endswith("_address")
    taken = any(document.type == kind for document in state.documents_of(bundle))
    if state.choice("second_address_document") == "refuse" and is_address and taken:
        raise Refusal(70002, f"The bundle has a {kind} document, and takes no second one")
