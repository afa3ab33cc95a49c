"""The log of API requests, for the page and for tests. It holds what was sent, personal data
included, which only a stand-in with demo data may do. Passwords are not in it.
"""

from typing import Any

from werkzeug.wrappers import Request

from compliance.sandbox.clock import iso
from compliance.sandbox.context import Upload
from compliance.sandbox.state import State

Entry = dict[str, Any]

LONGEST_TEXT = 8_000


def open_entry(state: State, request: Request, host: str, path: str) -> Entry:
    entry: Entry = {
        "time": iso(state.clock.now()),
        "method": request.method,
        "host": host,
        "path": path,
        "query": request.args.to_dict(flat=False),
        "username": request.authorization.username if request.authorization else None,
        "account": None,
        "fields": {},
        "file": None,
        "fault": None,
        "status": None,
        "code": None,
        "seconds": None,
        "answer": "",
    }
    with state.lock:
        state.requests.append(entry)
    return entry


def add_body(entry: Entry, request: Request, upload: Upload | None) -> None:
    fields = request.form.to_dict(flat=False)
    entry["fields"] = {name: [cut(value) for value in values] for name, values in fields.items()}
    if upload is not None:
        entry["file"] = {
            "filename": upload.filename,
            "mime_type": upload.mime_type,
            "size": len(upload.content),
        }


def cut(text: str) -> str:
    """Long texts are kept in part, so that the log stays small."""
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + " (cut)"
