"""The two catalogues: End-User types and Supporting-Document types with their fields."""

from collections.abc import Mapping

from compliance.sandbox import paging
from compliance.sandbox.catalogue import DOCUMENT_TYPES, END_USER_TYPES, ItemType
from compliance.sandbox.context import Answer, Call
from compliance.sandbox.records import Json


def list_end_user_types(call: Call) -> Answer:
    return _list(call, END_USER_TYPES, "end_user_types", "EndUserTypes")


def fetch_end_user_type(call: Call, sid: str) -> Answer:
    return _fetch(call, END_USER_TYPES, sid, "EndUserTypes")


def list_document_types(call: Call) -> Answer:
    return _list(call, DOCUMENT_TYPES, "supporting_document_types", "SupportingDocumentTypes")


def fetch_document_type(call: Call, sid: str) -> Answer:
    return _fetch(call, DOCUMENT_TYPES, sid, "SupportingDocumentTypes")


def _list(call: Call, types: Mapping[str, ItemType], key: str, path: str) -> Answer:
    return paging.v2(call, key, list(types.values()), lambda row: _render(call, row, path))


def _fetch(call: Call, types: Mapping[str, ItemType], sid: str, path: str) -> Answer:
    for row in types.values():
        # Regulations address a type by its machine name.
        if sid in (row.sid, row.machine_name):
            return Answer(_render(call, row, path))
    raise call.not_found()


def _render(call: Call, row: ItemType, path: str) -> Json:
    return {
        "sid": row.sid,
        "friendly_name": row.friendly_name,
        "machine_name": row.machine_name,
        "fields": [
            {
                "friendly_name": label,
                "machine_name": name,
                "constraint": "List" if name == "address_sids" else "String",
            }
            for name, label in row.fields
        ],
        "url": call.numbers_url(path, row.sid),
    }
