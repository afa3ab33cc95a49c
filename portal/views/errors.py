"""Pages for what went wrong. The one for a fault of ours needs neither database nor session."""

from django.http import HttpRequest, HttpResponseServerError
from django.template.loader import render_to_string

from portal.context import installation


def server_error(request: HttpRequest) -> HttpResponseServerError:
    return HttpResponseServerError(render_to_string("500.html", installation()))
