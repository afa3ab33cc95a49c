"""What is sent as an object's attributes."""

from collections.abc import Iterable, Mapping
from typing import Any

from compliance.requirements.regulation import read
from compliance.requirements.shapes import ADDRESS_FIELD, Held


def attributes_to_send(
    requirements: Mapping[str, Any],
    *,
    type_: str,
    end_user: bool,
    current: Mapping[str, Any],
    new: Mapping[str, Any],
) -> dict[str, Any]:
    """The complete attributes of an object after the customer's ``new`` values.

    Whether Twilio merges or replaces attributes on an update is not documented, so all are sent
    every time. An End-User with an attribute that its regulation does not name is refused
    ("Attribute(s) not mapped to object"), so those are left out; a document may serve another
    requirement of the same bundle and keeps what it has. An emptied value is left out.
    """
    merged = {**current, **new}
    if end_user:
        rules = read(requirements)
        known = {
            spec.name
            for requirement in rules.end_users
            for accepted in requirement.accepted
            if accepted.type == type_
            for spec in accepted.specs
        }
        if known:
            merged = {name: value for name, value in merged.items() if name in known}
    return {name: value for name, value in merged.items() if value not in ("", None, [])}


def addresses_in(items: Iterable[Held]) -> tuple[str, ...]:
    """Every address SID that the items carry, in order, once."""
    found: dict[str, None] = {}
    for item in items:
        sids = item.attributes.get(ADDRESS_FIELD) or []
        for sid in [sids] if isinstance(sids, str) else sids:
            found[str(sid)] = None
    return tuple(found)
