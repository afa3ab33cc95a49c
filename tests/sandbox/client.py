"""The real SDK, pointed at the sandbox: the only client of the sandbox in these tests. It can do
everything but upload, which Twilio's own pages leave to plain HTTP too.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from compliance.sandbox import seed
from tests.patience import PATIENCE

HOSTS = ("numbers.twilio.com", "numbers-upload.twilio.com", "api.twilio.com")


class SandboxHttpClient(TwilioHttpClient):
    """Sends what is meant for Twilio to ``base_url``; addresses that lead there already stay."""

    def __init__(self, base_url: str, timeout: float | None = PATIENCE) -> None:
        super().__init__(timeout=timeout, pool_connections=False)
        self.base_url = base_url
        self.last: Response | None = None

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        for host in HOSTS:
            url = url.replace(f"https://{host}/", f"{self.base_url}/{host}/")
        self.last = super().request(method, url, *args, **kwargs)
        return self.last


def main_account(base_url: str, **options: Any) -> Client:
    http_client = SandboxHttpClient(base_url, **options)
    return Client(seed.ACCOUNT_SID, seed.AUTH_TOKEN, http_client=http_client)


def subaccount(base_url: str) -> Client:
    http_client = SandboxHttpClient(base_url)
    return Client(seed.SUBACCOUNT_SID, seed.SUBACCOUNT_TOKEN, http_client=http_client)


def compliance(client: Client) -> Any:
    return client.numbers.v2.regulatory_compliance


def upload(
    base_url: str,
    *,
    type: str,  # noqa: A002
    attributes: dict[str, Any] | None = None,
    file: tuple[str, bytes, str] | None = None,
    friendly_name: str = "A document",
    auth: tuple[str, str] = (seed.ACCOUNT_SID, seed.AUTH_TOKEN),
) -> requests.Response:
    return requests.post(
        f"{base_url}/numbers-upload.twilio.com/v2/RegulatoryCompliance/SupportingDocuments",
        auth=auth,
        data={
            "FriendlyName": friendly_name,
            "Type": type,
            "Attributes": json.dumps(attributes or {}),
        },
        files={"File": file} if file else {"Unused": ("", b"")},
        timeout=PATIENCE,
    )


def control(base_url: str, path: str, body: Any = None, method: str = "POST") -> Any:
    """The control API's answer; an error status fails the test."""
    response = requests.request(method, f"{base_url}/sandbox/{path}", json=body, timeout=PATIENCE)
    assert response.ok, response.text
    return response.json()


@contextmanager
def refused(code: int, status: int = 400) -> Iterator[pytest.ExceptionInfo[TwilioRestException]]:
    """The call inside is refused with this code."""
    with pytest.raises(TwilioRestException) as caught:
        yield caught
    assert (caught.value.code, caught.value.status) == (code, status)


@contextmanager
def list_refused(code: int, status: int = 400) -> Iterator[None]:
    """The same for a list call, of which the SDK only hands over the answer."""
    with pytest.raises(TwilioException) as caught:
        yield
    answer = caught.value.args[1]
    assert (json.loads(answer.text)["code"], answer.status_code) == (code, status)
