"""Lines for people, and for machines: of these one JSON object each, with the request and the
renewal that it is about.

No personal data: what an error says can repeat what somebody typed, or a row of the database, so
of an error its kind is kept, and the way to it through the code.
"""

import logging
import re
import traceback
from collections.abc import Callable, Mapping
from copy import copy
from types import TracebackType
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from pythonjsonlogger.json import JsonFormatter

from compliance import trail

HEADER = "X-Request-ID"
# What a proxy may give; anything else could forge lines.
PLAUSIBLE = re.compile(r"[A-Za-z0-9_-]{8,64}")
# In the addresses that are secret themselves, also where they were called in a wrong way.
SECRET = re.compile(r"(/sign-in/+link/|/hooks/+twilio/)\S+", re.IGNORECASE)
OF_A_TASK = ("args", "kwargs", "exc", "traceback", "return_value")
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Discreet(logging.Formatter):
    """``LOG_FORMAT=text``, and what both have in common."""

    def format(self, record: logging.LogRecord) -> str:
        """Celery puts what a task was given, gave and failed with into its sentence, and again
        beside it."""
        record = copy(record)
        # What another handler has made of the error.
        record.exc_text = None
        if "data" in record.__dict__:
            del record.__dict__["data"]
            if isinstance(record.args, Mapping):
                record.args = {**record.args, **dict.fromkeys(OF_A_TASK, "-")}
        return super().format(record)

    def formatException(self, ei: ExcInfo) -> str:
        kind, _error, way = ei
        steps = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(way)]
        return " > ".join([*steps, kind.__qualname__ if kind else ""])


class Json(Discreet, JsonFormatter):
    """``LOG_FORMAT=json``."""

    def __init__(self) -> None:
        super().__init__(
            "{levelname}{name}{message}{request_id}{renewal}",
            style="{",
            timestamp="at",
            rename_fields={"levelname": "level", "name": "logger"},
        )


class About(logging.Filter):
    """Adds to each line what the work is for."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = trail.request_id.get()
        record.renewal = trail.reference.get()
        # Django's own loggers attach the whole request, and name its path.
        record.__dict__.pop("request", None)
        record.msg = without_secret(record.msg)
        if isinstance(record.args, Mapping):
            record.args = {key: without_secret(value) for key, value in record.args.items()}
        elif record.args:
            record.args = tuple(without_secret(value) for value in record.args)
        return True


def without_secret(value: object) -> object:
    """Who has the address of a mailed link is signed in by it; who has that of a callback is
    believed."""
    return SECRET.sub(r"\1*", value) if isinstance(value, str) else value


class RequestId:
    """Each request has a number, which its answer and every line of the log carry."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        identifier = given if PLAUSIBLE.fullmatch(given) else uuid4().hex
        # It stays until the next request: Django's own line about an answer comes after this.
        trail.request_id.set(identifier)
        response = self.get_response(request)
        response[HEADER] = identifier
        return response
