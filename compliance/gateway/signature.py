"""Whether a callback was signed by Twilio (``X-Twilio-Signature``).

The SDK's validator has traps, found by running it: it lets a JSON body through unchecked unless it
gets it as text, raises on a missing header or a missing ``bodySHA256``, and takes bytes for text.
"""

import hashlib
import hmac
from urllib.parse import parse_qs, urlsplit

from django.http import QueryDict
from twilio.request_validator import RequestValidator


def is_genuine(
    *,
    url: str,
    body: bytes,
    form: QueryDict | None,
    signature: str,
    token: str,
) -> bool:
    """True only if ``signature`` was made with ``token`` for exactly this call.

    :param url: as Twilio was told it, with its query: from configuration, never from the request.
    :param form: a form-encoded body with its blanks and repetitions; None for JSON and for calls
        without a body.
    """
    if not signature or not token:
        return False
    validator = RequestValidator(token)
    if form is not None:
        return bool(validator.validate(url, form, signature))
    if body:
        digest = parse_qs(urlsplit(url).query).get("bodySHA256", [""])[0]
        if not hmac.compare_digest(digest.lower(), hashlib.sha256(body).hexdigest()):
            return False
    return bool(validator.validate(url, {}, signature))
