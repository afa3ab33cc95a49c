"""Whether a callback was signed by Twilio (``X-Twilio-Signature``).

The SDK's validator has traps, found by running it: it lets a JSON body through unchecked unless it
gets it as text, raises on a missing header or a missing ``bodySHA256``, takes bytes for text, and
logs whatever stands in place of an algorithm's name.
"""

import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import parse_qs, urlsplit

from django.http import QueryDict
from twilio.request_validator import HMAC_SHA1, HMAC_SHA256, RequestValidator

SIGNATURE = "X-Twilio-Signature"
# Beside it where a SharedKey signed: key=<its name>,algorithm=HMAC_SHA256.
SIGNED_HOW = "X-Twilio-Webhooks-Signature-Settings"


def signed_how(header: str) -> tuple[str, str]:
    """The name of the key, empty for the auth token, and the algorithm; from ``SIGNED_HOW``."""
    parts = [part.partition("=") for part in header.split(",")]
    named = {name.strip(): value.strip() for name, _equals, value in parts}
    return named.get("key", ""), named.get("algorithm", "") or HMAC_SHA1


def is_genuine(
    *,
    url: str,
    body: bytes,
    form: QueryDict | None,
    signature: str,
    secrets: Iterable[str],
    algorithm: str = HMAC_SHA1,
) -> bool:
    """True only if ``signature`` was made with one of ``secrets`` for exactly this call.

    :param url: as Twilio was told it, with its query: from configuration, never from the request.
    :param form: a form-encoded body with its blanks and repetitions; None for JSON and for calls
        without a body.
    """
    if not signature or algorithm not in (HMAC_SHA1, HMAC_SHA256):
        return False
    if form is None and body:
        digest = parse_qs(urlsplit(url).query).get("bodySHA256", [""])[0].lower()
        if not hmac.compare_digest(digest.encode(), hashlib.sha256(body).hexdigest().encode()):
            return False
    signed = {} if form is None else form
    return any(
        RequestValidator(secret).validate(url, signed, signature, algorithm)
        for secret in secrets
        if secret
    )
