"""The types of End-User and of Supporting Document, with the fields that each can carry.

The machine names are those seen in payloads of the real API; its own complete list is longer.
"""

from dataclasses import dataclass

from compliance.sandbox import sids


@dataclass(frozen=True)
class ItemType:
    sid: str
    machine_name: str
    friendly_name: str
    fields: tuple[tuple[str, str], ...]


_LABELS = {
    "address_sids": "Address sid(s)",
    "birth_date": "Birth Date",
    "birth_place": "Birth Place",
    "business_description": "Business Description",
    "business_identity": "Business Identity",
    "business_name": "Business Name",
    "business_purpose": "Business Purpose",
    "business_registration_identifier": "Business Registration Identifier",
    "business_registration_number": "Business Registration Number",
    "business_website": "Business Website",
    "comments": "Comments (Optional)",
    "document_number": "Document Number",
    "email": "Email",
    "expiration_date": "Expiration Date",
    "first_name": "First Name",
    "is_subassigned": "Is Subassigned",
    "issue_date": "Issue Date",
    "last_name": "Last Name",
    "nationality": "Nationality",
    "phone_number": "Phone Number",
}

_PERSON = "first_name last_name birth_date birth_place nationality email phone_number comments"
_COMPANY = (
    "business_name business_description business_purpose business_registration_number"
    " business_registration_identifier business_website business_identity is_subassigned"
    f" {_PERSON}"
)
_ON_ADDRESS = "address_sids"
_ON_COMPANY_PAPER = (
    "business_name business_registration_number business_description document_number issue_date"
    " address_sids first_name last_name"
)
_ON_IDENTITY_PAPER = (
    "first_name last_name birth_date birth_place nationality document_number issue_date"
    " expiration_date address_sids"
)
_ON_BILL = "first_name last_name business_name document_number issue_date address_sids"

_DOCUMENTS = {
    _ON_ADDRESS: "address business_address individual_address emergency_address",
    _ON_COMPANY_PAPER: (
        "annual_securities_report business_registration commercial_registrar_excerpt"
        " company_by_laws company_seal_certificate corporate_registry"
        " declaration_of_beneficial_ownership government_issued_proof_of_authorized_representative"
        " letter_of_authorization power_of_attorney shareholders_registry tax_document"
        " trade_license"
    ),
    _ON_IDENTITY_PAPER: (
        "certificate_driving_record certificate_special_permanent_resident drivers_license"
        " government_issued_document health_insurance_certificate maternity_passbook passport"
        " personal_id_card residence_permit seal_certificate_call_transfer_service_agreement"
    ),
    _ON_BILL: "rent_receipt tax_notice title_deed utility_bill",
}


def label(field: str) -> str:
    return _LABELS[field]


def _item_type(machine_name: str, fields: str) -> ItemType:
    return ItemType(
        sid=sids.fixed("OY", machine_name),
        machine_name=machine_name,
        friendly_name=machine_name.replace("_", " ").capitalize(),
        fields=tuple((name, label(name)) for name in fields.split()),
    )


END_USER_TYPES = {
    "individual": _item_type("individual", _PERSON),
    "business": _item_type("business", _COMPANY),
}
DOCUMENT_TYPES = {
    name: _item_type(name, fields)
    for fields, names in sorted(_DOCUMENTS.items())
    for name in names.split()
}
