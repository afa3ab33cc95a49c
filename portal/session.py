"""How long a session lasts: until somebody has been idle for a while, and never longer than a day's
work. What was being typed when it ended is kept as a draft and there again after signing in.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from compliance import acting
from compliance.models import User
from portal.views.common import SignedIn
from portal.views.drafts import keep_when_signed_out

STARTED, SEEN = "started_at", "seen_at"
# Idle time need not be known to the second, and each note of it is a write.
NOTED_EVERY = 30
# Asked for by scripts: nobody may be sitting there.
UNATTENDED = ("registration-status", "session")
# Forms alone lead there; the page around them is one level up.
NO_PAGES = ("draft", "use-elsewhere", "invite-again", "sign-out-elsewhere")


class SessionLimits:
    """Stands after the check of the form's token and before the one for being signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if not isinstance(request.user, User):
            return None
        now = timezone.now().timestamp()
        if STARTED not in request.session:
            request.session[STARTED] = request.session[SEEN] = now
        elif seconds_left(request) <= 0:
            return _ended(request, kwargs)
        elif _is_attended(request) and now - request.session[SEEN] >= NOTED_EVERY:
            request.session[SEEN] = now
        return None


def seconds_left(request: HttpRequest) -> int:
    """Until the session ends by itself, if nothing happens until then."""
    started, seen = request.session.get(STARTED), request.session.get(SEEN)
    if not started or not seen:
        return int(settings.SESSION_IDLE.total_seconds())
    is_staff = isinstance(request.user, User) and request.user.is_staff
    idle = settings.SESSION_IDLE_STAFF if is_staff else settings.SESSION_IDLE
    ends = min(seen + idle.total_seconds(), started + settings.SESSION_COOKIE_AGE)
    return int(ends - timezone.now().timestamp())


def is_recent(request: HttpRequest, *, within: timedelta) -> bool:
    """Has this person signed in, here, no longer ago than that?"""
    started = request.session.get(STARTED, 0)
    return bool(timezone.now().timestamp() - started <= within.total_seconds())


def _is_attended(request: HttpRequest) -> bool:
    match = request.resolver_match
    name = match.url_name if match else ""
    if name == "draft":
        return any(key.startswith("f-") for key in request.POST)
    return name not in UNATTENDED


def _ended(request: HttpRequest, kwargs: dict[str, Any]) -> HttpResponse | None:
    match = request.resolver_match
    name = match.url_name if match else ""
    wanted = request.get_full_path()
    if request.method == "POST":
        if name in ("task", "draft"):
            user = cast(SignedIn, request).user
            request.acting = acting.current(request.session, user=user, now=timezone.now())  # type: ignore[attr-defined]
            keep_when_signed_out(cast(SignedIn, request), **kwargs)
        if name in NO_PAGES:
            wanted = request.path.removesuffix("/").rpartition("/")[0] + "/"
    log_out(request)
    if request.method == "POST" and name in NO_PAGES:
        return redirect_to_login(wanted)
    # Who is signed out is sent to sign in by the next middleware, where the page needs it.
    return None


def log_out(request: HttpRequest) -> None:
    """Whatever ends the session; what was going on in it ends on record."""
    acting.end(request.session, now=timezone.now())
    logout(request)


@require_http_methods(["GET", "HEAD", "POST"])
def session(request: SignedIn) -> HttpResponse:
    """Asked how long the session still lasts; a POST keeps it."""
    if request.method == "POST":
        request.session[SEEN] = timezone.now().timestamp()
        if "application/json" not in request.headers.get("Accept", ""):
            return redirect("home")
    return JsonResponse({"seconds": seconds_left(request)})
