"""Pages for what went wrong. The one for a fault of ours needs neither database nor session."""

from django.conf import settings
from django.http import HttpRequest, HttpResponseServerError
from django.template.loader import render_to_string


def server_error(request: HttpRequest) -> HttpResponseServerError:
    context = {"brand_name": settings.BRAND_NAME, "support_email": settings.SUPPORT_EMAIL}
    return HttpResponseServerError(render_to_string("500.html", context))
