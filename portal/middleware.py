"""What every answer carries."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.cache import add_never_cache_headers

from compliance.models import User


class OwnLanguage:
    """A signed-in person reads their own language, on whatever device; others the browser's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if isinstance(request.user, User):
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)


class ReadableAddress:
    """A NUL in an address is nobody's wish, and PostgreSQL takes none: it is refused in words,
    whatever looks something up by it. Forms refuse it themselves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("a NUL in the address")
        return self.get_response(request)


class SameOrigin:
    """Nobody else's page may load our files or pages. The other precautions are Django's and
    django-csp's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return response


class Permissions:
    """No page of ours asks the browser for more than ``PERMISSIONS_POLICY`` says. It means nothing
    on a style or a picture, and would be half of what a small one weighs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.permissions = ", ".join(
            f"{name}=({who})" for name, who in settings.PERMISSIONS_POLICY.items()
        )

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers["Permissions-Policy"] = self.permissions
        return response


class PrivatePages:
    """No cache keeps a page, not even the browser's on a shared phone: one that is signed in to
    tells what is somebody's own, and one to sign in with holds a secret."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response


class AdminPolicy:
    """What staff see in the admin comes with the policy that its theme needs; nothing else does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_admin = request.path_info.startswith(reverse("admin:index"))
        if is_admin and isinstance(request.user, User) and request.user.is_staff:
            response._csp_update = settings.ADMIN_SECURITY_POLICY  # type: ignore[attr-defined]
        return response
