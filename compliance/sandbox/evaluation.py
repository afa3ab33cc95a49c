"""The evaluation engine: a regulation's requirements against the items of a bundle.

Pure: plain values in, the published shape of ``results`` out. Codes 22214 to 22219 are those of
Twilio's error dictionary; the sentences are ours.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

_LISTED = re.compile(r"values?\s*:\s*\[([^\]]+)\]", re.IGNORECASE)


@dataclass(frozen=True)
class Item:
    """An End-User or a Supporting Document: its type's machine name and its attributes."""

    type: str
    attributes: Json


@dataclass(frozen=True)
class Rules:
    """The answers to what Twilio does not publish; see the switches of the same names."""

    groups: str = "any"
    mismatch_code: int = 22217
    partial_failure: str = "first-invalid"
    check_choices: bool = True


@dataclass(frozen=True)
class Subject:
    """What is evaluated. ``addresses`` are the SIDs of the account's addresses; ``unmatched``
    names the requirements whose fields are not compared with the End-User's.
    """

    end_users: Sequence[Item]
    documents: Sequence[Item]
    addresses: Collection[str]
    unmatched: Collection[str] = ()


def evaluate(requirements: Json, subject: Subject, rules: Rules) -> tuple[str, list[Json]]:
    """Return the status (``compliant`` or ``noncompliant``) and the list of results."""
    results = [_end_user(wanted, subject, rules) for wanted in requirements.get("end_user", [])]
    groups = [
        [_document(wanted, subject, rules) for wanted in group]
        for group in requirements.get("supporting_document", [])
    ]
    if rules.groups == "all":
        for group in groups:
            results += group
    elif groups:
        # The outer list reads as alternatives; the one that is closest to passing is reported.
        results += min(groups, key=lambda group: sum(map(_distance, group)))
    passed = all(result["passed"] for result in results)
    return ("compliant" if passed else "noncompliant"), results


def is_optional(field: Json) -> bool:
    """A field says in prose that it may stay empty: in its label or in its description."""
    label = str(field.get("friendly_name") or "").lower()
    description = str(field.get("description") or "").lower()
    return "(optional)" in label or "optional" in description


def choices(field: Json) -> list[str]:
    """The values that a field's description lists in brackets, if it lists any."""
    found = _LISTED.search(str(field.get("description") or ""))
    return [value.strip() for value in found.group(1).split(",")] if found else []


def _fields(wanted: Json) -> list[Json]:
    """Label and prose of each wanted field, in the order of ``fields``."""
    details = {d.get("machine_name"): d for d in wanted.get("detailed_fields") or []}
    return [
        {"friendly_name": name.replace("_", " ").title(), **details.get(name, {}), "name": name}
        for name in wanted.get("fields") or []
    ]


def _distance(result: Json) -> int:
    """How far a result is from passing: a missing object weighs more than any field."""
    if result["passed"]:
        return 0
    missing = result["error_code"] in (22214, 22216)
    return (1000 if missing else 100) + len(result["invalid"])


def _end_user(wanted: Json, subject: Subject, rules: Rules) -> Json:
    """22214 when none of the type is there; 22215 for each field that is missing."""

    def judge(kind: Json, field: Json, attributes: Json) -> Json | None:
        if _usable(field, attributes.get(field["name"]), rules):
            return None
        return _wrong(
            field,
            22215,
            f"{field['friendly_name']} of the {kind['name']} End-User is not filled in.",
        )

    pairs = [(wanted, user) for user in subject.end_users if user.type == wanted["type"]]
    absent = (22214, f"The bundle has no {wanted['name']} End-User. Assign one to it.")
    return _best(wanted, pairs, wanted, judge, absent, rules)


def _document(wanted: Json, subject: Subject, rules: Rules) -> Json:
    """22216 when none of the accepted types is there; 22217, 22218 and 22219 for fields."""
    compare = wanted["requirement_name"] not in subject.unmatched
    known = [user.attributes for user in subject.end_users] if compare else []

    def judge(kind: Json, field: Json, attributes: Json) -> Json | None:
        name, title, label = field["name"], field["friendly_name"], kind["name"]
        value = attributes.get(name)
        if name == "address_sids":
            if _addresses_usable(value, subject.addresses):
                return None
            return _wrong(
                field, 22219, f"No address is given. Add the address that stands on the {label}."
            )
        if not _usable(field, value, rules):
            return _wrong(
                field,
                22217,
                f"{title} is not filled in on the {label}, or differs from the End-User's. Give"
                " it as it stands there, the same in both places.",
            )
        theirs = [user[name] for user in known if not _blank(user.get(name))]
        if not theirs or value in theirs:
            return None
        return _wrong(
            field,
            rules.mismatch_code,
            f"{title} on the {label} is missing, or is not the same as the End-User's. Both must"
            " be spelled alike, letter by letter.",
        )

    accepted = wanted["accepted_documents"]
    pairs = [
        (kind, document)
        for kind in accepted
        for document in subject.documents
        if document.type == kind["type"]
    ]
    absent = (22216, f"The bundle has no {accepted[0]['name']}. Assign one to it.")
    return _best(wanted, pairs, accepted[0], judge, absent, rules)


def _best(
    wanted: Json,
    pairs: Sequence[tuple[Json, Item]],
    primary: Json,
    judge: Callable[[Json, Json, Json], Json | None],
    absent: tuple[int, str],
    rules: Rules,
) -> Json:
    """The result of the item that satisfies the requirement best, or that of its absence, which
    names the primary kind with all its fields.
    """

    def examine(kind: Json, attributes: Json) -> Json:
        valid, invalid = [], []
        for field in _fields(kind):
            if _blank(attributes.get(field["name"])) and is_optional(field):
                continue
            wrong = judge(kind, field, attributes)
            if wrong is None:
                valid.append(_right(field))
            else:
                invalid.append(wrong)
        return _result(wanted, kind, valid, invalid)

    if not pairs:
        code, reason = absent
        result = examine(primary, {})
        return result | {"passed": False, "failure_reason": reason, "error_code": code}
    result = min((examine(kind, item.attributes) for kind, item in pairs), key=_distance)
    if result["invalid"] and rules.partial_failure == "first-invalid":
        first = result["invalid"][0]
        result |= {"failure_reason": first["failure_reason"], "error_code": first["error_code"]}
    return result


def _result(wanted: Json, kind: Json, valid: list[Json], invalid: list[Json]) -> Json:
    return {
        "friendly_name": kind["name"],
        "object_type": kind["type"],
        "passed": not invalid,
        "failure_reason": None,
        "error_code": None,
        "valid": valid,
        "invalid": invalid,
        "requirement_friendly_name": wanted["name"],
        "requirement_name": wanted["requirement_name"],
    }


def _right(field: Json) -> Json:
    return {
        "friendly_name": field["friendly_name"],
        "object_field": field["name"],
        "passed": True,
        "failure_reason": None,
        "error_code": None,
    }


def _wrong(field: Json, code: int, reason: str) -> Json:
    return {
        "friendly_name": field["friendly_name"],
        "object_field": field["name"],
        "failure_reason": reason,
        "error_code": code,
    }


def _blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or value in ([], {})


def _usable(field: Json, value: object, rules: Rules) -> bool:
    """A value is there and, where the prose lists values, is one of them. A JSON boolean stands
    for YES or NO: one account of live Twilio saw only the boolean accepted, another the words.
    """
    if _blank(value):
        return False
    allowed = choices(field)
    if not allowed or not rules.check_choices:
        return True
    return ({True: "YES", False: "NO"}[value] if isinstance(value, bool) else value) in allowed


def _addresses_usable(value: object, known: Collection[str]) -> bool:
    sids = [value] if isinstance(value, str) else value
    return isinstance(sids, list) and bool(sids) and all(sid in known for sid in sids)
