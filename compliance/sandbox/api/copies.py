"""How an approved bundle is renewed: a copy of it to work on, and ReplaceItems to bring the
copy's items home.
"""

from dataclasses import replace

from compliance.sandbox import paging, render, sids
from compliance.sandbox.context import Answer, Call
from compliance.sandbox.courier import announce
from compliance.sandbox.errors import Refusal
from compliance.sandbox.records import ANSWERED, Assignment, Bundle


def create(call: Call, bundle_sid: str) -> Answer:
    """A draft with new items of the same content, files included. Addresses are no items: the
    copied documents point to the same ones; if one of them is gone, 22230.
    """
    state, now = call.state, call.state.clock.now()
    original = call.own_bundle(bundle_sid)
    allowed = {
        "approved": original.status in ANSWERED,
        "approved-or-rejected": original.status in (*ANSWERED, "twilio-rejected"),
        "any": True,
    }
    if not allowed[state.choice("copy_from")]:
        raise call.unpublished(f"A bundle that is {original.status} cannot be copied")
    if any(sid not in state.addresses for sid in state.addresses_of(original)):
        raise Refusal(22230, "The bundle points to an Address that was deleted")
    copy = Bundle(
        sid=sids.new("BU"),
        account_sid=original.account_sid,
        regulation_sid=original.regulation_sid,
        friendly_name=call.form.get("FriendlyName") or original.friendly_name,
        email=original.email,
        status_callback=original.status_callback,
        is_test=original.is_test,
        copy_of=original.sid,
        date_created=now,
        date_updated=now,
    )
    state.bundles[copy.sid] = copy
    for assignment in state.assignments_of(original):
        item_sid = _copy_item(call, assignment.object_sid)
        new = replace(
            assignment,
            sid=sids.new("BV"),
            bundle_sid=copy.sid,
            object_sid=item_sid,
            date_created=now,
        )
        state.assignments[new.sid] = new
    return Answer(render.bundle_fields(copy), 201)


def listing(call: Call, bundle_sid: str) -> Answer:
    original = call.own_bundle(bundle_sid)
    rows = [b for b in reversed(call.state.bundles.values()) if b.copy_of == original.sid]
    return paging.v2(call, "results", rows, render.bundle_fields)


def replace_items(call: Call, bundle_sid: str) -> Answer:
    """Moves the copy's items onto the original, whose date is then gone; works once.

    22225 no such copy, 22226 the bundle itself, 22224 not both approved, not its copy or already
    used, 22228 the rules have changed since the copy was submitted, 22229 other addresses.
    """
    state, now = call.state, call.state.clock.now()
    target = call.own_bundle(bundle_sid)
    source = _source(call, target)
    for old in state.assignments_of(target):
        del state.assignments[old.sid]
        if state.choice("replaced_items") == "deleted":
            _delete_if_unassigned(call, old)
    for assignment in state.assignments_of(source):
        assignment.bundle_sid = target.sid
    source.given_away, source.date_updated = True, now
    had_date = target.valid_until is not None
    target.valid_until, target.digest, target.date_updated = None, source.digest, now
    if had_date and state.flag("callback_on_replace"):
        announce(state, target)
    return Answer(render.bundle_fields(target), 201)


def _source(call: Call, target: Bundle) -> Bundle:
    state, sid = call.state, call.required("FromBundleSid")
    source = state.bundles.get(sid)
    if source is None or source.account_sid != call.account.sid:
        raise Refusal(22225, f"There is no bundle {sid} to take items from")
    if source is target:
        raise Refusal(22226, "A bundle's items cannot be replaced with its own")
    if source.copy_of != target.sid:
        raise Refusal(22224, f"{source.sid} is not a copy of {target.sid}")
    if source.given_away:
        raise Refusal(22224, f"The items of {source.sid} were moved before")
    for bundle in (source, target):
        if bundle.status != "twilio-approved":
            raise Refusal(22224, f"{bundle.sid} is {bundle.status}, not twilio-approved")
    if source.digest != state.regulations[target.regulation_sid].digest():
        raise Refusal(22228, "The copy was not reviewed against the regulation's latest rules")
    before, after = state.addresses_of(target), state.addresses_of(source)
    if state.flag("address_must_stay") and before and before != after:
        raise Refusal(22229, "The copy must have the same address as the bundle that it replaces")
    return source


def _copy_item(call: Call, sid: str) -> str:
    state, now = call.state, call.state.clock.now()
    if sid in state.end_users:
        user = replace(
            state.end_users[sid],
            sid=sids.new("IT"),
            attributes=dict(state.end_users[sid].attributes),
            date_created=now,
            date_updated=now,
        )
        state.end_users[user.sid] = user
        return user.sid
    if sid in state.documents:
        document = replace(
            state.documents[sid],
            sid=sids.new("RD"),
            attributes=dict(state.documents[sid].attributes),
            status="draft",
            failure_reason=None,
            errors=None,
            date_created=now,
            date_updated=now,
        )
        state.documents[document.sid] = document
        return document.sid
    return sid


def _delete_if_unassigned(call: Call, old: Assignment) -> None:
    if not any(call.state.bundles_with(old.object_sid)):
        call.state.end_users.pop(old.object_sid, None)
        call.state.documents.pop(old.object_sid, None)
        call.state.drop_unused_files()
