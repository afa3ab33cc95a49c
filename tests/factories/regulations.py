"""Regulations in the shape that Twilio publishes, in our own words."""

from collections.abc import Mapping
from typing import Any

from compliance.models import Regulation
from tests.factories.sids import sid


def detailed(name: str, label: str, description: str = "") -> dict[str, str]:
    return {"machine_name": name, "friendly_name": label, "description": description}


def accepted(type_: str, name: str, *fields: tuple[str, str] | tuple[str, str, str]) -> Any:
    return {
        "type": type_,
        "name": name,
        "fields": [field[0] for field in fields],
        "detailed_fields": [detailed(*field) for field in fields],
    }


BUSINESS_FIELDS = (
    ("business_name", "Business Name"),
    ("business_registration_number", "Business Registration Number"),
    ("first_name", "First Name"),
    ("last_name", "Last Name"),
    ("email", "Email"),
)

# A company in Germany: details, an extract of the register, a proof of address.
GERMANY: Mapping[str, Any] = {
    "end_user": [
        {
            "name": "Business details",
            "type": "business",
            "requirement_name": "business_info",
            "fields": [name for name, _label in BUSINESS_FIELDS],
            "detailed_fields": [detailed(*field) for field in BUSINESS_FIELDS],
        }
    ],
    "supporting_document": [
        [
            {
                "name": "Proof of the business name",
                "requirement_name": "business_name_info",
                "description": "It names the company and is no older than three months.",
                "accepted_documents": [
                    accepted(
                        "commercial_registrar_excerpt",
                        "Commercial register extract",
                        ("business_name", "Business Name"),
                        ("issue_date", "Issue Date"),
                    ),
                    accepted("trade_license", "Trade license", ("business_name", "Business Name")),
                ],
            },
            {
                "name": "Business address",
                "requirement_name": "business_address_info",
                "description": "An address in Germany.",
                "accepted_documents": [
                    accepted("business_address", "Business address", ("address_sids", "Address")),
                ],
            },
        ]
    ],
}

# One requirement with every kind of field.
EVERY_KIND: Mapping[str, Any] = {
    "end_user": [
        {
            "name": "Your details",
            "type": "individual",
            "requirement_name": "individual_info",
            "fields": [
                "first_name",
                "comments",
                "email",
                "phone_number",
                "birth_date",
                "nationality",
                "is_subassigned",
                "address_sids",
            ],
            "detailed_fields": [
                detailed("first_name", "First Name"),
                detailed("comments", "Comments (Optional)", "Anything we should know."),
                detailed("email", "Email"),
                detailed("phone_number", "Phone Number"),
                detailed("birth_date", "Birth Date"),
                detailed("nationality", "Nationality"),
                detailed("is_subassigned", "Used by others", "One of the values: [YES, NO]."),
                detailed("address_sids", "Address"),
            ],
        }
    ],
    "supporting_document": [],
}


def make_regulation(
    requirements: Mapping[str, Any] = GERMANY,
    *,
    country: str = "DE",
    number_type: str = "local",
    end_user_type: str = "business",
) -> Regulation:
    return Regulation.objects.create(
        sid=sid("RN"),
        friendly_name=f"{country} {number_type} {end_user_type}",
        iso_country=country,
        number_type=number_type,
        end_user_type=end_user_type,
        requirements=dict(requirements),
        requirements_hash="1" * 64,
    )
