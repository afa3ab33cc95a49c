"""X-Twilio-Signature: how Twilio signs what it sends, written from the rule and not with
Twilio's library, so that the two can disagree.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit


def sign(token: str, url: str, values: Mapping[str, str]) -> str:
    """HMAC-SHA1 over the URL as configured, without fragment, followed by each form member's
    name and value in the order of the names. A JSON body signs the URL alone, which then
    carries the body's hash.
    """
    text = _without_fragment(url) + "".join(name + values[name] for name in sorted(values))
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def with_body_hash(url: str, body: bytes) -> str:
    """The URL with ``bodySHA256``, which Twilio adds when the body is JSON."""
    parts = urlsplit(url)
    member = "bodySHA256=" + hashlib.sha256(body).hexdigest()
    query = f"{parts.query}&{member}" if parts.query else member
    return urlunsplit(parts._replace(query=query, fragment=""))


def _without_fragment(url: str) -> str:
    return urlunsplit(urlsplit(url)._replace(fragment=""))
