"""End-Users: the person or company that uses the numbers."""

from compliance.sandbox import paging, render, sids
from compliance.sandbox.api.locks import check_unlocked, new_attributes, refuse_unmapped
from compliance.sandbox.catalogue import END_USER_TYPES
from compliance.sandbox.context import NO_CONTENT, Answer, Call
from compliance.sandbox.errors import Refusal, invalid
from compliance.sandbox.records import EndUser


def create(call: Call) -> Answer:
    """FriendlyName and Type are required; Attributes is JSON (22207)."""
    friendly_name, kind = call.required("FriendlyName"), call.required("Type")
    if kind not in END_USER_TYPES:
        raise invalid("Type must be individual or business")
    attributes = call.attributes() or {}
    refuse_unmapped(call, "end_user_extra_attributes", END_USER_TYPES[kind], attributes)
    now = call.state.clock.now()
    user = EndUser(sids.new("IT"), call.account.sid, friendly_name, kind, attributes, now, now)
    call.state.end_users[user.sid] = user
    return Answer(render.end_user(call, user), 201)


def listing(call: Call) -> Answer:
    rows = [u for u in reversed(call.state.end_users.values()) if u.account_sid == call.account.sid]
    return paging.v2(call, "results", rows, lambda row: render.end_user(call, row))


def fetch(call: Call, sid: str) -> Answer:
    return Answer(render.end_user(call, call.own(call.state.end_users, sid)))


def update(call: Call, sid: str) -> Answer:
    """The type cannot change. What Attributes does to earlier ones is a switch."""
    user: EndUser = call.own(call.state.end_users, sid)
    attributes = call.attributes()
    if attributes is not None:
        check_unlocked(call, sid)
        kind = END_USER_TYPES[user.type]
        refuse_unmapped(call, "end_user_extra_attributes", kind, attributes)
        user.attributes = new_attributes(call, user.attributes, attributes)
    if "FriendlyName" in call.form:
        user.friendly_name = call.required("FriendlyName")
    user.date_updated = call.state.clock.now()
    return Answer(render.end_user(call, user))


def delete(call: Call, sid: str) -> Answer:
    """21644 while a bundle has it."""
    user: EndUser = call.own(call.state.end_users, sid)
    if any(call.state.bundles_with(user.sid)):
        raise Refusal(21644, "The End-User is assigned to a bundle")
    del call.state.end_users[user.sid]
    return NO_CONTENT
