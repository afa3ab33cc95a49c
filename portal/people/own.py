"""Everybody's own settings."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from compliance import people
from compliance.models import Membership
from compliance.wording import dates as words
from portal.people.forms import OwnForm, own_values
from portal.signin.passkeys import passkeys_of
from portal.views.common import SignedIn, problems


@dataclass(frozen=True, kw_only=True)
class Passkey:
    """One in the list, every value ready to be printed."""

    name: str
    added: str
    used: str
    rename_url: str
    remove_url: str


@require_http_methods(["GET", "HEAD", "POST"])
def own_settings(request: SignedIn) -> HttpResponse:
    own = list(request.user.memberships.select_related("customer").order_by("customer__name", "pk"))
    form = OwnForm(
        request.POST if request.method == "POST" else None,
        memberships=own,
        initial=own_values(request.user, own),
    )
    if request.method == "POST" and form.is_valid():
        _save(request, own, form.cleaned_data)
        with translation.override(request.user.language):
            messages.success(request, gettext("Your settings were saved."))
        return redirect("settings")
    zone = own[0].customer.time_zone if own else "UTC"
    context = {
        "form": form,
        "problems": problems(form),
        "passkeys": [_passkey(passkey, zone) for passkey in passkeys_of(request.user)],
    }
    return render(request, "people/settings.html", context)


def _save(request: SignedIn, own: list[Membership], values: dict[str, Any]) -> None:
    now = timezone.now()
    people.change_own(
        request.user,
        name=values["name"],
        language=values["language"],
        phone=values.get("phone"),
        now=now,
    )
    wanted = [member for member in own if str(member.public_id) in values.get("mails", [])]
    people.change_own_mails(request.user, wanted=wanted, now=now)


def _passkey(passkey: Any, zone: str) -> Passkey:
    used = passkey.last_used_at
    return Passkey(
        name=passkey.wrap().name,
        added=words.day(passkey.created_at, zone),
        used=words.day(used, zone) if used else gettext("not yet"),
        rename_url=reverse("rename-passkey", args=[passkey.pk]),
        remove_url=reverse("remove-passkey", args=[passkey.pk]),
    )


@require_POST
def sign_out_elsewhere(request: SignedIn) -> HttpResponse:
    people.sign_out_elsewhere(request.user, now=timezone.now())
    update_session_auth_hash(request, request.user)
    messages.success(request, gettext("You are signed out everywhere but here."))
    return redirect("settings")
