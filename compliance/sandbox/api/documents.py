"""Supporting Documents, on the ordinary host without a file and on the upload host with one."""

from compliance.sandbox import paging, render, sids
from compliance.sandbox.api.locks import check_unlocked, new_attributes, refuse_unmapped
from compliance.sandbox.catalogue import DOCUMENT_TYPES
from compliance.sandbox.context import NO_CONTENT, Answer, Call, Upload
from compliance.sandbox.errors import Refusal, invalid
from compliance.sandbox.records import Document

STATUSES = (
    "draft",
    "pending-review",
    "rejected",
    "approved",
    "expired",
    "provisionally-approved",
)
USUAL_FILES = ("application/pdf", "image/jpeg", "image/png")

_MAGIC = {b"%PDF": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png"}


def create(call: Call) -> Answer:
    """22211 without FriendlyName, 22210 without a known Type, 22207 for broken Attributes."""
    friendly_name = call.form.get("FriendlyName", "").strip()
    kind = call.form.get("Type", "").strip()
    if not friendly_name:
        raise Refusal(22211, "A Supporting Document needs a FriendlyName")
    if kind not in DOCUMENT_TYPES:
        raise Refusal(22210, "A Supporting Document needs a Type that Twilio knows")
    attributes = call.attributes() or {}
    refuse_unmapped(call, "document_extra_attributes", DOCUMENT_TYPES[kind], attributes)
    now = call.state.clock.now()
    document = Document(sids.new("RD"), call.account.sid, friendly_name, kind, attributes, now, now)
    _keep_file(call, document)
    call.state.documents[document.sid] = document
    return Answer(render.document(call, document), 201)


def listing(call: Call) -> Answer:
    state, own = call.state, call.account.sid
    rows = [d for d in reversed(state.documents.values()) if d.account_sid == own]
    return paging.v2(call, "results", rows, lambda row: render.document(call, row))


def fetch(call: Call, sid: str) -> Answer:
    return Answer(render.document(call, call.own(call.state.documents, sid)))


def update(call: Call, sid: str) -> Answer:
    """A rejected document that is changed is a draft again. Status and Attributes in one request
    are 22208, a word outside the enum 22209.
    """
    document: Document = call.own(call.state.documents, sid)
    status, attributes = call.form.get("Status"), call.attributes()
    if status is not None and attributes is not None:
        raise Refusal(22208, "Status cannot be updated together with Attributes")
    if status is not None and status not in STATUSES:
        raise Refusal(22209, f"{status} is not a status that a Supporting Document can have")
    if status is not None and status not in ("draft", "pending-review", document.status):
        raise call.unpublished(f"Only Twilio sets a Supporting Document to {status}")
    if attributes is not None:
        check_unlocked(call, sid)
        kind = DOCUMENT_TYPES[document.type]
        refuse_unmapped(call, "document_extra_attributes", kind, attributes)
        document.attributes = new_attributes(call, document.attributes, attributes)
        _reopen(document)
    if "FriendlyName" in call.form:
        document.friendly_name = call.required("FriendlyName")
    if status is not None:
        document.status = status
    document.date_updated = call.state.clock.now()
    return Answer(render.document(call, document))


def upload_again(call: Call, sid: str) -> Answer:
    """A new file for an existing document. No page of Twilio's tells that this exists."""
    document: Document = call.own(call.state.documents, sid)
    if not call.state.flag("upload_replaces_file"):
        raise call.not_found()
    check_unlocked(call, sid)
    _keep_file(call, document)
    _reopen(document)
    return update(call, sid)


def delete(call: Call, sid: str) -> Answer:
    """21646 while it waits for review, 21645 while a bundle has it."""
    document: Document = call.own(call.state.documents, sid)
    if document.status == "pending-review":
        raise Refusal(21646, "The Supporting Document is in review")
    if any(call.state.bundles_with(document.sid)):
        raise Refusal(21645, "The Supporting Document is assigned to a bundle")
    del call.state.documents[document.sid]
    call.state.drop_unused_files()
    return NO_CONTENT


def _reopen(document: Document) -> None:
    if document.status == "rejected":
        document.status = "draft"
        document.failure_reason, document.errors = None, None


def _keep_file(call: Call, document: Document) -> None:
    """Only the upload host takes files; without content ``mime_type`` stays null."""
    upload = call.upload
    if call.host != "numbers-upload.twilio.com" or upload is None or not upload.content:
        return
    limit = call.state.number("upload_limit_bytes")
    if len(upload.content) > limit:
        raise invalid(f"File is larger than {limit} bytes")
    mime_type = _mime_type(upload)
    if call.state.choice("upload_types") == "pdf-jpeg-png" and mime_type not in USUAL_FILES:
        raise invalid("File must be a PDF, a JPEG or a PNG")
    document.mime_type = mime_type
    document.file = call.state.blobs.put(upload.content)
    document.size = len(upload.content)


def _mime_type(upload: Upload) -> str:
    """What the part says it is; a part that says nothing is judged by its first bytes."""
    if upload.mime_type and upload.mime_type != "application/octet-stream":
        return upload.mime_type
    for magic, mime_type in _MAGIC.items():
        if upload.content.startswith(magic):
            return mime_type
    return "application/octet-stream"
