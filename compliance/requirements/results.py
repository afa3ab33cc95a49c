"""Reads one result of an evaluation: why it failed, at which fields, and what it asks for.

A failing object lists its fields as well when it is missing as a whole, a failing requirement can
have no failing field, and a code that nobody has seen before comes with the provider's sentence.
"""

from collections.abc import Mapping
from typing import Any

from compliance.requirements.regulation import (
    Accepted,
    Requirement,
    Spec,
    humanized,
    spec_of,
)
from compliance.requirements.shapes import ADDRESS_FIELD, Fine, Held, Reason

# Evaluation codes, from Twilio's error dictionary.
END_USER_MISSING = 22214
END_USER_FIELD_MISSING = 22215
DOCUMENT_MISSING = 22216
DOCUMENT_FIELD_MISSING = 22217
FIELD_MISMATCH = 22218
ADDRESS_MISSING = 22219
FIELD_CODES = (END_USER_FIELD_MISSING, DOCUMENT_FIELD_MISSING, FIELD_MISMATCH, ADDRESS_MISSING)
# Refusals of what was typed rather than of the paper: the same paper with other values may do.
VALUE_CODES = (18006, 18008, 18009, 18010, 18011, 18016, 18021, 18037, 18038)
END_USER_CODES = (END_USER_MISSING, END_USER_FIELD_MISSING)


def invalid_fields(result: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The failing fields by name; a field can be listed twice."""
    entries = result.get("invalid") or []
    found: dict[str, Mapping[str, Any]] = {}
    for entry in entries:
        if isinstance(entry, Mapping) and entry.get("object_field"):
            found.setdefault(str(entry["object_field"]), entry)
    return found


def reason_for(entry: Mapping[str, Any] | None, value: Any, twin: Any) -> Reason:
    """Why one field fails. Code 22217 covers both a missing value and one that differs."""
    entry = entry or {}
    code, text = entry.get("error_code"), str(entry.get("failure_reason") or "")
    if code == ADDRESS_MISSING or entry.get("object_field") == ADDRESS_FIELD:
        return Reason(kind="address", text=text, code=code)
    if code == FIELD_MISMATCH or (code == DOCUMENT_FIELD_MISSING and value and twin):
        return Reason(kind="mismatch", text=text, code=code)
    if code in (END_USER_FIELD_MISSING, DOCUMENT_FIELD_MISSING):
        return Reason(kind="missing", text=text, code=code)
    return Reason(kind="other", text=text, code=code)


def reasons_of(result: Mapping[str, Any], item: Held | None) -> tuple[Reason, ...]:
    """Why the whole object fails: what the reviewer wrote, then what the evaluation says."""
    reasons = []
    if item is not None and item.refused:
        codes: tuple[int | None, ...] = item.error_codes or (None,)
        reasons += [Reason(kind="refused", text=item.failure_reason, code=code) for code in codes]
    code, text = result.get("error_code"), str(result.get("failure_reason") or "")
    if code in FIELD_CODES and result.get("invalid"):
        # It repeats what stands beside the field.
        return tuple(reasons)
    if not result.get("passed", True) and (text or code):
        missing = code in (END_USER_MISSING, DOCUMENT_MISSING)
        reasons.append(Reason(kind="missing" if missing else "other", text=text, code=code))
    return tuple(reasons)


def requirement_of(name: str, result: Mapping[str, Any]) -> Requirement:
    """A requirement made from the result alone: the mirror of the regulation does not know it."""
    type_ = str(result.get("object_type") or name)
    label = str(result.get("friendly_name") or humanized(type_))
    specs = tuple(spec_from(entry) for entry in invalid_fields(result).values())
    return Requirement(
        name=name or type_,
        title=str(result.get("requirement_friendly_name") or label),
        description="",
        accepted=(Accepted(type=type_, label=label, specs=specs),),
    )


def requirement_for(item: Held) -> Requirement:
    """For a refused document that no requirement accepts: it can still be replaced."""
    specs = tuple(spec_of(name, {}) for name in item.attributes)
    label = humanized(item.type)
    accepted = Accepted(type=item.type, label=label, specs=specs)
    return Requirement(name=item.type, title=label, description="", accepted=(accepted,))


def spec_from(entry: Mapping[str, Any]) -> Spec:
    name = str(entry["object_field"])
    return spec_of(name, {"friendly_name": entry.get("friendly_name") or ""})


def shown_value(value: Any) -> Any:
    """A stored attribute as a form shows it: Twilio gives JSON, a person sees text or a list."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "YES" if value else "NO"
    return value if isinstance(value, list) else str(value)


def fine_of(result: Mapping[str, Any]) -> Fine:
    title = result.get("requirement_friendly_name") or result.get("friendly_name") or ""
    valid = result.get("valid") or []
    fields = tuple(
        (str(entry.get("object_field") or ""), str(entry.get("friendly_name") or ""))
        for entry in valid
        if isinstance(entry, Mapping)
    )
    return Fine(title=str(title), object_type=str(result.get("object_type") or ""), fields=fields)
