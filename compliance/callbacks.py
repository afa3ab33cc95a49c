"""Takes in Twilio's status callbacks.

A callback is a hint and nothing more: its body is never believed, the bundle is read again. So a
lost, doubled, late, reordered or forged one all come to the same: a look at Twilio.
"""

import hashlib
from datetime import datetime

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from compliance import accounts
from compliance.callback_address import reference_in
from compliance.gateway.signature import SIGNATURE, SIGNED_HOW, is_genuine, signed_how
from compliance.models import Event, Renewal
from compliance.sealing import Unreadable
from compliance.tasks import look

LARGEST_BODY = 64 * 1024
FORM = "application/x-www-form-urlencoded"


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "POST"])
def callback(request: HttpRequest, token: str) -> HttpResponse:
    """Twilio has been seen to call with GET as well as POST, signed and unsigned."""
    reference = reference_in(token)
    if reference is None:
        return HttpResponse(status=404)
    try:
        length = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        return HttpResponse(status=400)
    if length > LARGEST_BODY:
        return HttpResponse(status=413)
    renewal = _renewal(reference)
    if renewal is None or renewal.state in Renewal.ENDED:
        # Nothing to do, and Twilio need not try again.
        return HttpResponse(status=204)
    now, body = timezone.now(), request.body
    signature = request.headers.get(SIGNATURE, "")
    genuine = _is_genuine(request, renewal, body=body, signature=signature)
    if settings.TWILIO_REQUIRE_SIGNATURE and not genuine:
        return HttpResponseForbidden()
    Event.objects.get_or_create(
        key=f"callback:{renewal.pk}:{renewal.state}:{_mark(signature if genuine else '', now=now)}",
        defaults={
            "at": now,
            "kind": "callback",
            "renewal": renewal,
            "details": {"signed": genuine},
        },
    )
    look(renewal)
    return HttpResponse(status=204)


def _renewal(reference: str) -> Renewal | None:
    """No more of it than is needed here: Twilio may call often."""
    account = ("sid", "is_main", "sealed_token")
    return (
        Renewal.objects.filter(reference=reference)
        .select_related("bundle__account")
        .only("reference", "state", *(f"bundle__account__{name}" for name in account))
        .first()
    )


def _mark(signature: str, *, now: datetime) -> str:
    """What a call is known by when it comes again. The signature, because a form can be doubled and
    reordered and still has the same; without one, the day: whoever knows the address can call as
    often as they like, and nothing may grow by it."""
    if not signature:
        return f"unsigned:{now:%Y-%m-%d}"
    return hashlib.sha256(signature.encode()).hexdigest()[:40]


def _is_genuine(request: HttpRequest, renewal: Renewal, *, body: bytes, signature: str) -> bool:
    is_form = request.method == "POST" and request.content_type == FORM
    key, algorithm = signed_how(request.headers.get(SIGNED_HOW, ""))
    # As it came: Django's own way to ask for it writes some characters differently.
    query = request.META.get("QUERY_STRING", "")
    try:
        secrets = accounts.signing_secrets(renewal.bundle.account, key=key)
    except Unreadable:
        return False
    return is_genuine(
        url=f"{settings.PUBLIC_URL}{request.path}{'?' if query else ''}{query}",
        body=b"" if is_form else body,
        form=request.POST if is_form else None,
        signature=signature,
        secrets=secrets,
        algorithm=algorithm,
    )
