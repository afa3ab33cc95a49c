"""Lets the reviewer open an uploaded file. Twilio's API gives no file back; its reviewers see
them all the same.
"""

from werkzeug.wrappers import Response

from compliance.sandbox.actions import Mistake
from compliance.sandbox.state import State

# What a browser shows without running anything in it. All else is only handed out to be saved.
_SHOWN = ("application/pdf", "image/jpeg", "image/png")


def answer(state: State, sid: str) -> Response:
    document = state.documents.get(sid)
    content = state.blobs.get(document.file) if document and document.file else None
    if document is None or content is None:
        raise Mistake(f"There is no file of {sid}.", 404)
    shown = document.mime_type in _SHOWN
    response = Response(
        content, content_type=document.mime_type if shown else "application/octet-stream"
    )
    response.headers["Content-Disposition"] = "inline" if shown else "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
