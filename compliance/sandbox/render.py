"""Rows as numbers.twilio.com shows them: the published members in the published order."""

from compliance.sandbox.clock import iso
from compliance.sandbox.context import Call
from compliance.sandbox.records import Assignment, Bundle, Document, EndUser, Evaluation, Json


def bundle_fields(bundle: Bundle) -> Json:
    """The members that a copy and the answer of ReplaceItems have too."""
    return {
        "sid": bundle.sid,
        "account_sid": bundle.account_sid,
        "regulation_sid": bundle.regulation_sid,
        "friendly_name": bundle.friendly_name,
        "status": bundle.status,
        "valid_until": iso(bundle.valid_until),
        "email": bundle.email,
        "status_callback": bundle.status_callback,
        "date_created": iso(bundle.date_created),
        "date_updated": iso(bundle.date_updated),
    }


def bundle(call: Call, row: Bundle) -> Json:
    url = call.numbers_url("Bundles", row.sid)
    return bundle_fields(row) | {
        "url": url,
        "links": {
            "evaluations": f"{url}/Evaluations",
            "item_assignments": f"{url}/ItemAssignments",
            "bundle_copies": f"{url}/Copies",
        },
    }


def assignment(call: Call, row: Assignment) -> Json:
    return {
        "sid": row.sid,
        "bundle_sid": row.bundle_sid,
        "account_sid": row.account_sid,
        "object_sid": row.object_sid,
        "date_created": iso(row.date_created),
        "url": call.numbers_url("Bundles", row.bundle_sid, "ItemAssignments", row.sid),
    }


def evaluation(call: Call, row: Evaluation) -> Json:
    return {
        "sid": row.sid,
        "account_sid": row.account_sid,
        "regulation_sid": row.regulation_sid,
        "bundle_sid": row.bundle_sid,
        "status": row.status,
        "date_created": iso(row.date_created),
        "url": call.numbers_url("Bundles", row.bundle_sid, "Evaluations", row.sid),
        "results": row.results,
    }


def end_user(call: Call, row: EndUser) -> Json:
    return {
        "sid": row.sid,
        "account_sid": row.account_sid,
        "friendly_name": row.friendly_name,
        "type": row.type,
        "attributes": row.attributes,
        "date_created": iso(row.date_created),
        "date_updated": iso(row.date_updated),
        "url": call.numbers_url("EndUsers", row.sid),
    }


def document(call: Call, row: Document) -> Json:
    return {
        "sid": row.sid,
        "account_sid": row.account_sid,
        "friendly_name": row.friendly_name,
        "mime_type": row.mime_type,
        "status": row.status,
        "failure_reason": row.failure_reason,
        "errors": row.errors,
        "type": row.type,
        "attributes": row.attributes,
        "date_created": iso(row.date_created),
        "date_updated": iso(row.date_updated),
        "url": call.numbers_url("SupportingDocuments", row.sid),
    }
