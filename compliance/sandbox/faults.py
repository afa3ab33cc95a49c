"""Faults: troubles of network and server that a test or a person switches on.

``latency`` waits, then works. ``status`` answers an error instead of working. ``refuse_before``
resets the connection before any work, ``drop_after`` cuts it after the work. ``late`` lets the
client wait and does the work only then. ``html`` answers a page, ``truncate`` half of the JSON.
``status_after`` works and answers an error all the same, ``content_type`` works and calls its JSON
plain text. With a ``share`` only that part of the fitting requests runs into it, by chance.
Nobody waits any longer once the faults are switched off.
"""

import re
import threading
from random import random
from typing import Any

from werkzeug.wrappers import Response

from compliance.sandbox.errors import Refusal
from compliance.sandbox.records import Fault, Json
from compliance.sandbox.state import State
from compliance.sandbox.wire import refuse

KINDS = (
    "latency",
    "status",
    "refuse_before",
    "drop_after",
    "late",
    "html",
    "truncate",
    "status_after",
    "content_type",
)

_MESSAGES = {
    429: (20429, "Too Many Requests"),
    500: (20500, "An internal server error has occurred"),
    503: (20503, "Service is unavailable"),
}


def parse(values: Json) -> Fault:
    """A fault from what the control API or the page was sent. Raises ValueError."""
    kind = values.get("kind")
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}")
    path = values.get("path") or None
    if path is not None:
        try:
            re.compile(path)
        except re.error as error:
            raise ValueError(f"path is not a regular expression: {error}") from None
    method = values.get("method") or None
    share = _number(values, "share", float)
    if share is not None and not 0 < share <= 1:
        raise ValueError("share must be above 0 and at most 1")
    return Fault(
        kind=kind,
        method=str(method).upper() if method else None,
        path=path,
        times=_number(values, "times", int),
        seconds=_number(values, "seconds", float) or 0.0,
        status=_number(values, "status", int) or (503 if kind == "html" else 500),
        retry_after=_number(values, "retry_after", int),
        code=_number(values, "code", int),
        message=values.get("message") or None,
        share=share,
    )


def take(state: State, method: str, host_and_path: str) -> Fault | None:
    """The first fault that fits this request; its count goes down."""
    for fault in state.faults:
        if not fits(fault, method, host_and_path):
            continue
        if fault.share is not None and random() >= fault.share:  # noqa: S311  (a dice)
            continue
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                state.faults.remove(fault)
        return fault
    return None


def fits(fault: Fault, method: str, host_and_path: str) -> bool:
    """Whether such a request is one that the fault is for; chance apart."""
    if fault.method not in (None, method):
        return False
    return fault.path is None or bool(re.search(fault.path, host_and_path))


def clear(state: State) -> None:
    state.faults.clear()
    release(state)


def release(state: State) -> None:
    """Whom a fault makes wait waits no longer."""
    state.released.set()
    state.released = threading.Event()


def answer(fault: Fault) -> Response | None:
    """What is answered instead of doing the work, for the kinds that do that."""
    if fault.kind == "html":
        page = "<html><head><title>Error</title></head><body><h1>Something went wrong</h1></body>"
        return Response(page, status=fault.status, content_type="text/html")
    return error(fault) if fault.kind == "status" else None


def error(fault: Fault) -> Response:
    code, message = _MESSAGES.get(fault.status, (20001, "The request was refused"))
    response = refuse(Refusal(fault.code or code, fault.message or message, fault.status))
    if fault.retry_after is not None:
        response.headers["Retry-After"] = str(fault.retry_after)
    return response


def spoil(response: Response, fault: Fault) -> Response:
    """What is left of the answer after the work, for the kinds that leave it its connection."""
    if fault.kind == "status_after":
        return error(fault)
    if fault.kind == "truncate":
        body = response.get_data()
        response.set_data(body[: len(body) // 2])
    elif fault.kind == "content_type" and response.content_type:
        response.content_type = "text/plain"
    return response


def _number(values: Json, name: str, kind: type[Any]) -> Any:
    value = values.get(name)
    if value is None or value == "":
        return None
    try:
        return kind(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a number") from None
