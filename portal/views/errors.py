"""Pages for what went wrong. Those for a fault of ours need neither database nor session."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string

from portal.context import installation

RETRY_SECONDS = "60"


def server_error(request: HttpRequest) -> HttpResponse:
    """Where the database is away or full, who has sent something learns that it is not saved."""
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        has_sent = request.method not in ("GET", "HEAD")
        page = render_to_string("503.html", {**installation(), "has_sent": has_sent})
        return HttpResponse(page, status=503, headers={"Retry-After": RETRY_SECONDS})
    return HttpResponseServerError(render_to_string("500.html", installation()))
