"""Rules about attributes that End-Users and Supporting Documents share."""

from compliance.sandbox.catalogue import ItemType
from compliance.sandbox.context import Call
from compliance.sandbox.records import ANSWERED, WAITING, Json


def check_unlocked(call: Call, sid: str) -> None:
    """Attributes of an item that a reviewer has before them stay as they are."""
    for bundle in call.state.bundles_with(sid):
        in_review = bundle.status in WAITING and call.state.flag("lock_items_in_review")
        approved = bundle.status in ANSWERED and call.state.flag("lock_items_of_approved")
        if in_review or approved:
            raise call.unpublished(
                f"{sid} cannot be changed: its bundle {bundle.sid} is {bundle.status}"
            )


def new_attributes(call: Call, old: Json, new: Json) -> Json:
    return old | new if call.state.choice("attributes_update") == "merge" else new


def refuse_unmapped(call: Call, switch: str, kind: ItemType, attributes: Json) -> None:
    """Live Twilio refuses members that the type does not have; their code was not noted."""
    extra = sorted(set(attributes) - {name for name, _ in kind.fields})
    if extra and call.state.choice(switch) == "refuse":
        raise call.unpublished(f"Attribute(s) not mapped to object: {', '.join(extra)}")
