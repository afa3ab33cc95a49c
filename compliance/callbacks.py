"""Takes in Twilio's status callbacks.

A callback is a hint and nothing more: its body is never believed, the bundle is read again. So a
lost, doubled, late, reordered or forged one all come to the same: a look at Twilio.
"""

import hashlib

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from compliance import accounts
from compliance.callback_address import reference_in
from compliance.gateway.signature import is_genuine
from compliance.models import Event, Renewal
from compliance.sealing import Unreadable
from compliance.tasks import look

LARGEST_BODY = 64 * 1024


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
    renewal = Renewal.objects.select_related("bundle__account").filter(reference=reference).first()
    if renewal is None or renewal.state in Renewal.ENDED:
        # Nothing to do, and Twilio need not try again.
        return HttpResponse(status=204)
    body = request.body
    signature = request.headers.get("X-Twilio-Signature", "")
    genuine = _is_genuine(request, renewal, body=body, signature=signature)
    if settings.TWILIO_REQUIRE_SIGNATURE and not genuine:
        return HttpResponseForbidden()
    digest = hashlib.sha256(request.get_full_path().encode() + b"\n" + body).hexdigest()
    Event.objects.get_or_create(
        key=f"callback:{renewal.pk}:{renewal.state}:{digest[:40]}",
        defaults={
            "at": timezone.now(),
            "kind": "callback",
            "renewal": renewal,
            "details": {"signed": genuine},
        },
    )
    look(renewal)
    return HttpResponse(status=204)


def _is_genuine(request: HttpRequest, renewal: Renewal, *, body: bytes, signature: str) -> bool:
    is_form = request.method == "POST" and "form" in (request.content_type or "")
    try:
        token = accounts.signing_token(renewal.bundle.account)
    except Unreadable:
        return False
    return is_genuine(
        url=str(settings.PUBLIC_URL) + request.get_full_path(),
        body=b"" if is_form else body,
        form=request.POST if is_form else None,
        signature=signature,
        token=token,
    )
