"""How a call gets onto the wire: where to, for how long, and how many at once.

Twilio's hosts can be mapped to one base URL (``TWILIO_BASE_URL``), as
``{base}/numbers.twilio.com/...``; nothing else in the application knows whether it talks to Twilio.
"""

import json
import re
import time
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from compliance import measures
from compliance.gateway.errors import Unavailable
from compliance.slots import Busy, Slots

HOSTS = ("numbers.twilio.com", "numbers-upload.twilio.com", "api.twilio.com")


@dataclass(frozen=True)
class Credentials:
    """What an account is called and how it signs in: with its auth token, or with an API key."""

    account_sid: str
    username: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials({self.account_sid!r})"


def destination(url: str, *, base: str) -> str:
    """Where a call to ``url`` goes. Credentials go to Twilio or to the configured base only.

    Lists carry the address of their next page, so an address that comes from outside is checked.
    """
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname in HOSTS and parts.port in (None, 443):
        return f"{base}/{parts.hostname}{url.partition(parts.netloc)[2]}" if base else url
    if base and url.startswith(f"{base}/"):
        return url
    raise Unavailable("server", f"an address outside of Twilio: {parts.hostname}")


class Answer(Response):
    """What came back, decoded once: a page of a list is large."""

    @cached_property
    def payload(self) -> Any:
        """None, too, for what is no JSON."""
        try:
            return json.loads(self.text)
        except ValueError:
            return None


class HttpClient(TwilioHttpClient):
    """The SDK's client with a timeout (it has none), a limit of calls in flight, and no memory. A
    GET that breaks off, or whose answer is not the API's, is repeated once, at once."""

    def __init__(self, account_sid: str) -> None:
        super().__init__()
        # Set afterwards: the constructor takes a single number only.
        self.timeout: Any = (settings.TWILIO_CONNECT_TIMEOUT, settings.TWILIO_READ_TIMEOUT)
        self._slots = Slots(account_sid)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Answer:
        url = destination(url, base=settings.TWILIO_BASE_URL)
        began = time.monotonic()
        try:
            return self._try(method, url, *args, **kwargs)
        except Unavailable as trouble:
            # No timeout is ever that short, and a lease covers a try of that length more.
            soon = time.monotonic() - began < min(self.timeout)
            if method.upper() != "GET" or not soon or not _is_momentary(trouble):
                raise
        return self._try(method, url, *args, **kwargs)

    def _try(self, method: str, url: str, *args: Any, **kwargs: Any) -> Answer:
        began = time.monotonic()
        try:
            with self._slots.one():
                began = time.monotonic()
                came = super().request(method, url, *args, **kwargs)
        except Busy as error:
            raise Unavailable("busy", "as many calls as are allowed are under way") from error
        except requests.RequestException as error:
            _count(method, url, None, began)
            raise Unavailable("connection", type(error).__name__) from error
        finally:
            # The SDK keeps the last request, personal data included, for its own tests.
            self._test_only_last_request = None
            self._test_only_last_response = None
        answer = Answer(came.status_code, came.text, came.headers)
        _count(method, url, answer, began)
        if answer.status_code == 429:
            self._slots.slow_down()
        _raise_for_passing_trouble(answer)
        _raise_for_a_strange_answer(method, answer)
        return answer


def operation(method: str, url: str) -> str:
    """What was asked for, without whose it is: ``POST Bundles/*/Copies``."""
    path = _VERSION.sub("", urlsplit(url).path).removesuffix(".json")
    return f"{method.upper()} {_SID.sub('*', path)}"


_VERSION = re.compile(r"^.*/(v\d/RegulatoryCompliance|2010-04-01)/")
_SID = re.compile(r"[A-Z]{2}[0-9a-fA-F]{32}")


def _is_momentary(trouble: Unavailable) -> bool:
    """Neither a limit nor wrong credentials, nor an outage until a time that Twilio has named."""
    return trouble.cause in ("connection", "server") and trouble.retry_after is None


def _count(method: str, url: str, answer: Answer | None, began: float) -> None:
    outcome = "connection" if answer is None else _outcome(answer.status_code)
    code = _error_code(answer) if answer is not None and outcome != "ok" else ""
    seconds = time.monotonic() - began
    measures.note_call(operation(method, url), outcome, seconds=seconds, code=code)


def _outcome(status: int) -> str:
    named = {401: "credentials", 404: "gone", 408: "server", 429: "limit"}
    if status in named:
        return named[status]
    if 200 <= status < 300:
        return "ok"
    return "refused" if 400 <= status < 500 else "server"


def _error_code(answer: Answer) -> str:
    """Twilio's number; its words can repeat a name or an address."""
    code = answer.payload.get("code") if isinstance(answer.payload, dict) else None
    return str(code) if isinstance(code, int) else ""


def _raise_for_passing_trouble(answer: Answer) -> None:
    status = answer.status_code
    if status == 429:
        raise Unavailable("limit", "20429", retry_after=_retry_after(answer))
    if status == 401:
        raise Unavailable("credentials", "Twilio does not accept our credentials (20003)")
    if status >= 500 or status == 408 or 300 <= status < 400:
        raise Unavailable("server", f"HTTP {status}", retry_after=_retry_after(answer))


def _raise_for_a_strange_answer(method: str, answer: Answer) -> None:
    """A page from something in between, or half of an answer: the SDK would take it for a deletion
    that was carried out, a 404 for an object that is gone, and a 400 for Twilio's no."""
    may_be_empty = method.upper() != "GET" and answer.status_code < 400
    must_be_told = not may_be_empty or (method.upper() == "DELETE" and answer.text)
    if must_be_told and not isinstance(answer.payload, dict):
        raise Unavailable("server", f"HTTP {answer.status_code}, and not the API's answer")


def _retry_after(answer: Answer) -> float | None:
    value = (answer.headers or {}).get("Retry-After", "")
    try:
        return max(0.0, float(value))
    except ValueError:
        return None


@lru_cache(maxsize=64)
def client_for(credentials: Credentials, base: str) -> Client:
    """One client, and so one set of kept-alive connections, per account and process."""
    return Client(
        credentials.username,
        credentials.password,
        credentials.account_sid,
        http_client=HttpClient(credentials.account_sid),
    )
