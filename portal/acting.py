"""Staff on a customer's pages (``compliance.acting``): for whom they are there is on the request;
who only looks can send nothing, by one check for all pages."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from compliance import acting
from compliance.models import User
from portal.signin.second_factor import is_missing
from portal.views.common import SignedIn

SAFE = ("GET", "HEAD", "OPTIONS")
# What ends it, and what keeps the session.
ALWAYS = ("end-acting", "account_logout", "session")
# Documents are opened by nobody who only looks.
WITHHELD = ("record", "file")


class ActingFor:
    """Stands behind the check for being signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        user = request.user
        if not isinstance(user, User) or acting.KEY not in request.session:
            return None
        now = timezone.now()
        if is_missing(request, user):
            # An operator has taken it away: whoever sits there is not to be trusted any more.
            acting.end(request.session, now=now)
        found = acting.current(request.session, user=user, now=now)
        request.acting = found  # type: ignore[attr-defined]
        if found is None or found.may_change or not _is_refused(request):
            return None
        return render(request, "acting_refused.html", status=403)


def _is_refused(request: HttpRequest) -> bool:
    match = request.resolver_match
    if match is None or "admin" in match.app_names:
        # The desk has permissions of its own.
        return False
    if match.url_name in WITHHELD:
        return True
    return request.method not in SAFE and match.url_name not in ALWAYS


@require_POST
def end_acting(request: SignedIn) -> HttpResponse:
    renewal = acting.end(request.session, now=timezone.now())
    if renewal is None:
        return redirect("home")
    return redirect("admin:compliance_renewal_change", renewal)
