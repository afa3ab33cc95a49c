"""Small builders for the published ``requirements`` structure, so that a rule reads like a rule."""

from typing import Any

from compliance.sandbox.catalogue import label

Json = dict[str, Any]

_COMPLIANCE = "https://numbers.twilio.com/v2/RegulatoryCompliance"


def end_user(kind: str, /, **descriptions: str) -> Json:
    """What the End-User of this type must tell: field names with their descriptions."""
    return {
        "name": kind.capitalize(),
        "type": kind,
        "requirement_name": f"{kind}_info",
        "url": f"{_COMPLIANCE}/EndUserTypes/{kind}",
        "fields": list(descriptions),
        "detailed_fields": _details(descriptions),
    }


def paper(kind: str, name: str, /, **descriptions: str) -> Json:
    """One accepted document and the fields that it must carry for this requirement."""
    return {
        "name": name,
        "type": kind,
        "url": f"{_COMPLIANCE}/SupportingDocumentTypes/{kind}",
        "fields": list(descriptions),
        "detailed_fields": _details(descriptions),
    }


def requirement(name: str, title: str, description: str, *accepted: Json) -> Json:
    """Any one of the accepted documents will do."""
    return {
        "name": title,
        "type": "document",
        "requirement_name": name,
        "description": description,
        "accepted_documents": list(accepted),
    }


def requirements(user: Json, *groups: list[Json]) -> Json:
    return {"end_user": [user], "supporting_document": [*groups]}


def _details(descriptions: dict[str, str]) -> list[Json]:
    return [
        {"machine_name": name, "friendly_name": label(name), "description": description}
        for name, description in descriptions.items()
    ]
