"""The second factor of staff: a passkey, or the code of an authenticator app, after the mail.

Nothing under /admin/ opens without it, and who has one is asked for it before anything about it can
be changed: else a mailbox alone would do to get another. Who signs in with a passkey has shown both
at once. Who has another phone removes the app of the old one with a code of it, or a recovery code.
One that is lost without these is taken away by an operator, in the admin; then a new one is set up.
"""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.internal.flows import delete_dangling_recovery_codes, post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.flows import activate_totp
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from compliance import people, sealing
from compliance.models import User
from portal.session import log_out
from portal.signin import links
from portal.signin.passkeys import sign_in_first
from portal.signin.views import redirect_to_sign_in
from portal.views.common import SignedIn

Type = Authenticator.Type
WRONG, WRONG_CODES = "wrong_codes", 10

# Where second factors are added, changed and removed.
ABOUT_FACTORS = (
    "add-passkey",
    "rename-passkey",
    "remove-passkey",
    "set-up-second-factor",
    "remove-app",
    "recovery-codes",
)


class SecondFactor:
    """Stands behind the check for being signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        user, match = request.user, request.resolver_match
        if not (settings.STAFF_SECOND_FACTOR and isinstance(user, User) and user.is_staff):
            return None
        if match is None:
            return None
        to_admin = "admin" in match.app_names
        about_factors = match.url_name in ABOUT_FACTORS and bool(factors_of(user))
        if not (to_admin or about_factors) or is_passed(request, user):
            return None
        wanted = request.get_full_path() if request.method == "GET" else reverse("admin:index")
        return redirect(f"{reverse('second-factor')}?{urlencode({'next': wanted})}")


def factors_of(user: User) -> set[str]:
    """The kinds that this person has. Recovery codes are good only beside another."""
    own = Authenticator.objects.filter(user=user).exclude(type=Type.RECOVERY_CODES)
    return set(own.values_list("type", flat=True))


def is_passed(request: HttpRequest, user: User) -> bool:
    """In this session, with one that this person still has."""
    used = {
        record.get("id")
        for record in get_authentication_records(request, user)
        if record.get("method") == "mfa"
    }
    return bool(used) and Authenticator.objects.filter(user=user, pk__in=used).exists()


def is_missing(request: HttpRequest, user: User) -> bool:
    """Of somebody who has to show one."""
    return settings.STAFF_SECOND_FACTOR and user.is_staff and not is_passed(request, user)


def _check_staff(request: SignedIn) -> None:
    if not (settings.STAFF_SECOND_FACTOR and request.user.is_staff):
        raise Http404


def _on(wanted: str) -> HttpResponse:
    return redirect(wanted or reverse("admin:index"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: SignedIn) -> HttpResponse:
    """Asks for it; who has none yet sets one up."""
    _check_staff(request)
    wanted = links.wanted_page(request)
    if is_passed(request, request.user):
        return _on(wanted)
    kinds = factors_of(request.user)
    if not kinds:
        query = f"?{urlencode({'next': wanted})}" if wanted else ""
        return redirect(reverse("set-up-second-factor") + query)
    form = AuthenticateForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and _is_right(form):
        request.session.pop(WRONG, None)
        form.save()
        request.session.cycle_key()
        return _on(wanted)
    if request.method == "POST" and _is_one_too_many(request):
        return _out(request, wanted)
    context = {
        "form": form,
        "errors": form.errors.get("code", []) if request.method == "POST" else [],
        "wanted": wanted,
        "has_app": Type.TOTP in kinds,
        "has_passkey": Type.WEBAUTHN in kinds,
    }
    return render(request, "account/second_factor.html", context)


def _out(request: SignedIn, wanted: str) -> HttpResponse:
    log_out(request)
    messages.warning(request, gettext("There were too many wrong codes. Sign in anew."))
    return redirect_to_sign_in(wanted)


def _is_one_too_many(request: SignedIn) -> bool:
    """Counted in the session, too, which does not depend on Redis: who guesses on needs another
    mail for every few tries."""
    request.session[WRONG] = request.session.get(WRONG, 0) + 1
    return bool(request.session[WRONG] >= WRONG_CODES)


def _is_right(form: Any) -> bool:
    try:
        return bool(form.is_valid())
    except sealing.Unreadable:
        form.add_error(
            "code", gettext("This app can't be checked any more. Ask an operator to remove it.")
        )
        return False


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def set_up_second_factor(request: SignedIn) -> HttpResponse:
    """An authenticator app here, or a passkey on its own page."""
    _check_staff(request)
    if detour := sign_in_first(request):
        return detour
    wanted, kinds = links.wanted_page(request), factors_of(request.user)
    form = ActivateTOTPForm(request.POST if request.method == "POST" else None, user=request.user)
    has_app = Type.TOTP in kinds
    if request.method == "POST" and not has_app and form.is_valid():
        with transaction.atomic():
            app, _codes = activate_totp(request, form)
            people.note_own(people.APP_ADDED, request.user, now=timezone.now())
        post_authentication(request, app)
        request.session.cycle_key()
        query = f"?{urlencode({'next': wanted})}" if wanted else ""
        return redirect(reverse("recovery-codes") + query)
    adapter = get_adapter()
    url = adapter.build_totp_url(request.user, form.secret)
    picture = b64encode(adapter.build_totp_svg(url).encode()).decode()
    context = {
        "errors": form.errors.get("code", []) if request.method == "POST" else [],
        "wanted": wanted,
        "has_app": has_app,
        "is_first": not kinds,
        "secret": form.secret,
        "picture": f"data:image/svg+xml;base64,{picture}",
    }
    return render(request, "account/set_up_second_factor.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def remove_app(request: SignedIn) -> HttpResponse:
    """For another phone. A session that was left open is not enough: a code is entered again."""
    _check_staff(request)
    if detour := sign_in_first(request):
        return detour
    app = Authenticator.objects.filter(user=request.user, type=Type.TOTP).first()
    if app is None:
        return redirect("set-up-second-factor")
    form = AuthenticateForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and _is_right(form):
        request.session.pop(WRONG, None)
        with transaction.atomic():
            app.delete()
            delete_dangling_recovery_codes(request.user)
            people.note_own(people.APP_REMOVED, request.user, now=timezone.now())
        request.session.cycle_key()
        messages.success(request, gettext("The authenticator app was removed."))
        return redirect("set-up-second-factor")
    if request.method == "POST" and _is_one_too_many(request):
        return _out(request, reverse("remove-app"))
    errors = form.errors.get("code", []) if request.method == "POST" else []
    return render(request, "account/remove_app.html", {"errors": errors})


@never_cache
@require_safe
def recovery_codes(request: SignedIn) -> HttpResponse:
    """For the day on which the phone is lost. Each works once."""
    _check_staff(request)
    if detour := sign_in_first(request):
        return detour
    own = Authenticator.objects.filter(user=request.user, type=Type.RECOVERY_CODES).first()
    if own is None:
        raise Http404
    context = {"codes": own.wrap().get_unused_codes(), "wanted": links.wanted_page(request)}
    return render(request, "account/recovery_codes.html", context)
