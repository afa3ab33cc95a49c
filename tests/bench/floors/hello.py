"""The least that a signed-in person can be answered: everything that stands before a view, their
session and who they are. A URL configuration: the portal's own, and one more address."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from portal.urls import urlpatterns as portal

ADDRESS = "/floor/hello/"


def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"Hello, {request.user}")


urlpatterns = [*portal, path("floor/hello/", hello)]
