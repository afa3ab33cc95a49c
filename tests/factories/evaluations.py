"""What an evaluation says of a German company, in the shape that Twilio publishes."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.factories.regulations import BUSINESS_FIELDS


def failing(name: str, label: str, code: int = 22215, text: str = "") -> dict[str, Any]:
    return {
        "friendly_name": label,
        "object_field": name,
        "failure_reason": text or f"There is no {label}.",
        "error_code": code,
    }


def passing(name: str, label: str) -> dict[str, Any]:
    return {"friendly_name": label, "object_field": name}


def result(
    requirement: str,
    object_type: str,
    title: str,
    *,
    code: int | None = None,
    invalid: Sequence[Mapping[str, Any]] = (),
    valid: Sequence[Mapping[str, Any]] = (),
    text: str = "",
) -> dict[str, Any]:
    passed = code is None and not invalid
    return {
        "requirement_name": requirement,
        "requirement_friendly_name": title,
        "friendly_name": title,
        "object_type": object_type,
        "passed": passed,
        "failure_reason": text,
        "error_code": code,
        "valid": list(valid),
        "invalid": list(invalid),
    }


DETAILS_FINE = result(
    "business_info",
    "business",
    "Business details",
    valid=[passing(name, label) for name, label in BUSINESS_FIELDS],
)
DETAILS_OPEN = result(
    "business_info",
    "business",
    "Business details",
    code=22215,
    invalid=[
        failing("business_registration_number", "Business Registration Number"),
        failing("email", "Email"),
    ],
    valid=[passing("business_name", "Business Name")],
)
EXTRACT_FINE = result(
    "business_name_info",
    "commercial_registrar_excerpt",
    "Proof of the business name",
    valid=[passing("business_name", "Business Name")],
)
EXTRACT_MISSING = result(
    "business_name_info",
    "commercial_registrar_excerpt",
    "Proof of the business name",
    code=22216,
    text="There is no extract.",
    invalid=[failing("business_name", "Business Name", 22217)],
)
EXTRACT_DIFFERS = result(
    "business_name_info",
    "commercial_registrar_excerpt",
    "Proof of the business name",
    code=22217,
    invalid=[failing("business_name", "Business Name", 22217, "The names are not the same.")],
)
ADDRESS_FINE = result(
    "business_address_info",
    "business_address",
    "Business address",
    valid=[passing("address_sids", "Address")],
)
ADDRESS_MISSING = result(
    "business_address_info",
    "business_address",
    "Business address",
    code=22216,
    invalid=[failing("address_sids", "Address", 22219)],
)
ALL_FINE = (DETAILS_FINE, EXTRACT_FINE, ADDRESS_FINE)
SOME_OPEN = (DETAILS_OPEN, EXTRACT_MISSING, ADDRESS_FINE)

COMPANY: Mapping[str, Any] = {
    "business_name": "Acme GmbH",
    "business_registration_number": "HRB 1234",
    "first_name": "Ada",
    "last_name": "Ackermann",
    "email": "ada@acme.example",
}
