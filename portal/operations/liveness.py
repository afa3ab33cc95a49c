"""Whether this web process answers: ``/livez``, for who restarts it or sends it visitors.

It asks nothing else, neither the database nor which host is meant: a process is not mended by a
restart when its database is away, and a probe calls it by its number. So it is a middleware before
all others. What the portal as a whole lacks is told by ``/healthz`` and ``/readyz``.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

PATH = "/livez"


class Liveness:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info != PATH:
            return self.get_response(request)
        return HttpResponse("ok\n", "text/plain", headers={"Cache-Control": "no-store"})
