"""What is sent as an object's attributes."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from compliance.requirements.regulation import read
from compliance.requirements.shapes import ADDRESS_FIELD, Held, Task

_LOCAL = re.compile(r"\b(local|locality|within the (country|region|area))\b", re.IGNORECASE)


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


def asks_for_local_address(task: Task) -> bool:
    """Whether the address must be where the numbers are; Twilio says so in prose only.

    ("Must be within locality or region covered by the phone numbers prefix ...")
    """
    return any(_LOCAL.search(text) for text in task.descriptions)


def addresses_in(items: Iterable[Held]) -> tuple[str, ...]:
    """Every address SID that the items carry, in order, once."""
    return tuple(dict.fromkeys(sid for item in items for sid in addresses_of(item.attributes)))


def addresses_of(attributes: Mapping[str, Any]) -> list[str]:
    """The address SIDs among an object's attributes: a list, on some objects a plain text."""
    sids = attributes.get(ADDRESS_FIELD) or []
    return [str(sid) for sid in ([sids] if isinstance(sids, str) else sids)]
