"""Signs calls as Twilio does, written from the rule and not with Twilio's library."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Any

from compliance.sandbox import seed

HOST = "http://testserver"
Pairs = Iterable[tuple[str, str]]


def signature(
    address: str,
    form: Mapping[str, str] | Pairs = (),
    *,
    secret: str = seed.AUTH_TOKEN,
    with_hash: Any = hashlib.sha1,
    host: str = HOST,
) -> str:
    """Over the whole address, then each name and value of the form in the order of the names; a
    value that is there twice counts once."""
    pairs = form.items() if isinstance(form, Mapping) else form
    text = host + address + "".join(name + value for name, value in sorted(set(pairs)))
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), with_hash).digest()).decode()


def with_digest(address: str, body: bytes) -> str:
    """The address as Twilio calls it with a JSON body."""
    mark = "&" if "?" in address else "?"
    return f"{address}{mark}bodySHA256={hashlib.sha256(body).hexdigest()}"
