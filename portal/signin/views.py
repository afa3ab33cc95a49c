"""The pages of signing in and out."""

from typing import Any
from zoneinfo import ZoneInfo

from allauth.account import views as allauth_views
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.models import Login
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from compliance.models import User
from portal.session import log_out
from portal.signin import links
from portal.signin.adapter import send_later
from portal.signin.links import Found, Standing
from portal.views.common import SignedIn


class AskForEmail(allauth_views.RequestLoginCodeView):
    def _redirect_to_pending_stage(self, request: HttpRequest, stage: Any) -> None:
        """Stay here: who comes back to this page may have mistyped the address."""

    def form_valid(self, form: Any) -> HttpResponse:
        self.request.asks_to_sign_in = form._user
        if form._user is None:  # else allauth does it, with the code that it makes
            send_later(None, code="", wanted=links.wanted_page(self.request))
        response: HttpResponse = super().form_valid(form)
        return response


ask_for_email = AskForEmail.as_view()


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Asks for the address. The answer is the same whether or not anybody has it."""
    response: HttpResponseBase = ask_for_email(request)
    return response


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def enter_code(request: HttpRequest) -> HttpResponseBase:
    """Takes the code, in the browser that asked for it and no other."""
    response: HttpResponseBase = allauth_views.confirm_login_code(request)
    back_to_start = response.headers.get("Location") == reverse("account_request_login_code")
    if not back_to_start or request.user.is_authenticated:
        return response
    if request.method == "POST":
        messages.warning(
            request,
            _("This code has stopped working. Enter your e-mail address to get a new one."),
        )
    return redirect_to_sign_in(links.wanted_page(request))


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follow_link(request: HttpRequest, token: str) -> HttpResponseBase:
    """The mailed link. To open it does nothing, because programs that search mail for malware open
    every link; the button on the page is what signs in."""
    now = timezone.now()
    found = links.find(token, now=now)
    response: HttpResponseBase
    if request.method == "POST" and "again" in request.POST:
        response = send_again(request, found)
    elif found.standing == Standing.GOOD and found.link:
        if request.method != "POST":
            response = render(request, "account/link.html", {"user_of_link": found.link.user})
        elif links.consume(found.link, now=now):
            response = signed_in(request, found)
        else:
            response = link_does_not_work(request, links.find(token, now=now))
    else:
        response = link_does_not_work(request, found)
    # The secret is in the address, so it must not become anybody's referrer. Not even "no-referrer"
    # will do: with that, browsers send the form without its origin, and Django refuses it.
    response["Referrer-Policy"] = "strict-origin"
    return response


def signed_in(request: HttpRequest, found: Found) -> HttpResponseBase:
    if found.link is None or found.link.user is None:
        raise PermissionDenied
    user = found.link.user
    if request.user.is_authenticated:
        log_out(request)
    login = Login(user=user, email=user.email, redirect_url=found.link.wanted or None)
    response: HttpResponseBase = perform_login(request, login)
    return response


def link_does_not_work(request: HttpRequest, found: Found) -> HttpResponse:
    """Says why, with a way on. Who has signed in with it already is simply let through."""
    if found.link is not None and request.user == found.link.user:
        return redirect(found.link.wanted or get_adapter().get_login_redirect_url(request))
    status = 404 if found.standing == Standing.UNKNOWN else 410
    context = {"found": found, "sentence": expired_words(found)}
    return render(request, "account/link_does_not_work.html", context, status=status)


def expired_words(found: Found) -> str:
    if found.link is None:
        return ""
    local = timezone.localtime(found.link.stops_at, time_zone(found))
    time = date_format(local, pgettext("date format", "j F, H:i T"))
    values = {"time": time, "lifetime": links.lifetime_in_words(found.link.lifetime)}
    if found.link.is_invitation:
        sentence = _("This invitation stopped working at %(time)s because it lasts %(lifetime)s.")
    else:
        sentence = _(
            "This link stopped working at %(time)s because links last %(lifetime)s. "
            "Your answers are safe."
        )
    return sentence % values


def send_again(request: HttpRequest, found: Found) -> HttpResponse:
    """A new mail to the same person, who then comes to the page they wanted in the first place."""
    if found.link is None or found.link.user is None:
        return redirect("account_login")
    user = found.link.user
    if not ratelimit.consume(request, action="request_login_code", key=user.email):
        return render(
            request, "account/link_does_not_work.html", {"found": found, "wait": True}, status=429
        )
    return mail_a_way_in(request, user, wanted=found.link.wanted)


def mail_a_way_in(request: HttpRequest, user: User, *, wanted: str) -> HttpResponse:
    request.wanted_page = wanted  # type: ignore[attr-defined]
    request.asks_to_sign_in = user  # type: ignore[attr-defined]
    LoginCodeVerificationProcess.initiate(request=request, user=user, email=user.email)
    query = f"?{urlencode({'next': wanted})}" if wanted else ""
    return redirect(reverse("account_confirm_login_code") + query)


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_again(request: SignedIn) -> HttpResponse:
    """For what nobody is to do at a computer that somebody else has left: to sign in anew."""
    user, wanted = request.user, links.wanted_page(request)
    if request.method != "POST":
        has_passkey = Authenticator.objects.filter(
            user=user, type=Authenticator.Type.WEBAUTHN
        ).exists()
        context = {"wanted": wanted, "has_passkey": has_passkey}
        return render(request, "account/sign_in_again.html", context)
    if not ratelimit.consume(request, action="request_login_code", key=user.email):
        return render(request, "account/link_does_not_work.html", {"wait": True}, status=429)
    log_out(request)
    return mail_a_way_in(request, user, wanted=wanted)


def time_zone(found: Found) -> ZoneInfo | None:
    """The clock on the wall of the person whose link it is."""
    customer = found.link.user.customers.first() if found.link and found.link.user else None
    return ZoneInfo(customer.time_zone) if customer else None


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    log_out(request)
    response = redirect("account_login")
    response["Clear-Site-Data"] = '"storage"'
    return response


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_to_admin(request: HttpRequest) -> HttpResponse:
    """Staff sign in like everybody. Who is signed in already and comes here is not staff."""
    if request.user.is_authenticated:
        raise PermissionDenied
    wanted = links.own_page(request.GET.get("next", "")) or reverse("admin:index")
    return redirect_to_login(wanted)


def redirect_to_sign_in(wanted: str) -> HttpResponse:
    return redirect_to_login(wanted) if wanted else redirect("account_login")
