"""Passkeys: their owner adds, names and removes them, and signs in with one instead of a mail.

The ceremony is allauth's; what it asks the device for is always a passkey that is found without a
name (so nobody who types an address learns whether it has one), and that checks its owner.
"""

from typing import Any

from allauth.account.models import Login
from allauth.core.internal import ratelimit
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import LoginWebAuthnForm
from allauth.mfa.webauthn.internal import auth, flows
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from compliance import people
from compliance.models import User
from portal.session import is_recent, log_out
from portal.signin import links
from portal.signin.forms import PasskeyForm, PasskeyNameForm
from portal.signin.views import redirect_to_sign_in
from portal.views.common import SignedIn, problems


def passkeys_of(user: User) -> QuerySet[Authenticator]:
    found: QuerySet[Authenticator] = Authenticator.objects.filter(
        user=user, type=Authenticator.Type.WEBAUTHN
    )
    return found.order_by("created_at", "pk")


# --- Signing in --------------------------------------------------------------------------------


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in_with_passkey(request: HttpRequest) -> HttpResponseBase:
    """GET: what the browser is to ask the device for. POST: what the device has answered."""
    may = ratelimit.consume(request, app="allauth.mfa", action="webauthn_login", limit_get=True)
    if request.method == "GET":
        return JsonResponse(
            auth.begin_authentication(None) if may else {}, status=200 if may else 429
        )
    wanted = links.wanted_page(request)
    form = LoginWebAuthnForm(data=request.POST)
    if not may:
        sentence = gettext("There were too many attempts in a short time. Wait a minute.")
    elif not _is_valid(form) or not form.cleaned_data["credential"].user.is_active:
        sentence = gettext("This passkey does not sign in here. We can send you a mail instead.")
    else:
        passkey = form.cleaned_data["credential"]
        if request.user.is_authenticated:
            log_out(request)
        login = Login(user=passkey.user, redirect_url=wanted or None)
        response: HttpResponseBase = flows.perform_passwordless_login(request, passkey, login)
        return response
    messages.error(request, sentence)
    return redirect_to_sign_in(wanted)


def _is_valid(form: Any) -> bool:
    """What is not even in the shape of an answer is none; allauth leaves most of that to chance."""
    try:
        return bool(form.is_valid())
    except (AttributeError, KeyError, TypeError, ValueError):
        return False


# --- One's own ---------------------------------------------------------------------------------


def sign_in_first(request: SignedIn) -> HttpResponse | None:
    """Unless it was a moment ago, the person signs in anew and comes back. Who has the page open
    gets some more time to send it."""
    within = settings.RECENT_SIGN_IN * (2 if request.method == "POST" else 1)
    if is_recent(request, within=within):
        return None
    return redirect(f"{reverse('sign-in-again')}?{urlencode({'next': request.path})}")


@require_http_methods(["GET", "HEAD", "POST"])
def add_passkey(request: SignedIn) -> HttpResponse:
    if detour := sign_in_first(request):
        return detour
    form = PasskeyForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and _is_valid(form):
        name, credential = form.cleaned_data["name"], form.cleaned_data["credential"]
        with transaction.atomic():
            passkey = auth.WebAuthn.add(request.user, name, credential)
            people.note_own(people.PASSKEY_ADDED, request.user, now=timezone.now())
        messages.success(request, gettext("The passkey “%(name)s” was added.") % {"name": name})
        if request.user.is_staff:
            # Made a moment ago, by somebody whom the device has checked.
            post_authentication(request, passkey.instance)
        return redirect(links.wanted_page(request) or "settings")
    context = {
        "form": form,
        "problems": [("", gettext("That did not work. Please try again."))]
        if request.method == "POST"
        else [],
        "options": auth.begin_registration(request.user, passwordless=True),
    }
    return render(request, "account/add_passkey.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def rename_passkey(request: SignedIn, pk: int) -> HttpResponse:
    passkey = get_object_or_404(passkeys_of(request.user), pk=pk)
    wrapped = passkey.wrap()
    form = PasskeyNameForm(
        request.POST if request.method == "POST" else None, initial={"name": wrapped.name}
    )
    if request.method == "POST" and form.is_valid():
        wrapped.name = form.cleaned_data["name"]
        with transaction.atomic():
            passkey.save(update_fields=["data"])
            people.note_own(people.PASSKEY_RENAMED, request.user, now=timezone.now())
        messages.success(request, gettext("The name was changed."))
        return redirect("settings")
    context = {"form": form, "problems": problems(form), "passkey": passkey}
    return render(request, "account/rename_passkey.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def remove_passkey(request: SignedIn, pk: int) -> HttpResponse:
    if detour := sign_in_first(request):
        return detour
    passkey = get_object_or_404(passkeys_of(request.user), pk=pk)
    if request.method == "POST":
        name = passkey.wrap().name
        with transaction.atomic():
            passkey.delete()
            people.note_own(people.PASSKEY_REMOVED, request.user, now=timezone.now())
        messages.success(request, gettext("The passkey “%(name)s” was removed.") % {"name": name})
        return redirect("settings")
    return render(request, "account/remove_passkey.html", {"passkey": passkey})
