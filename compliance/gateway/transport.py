"""How a call gets onto the wire: where to, for how long, and how many at once.

Twilio's hosts can be mapped to one base URL (``TWILIO_BASE_URL``), as
``{base}/numbers.twilio.com/...``; nothing else in the application knows whether it talks to Twilio.
"""

import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from compliance.gateway.errors import Unavailable

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


class HttpClient(TwilioHttpClient):
    """The SDK's client with a timeout (it has none), a limit of calls in flight, and no memory."""

    def __init__(self) -> None:
        super().__init__()
        # Set afterwards: the constructor takes a single number only.
        self.timeout: Any = (settings.TWILIO_CONNECT_TIMEOUT, settings.TWILIO_READ_TIMEOUT)
        self._slots = threading.BoundedSemaphore(settings.TWILIO_MAX_CONCURRENCY)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        url = destination(url, base=settings.TWILIO_BASE_URL)
        try:
            with self._slots:
                response = super().request(method, url, *args, **kwargs)
        except requests.RequestException as error:
            raise Unavailable("connection", type(error).__name__) from error
        finally:
            # The SDK keeps the last request, personal data included, for its own tests.
            self._test_only_last_request = None
            self._test_only_last_response = None
        _raise_for_passing_trouble(response)
        return response


def _raise_for_passing_trouble(response: Response) -> None:
    status = response.status_code
    if status == 429:
        raise Unavailable("limit", "20429", retry_after=_retry_after(response))
    if status == 401:
        raise Unavailable("credentials", "Twilio does not accept our credentials (20003)")
    if status >= 500 or status == 408 or 300 <= status < 400:
        raise Unavailable("server", f"HTTP {status}", retry_after=_retry_after(response))


def _retry_after(response: Response) -> float | None:
    value = (response.headers or {}).get("Retry-After", "")
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
        http_client=HttpClient(),
    )
