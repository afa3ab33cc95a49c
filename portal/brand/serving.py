"""Serves the brand's stylesheet and logo: like static files, before there is a session."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from portal.brand import File, current

# As long as a browser cares to; an address never changes its contents.
FOR_EVER = "public, max-age=31536000, immutable"


class BrandFiles:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        file = current().files.get(request.path_info) if _reads(request) else None
        return answer(file) if file else self.get_response(request)


def _reads(request: HttpRequest) -> bool:
    return request.method in ("GET", "HEAD")


def answer(file: File) -> HttpResponse:
    return HttpResponse(
        file.data, content_type=file.content_type, headers={"Cache-Control": FOR_EVER}
    )
