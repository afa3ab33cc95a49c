"""Regulations and evaluations in the published shape, in our own words."""

from typing import Any

Json = dict[str, Any]


def field(name: str, label: str = "", description: str = "") -> Json:
    label = label or name.replace("_", " ").title()
    return {"machine_name": name, "friendly_name": label, "description": description}


def person(*fields: Json, type_: str = "business", name: str = "business_info") -> Json:
    return {
        "name": "Business",
        "type": type_,
        "requirement_name": name,
        "url": "https://numbers.twilio.com/v2/RegulatoryCompliance/Regulations/business",
        "fields": [f["machine_name"] for f in fields],
        "detailed_fields": list(fields),
    }


def accepts(type_: str, *fields: Json, label: str = "") -> Json:
    return {
        "name": label or type_.replace("_", " ").capitalize(),
        "type": type_,
        "url": f"https://numbers.twilio.com/v2/RegulatoryCompliance/DocumentTypes/{type_}",
        "fields": [f["machine_name"] for f in fields],
        "detailed_fields": list(fields),
    }


def asking_also(asked: Json, *fields: Json) -> Json:
    """``asked``, a person or an accepted document, with more fields."""
    return {
        **asked,
        "fields": [*asked["fields"], *(f["machine_name"] for f in fields)],
        "detailed_fields": [*asked["detailed_fields"], *fields],
    }


def document(name: str, *accepted: Json, title: str = "", description: str = "") -> Json:
    return {
        "name": title or name.replace("_", " ").capitalize(),
        "type": "document",
        "requirement_name": name,
        "description": description,
        "accepted_documents": list(accepted),
    }


def rule(*documents: Json, end_user: Json | None = None, groups: int = 1) -> Json:
    return {
        "end_user": [end_user or person(field("business_name"))],
        "supporting_document": [list(documents) for _ in range(groups)],
    }


def bad(name: str, code: int, text: str = "") -> Json:
    return {
        "friendly_name": name.replace("_", " ").title(),
        "object_field": name,
        "failure_reason": text or f"{name} is wrong.",
        "error_code": code,
    }


def failed(
    requirement: str, type_: str, *invalid: Json, code: int | None = None, text: str = ""
) -> Json:
    return {
        "friendly_name": type_.replace("_", " ").capitalize(),
        "object_type": type_,
        "passed": False,
        "failure_reason": text or (f"{type_} fails." if code else None),
        "error_code": code,
        "valid": [],
        "invalid": list(invalid),
        "requirement_friendly_name": requirement.replace("_", " ").capitalize(),
        "requirement_name": requirement,
    }


def passed(requirement: str, type_: str, *names: str) -> Json:
    valid = [
        {"friendly_name": n, "object_field": n, "failure_reason": None, "error_code": None}
        for n in names
    ]
    return {
        **failed(requirement, type_),
        "passed": True,
        "failure_reason": None,
        "valid": valid,
    }
