"""Which function answers which operation of Twilio's API."""

from collections.abc import Callable

from werkzeug.routing import Map, Rule

from compliance.sandbox.api import (
    accounts,
    addresses,
    bundles,
    copies,
    documents,
    end_users,
    evaluations,
    items,
    messages,
    numbers,
    regulations,
    types,
)
from compliance.sandbox.context import Answer

NUMBERS, UPLOAD, API = "numbers.twilio.com", "numbers-upload.twilio.com", "api.twilio.com"
HOSTS = (NUMBERS, UPLOAD, API)

_BUNDLES = "/v2/RegulatoryCompliance/Bundles"
_COMPLIANCE = "/v2/RegulatoryCompliance"
_ACCOUNTS = "/2010-04-01/Accounts"
_ACCOUNT = f"{_ACCOUNTS}/<account_sid>"

OPERATIONS: list[tuple[str, str, str, Callable[..., Answer]]] = [
    (NUMBERS, "POST", _BUNDLES, bundles.create),
    (NUMBERS, "GET", _BUNDLES, bundles.listing),
    (NUMBERS, "GET", f"{_BUNDLES}/<sid>", bundles.fetch),
    (NUMBERS, "POST", f"{_BUNDLES}/<sid>", bundles.update),
    (NUMBERS, "DELETE", f"{_BUNDLES}/<sid>", bundles.delete),
    (NUMBERS, "POST", f"{_BUNDLES}/<bundle_sid>/Copies", copies.create),
    (NUMBERS, "GET", f"{_BUNDLES}/<bundle_sid>/Copies", copies.listing),
    (NUMBERS, "POST", f"{_BUNDLES}/<bundle_sid>/ReplaceItems", copies.replace_items),
    (NUMBERS, "POST", f"{_BUNDLES}/<bundle_sid>/Evaluations", evaluations.create),
    (NUMBERS, "GET", f"{_BUNDLES}/<bundle_sid>/Evaluations", evaluations.listing),
    (NUMBERS, "GET", f"{_BUNDLES}/<bundle_sid>/Evaluations/<sid>", evaluations.fetch),
    (NUMBERS, "POST", f"{_BUNDLES}/<bundle_sid>/ItemAssignments", items.create),
    (NUMBERS, "GET", f"{_BUNDLES}/<bundle_sid>/ItemAssignments", items.listing),
    (NUMBERS, "GET", f"{_BUNDLES}/<bundle_sid>/ItemAssignments/<sid>", items.fetch),
    (NUMBERS, "DELETE", f"{_BUNDLES}/<bundle_sid>/ItemAssignments/<sid>", items.delete),
    (NUMBERS, "POST", f"{_COMPLIANCE}/EndUsers", end_users.create),
    (NUMBERS, "GET", f"{_COMPLIANCE}/EndUsers", end_users.listing),
    (NUMBERS, "GET", f"{_COMPLIANCE}/EndUsers/<sid>", end_users.fetch),
    (NUMBERS, "POST", f"{_COMPLIANCE}/EndUsers/<sid>", end_users.update),
    (NUMBERS, "DELETE", f"{_COMPLIANCE}/EndUsers/<sid>", end_users.delete),
    (NUMBERS, "GET", f"{_COMPLIANCE}/EndUserTypes", types.list_end_user_types),
    (NUMBERS, "GET", f"{_COMPLIANCE}/EndUserTypes/<sid>", types.fetch_end_user_type),
    (NUMBERS, "POST", f"{_COMPLIANCE}/SupportingDocuments", documents.create),
    (NUMBERS, "GET", f"{_COMPLIANCE}/SupportingDocuments", documents.listing),
    (NUMBERS, "GET", f"{_COMPLIANCE}/SupportingDocuments/<sid>", documents.fetch),
    (NUMBERS, "POST", f"{_COMPLIANCE}/SupportingDocuments/<sid>", documents.update),
    (NUMBERS, "DELETE", f"{_COMPLIANCE}/SupportingDocuments/<sid>", documents.delete),
    (NUMBERS, "GET", f"{_COMPLIANCE}/SupportingDocumentTypes", types.list_document_types),
    (NUMBERS, "GET", f"{_COMPLIANCE}/SupportingDocumentTypes/<sid>", types.fetch_document_type),
    (NUMBERS, "GET", f"{_COMPLIANCE}/Regulations", regulations.listing),
    (NUMBERS, "GET", f"{_COMPLIANCE}/Regulations/<sid>", regulations.fetch),
    (UPLOAD, "POST", f"{_COMPLIANCE}/SupportingDocuments", documents.create),
    (UPLOAD, "POST", f"{_COMPLIANCE}/SupportingDocuments/<sid>", documents.upload_again),
    (API, "GET", f"{_ACCOUNTS}.json", accounts.listing),
    (API, "POST", f"{_ACCOUNTS}.json", accounts.create),
    (API, "GET", f"{_ACCOUNTS}/<sid>.json", accounts.fetch),
    (API, "POST", f"{_ACCOUNTS}/<sid>.json", accounts.update),
    (API, "POST", f"{_ACCOUNT}/Addresses.json", addresses.create),
    (API, "GET", f"{_ACCOUNT}/Addresses.json", addresses.listing),
    (API, "GET", f"{_ACCOUNT}/Addresses/<sid>.json", addresses.fetch),
    (API, "POST", f"{_ACCOUNT}/Addresses/<sid>.json", addresses.update),
    (API, "DELETE", f"{_ACCOUNT}/Addresses/<sid>.json", addresses.delete),
    (
        API,
        "GET",
        f"{_ACCOUNT}/Addresses/<sid>/DependentPhoneNumbers.json",
        addresses.dependent_numbers,
    ),
    (API, "POST", f"{_ACCOUNT}/Messages.json", messages.create),
    (API, "POST", f"{_ACCOUNT}/IncomingPhoneNumbers.json", numbers.create),
    (API, "GET", f"{_ACCOUNT}/IncomingPhoneNumbers.json", numbers.listing),
    (API, "GET", f"{_ACCOUNT}/IncomingPhoneNumbers/<sid>.json", numbers.fetch),
    (API, "POST", f"{_ACCOUNT}/IncomingPhoneNumbers/<sid>.json", numbers.update),
    (API, "DELETE", f"{_ACCOUNT}/IncomingPhoneNumbers/<sid>.json", numbers.delete),
]

# The host is the first part of the path here; it is matched as a part like any other.
MAP = Map(
    [
        Rule(f"/{host}{path}", methods=[method], endpoint=function)
        for host, method, path, function in OPERATIONS
    ],
    strict_slashes=True,
    redirect_defaults=False,
    merge_slashes=False,
)
