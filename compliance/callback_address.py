"""The address at which Twilio reports a renewal's copy: unguessable, and known to be ours."""

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from compliance.models import Renewal

_SALT = "compliance.callback"


def callback_url(renewal: Renewal) -> str:
    """Empty when Twilio could not reach us: it calls https addresses only, the sandbox any."""
    public = str(settings.PUBLIC_URL)
    if not public.startswith("https://") and not settings.TWILIO_BASE_URL:
        return ""
    token = Signer(salt=_SALT).sign(renewal.reference)
    return public + reverse("twilio-callback", args=[token])


def reference_in(token: str) -> str | None:
    """The reference of the renewal that a callback's address was made for; None if it is forged."""
    try:
        return Signer(salt=_SALT).unsign(token)
    except BadSignature:
        return None
