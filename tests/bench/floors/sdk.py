"""The SDK alone, as its own documentation has it: one client that keeps its connection."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from twilio.http.http_client import TwilioHttpClient  # noqa: TID251  (it is the floor)
from twilio.http.response import Response  # noqa: TID251
from twilio.rest import Client  # noqa: TID251

from compliance.gateway.transport import destination
from tests.chaos.standin import Standin


class _There(TwilioHttpClient):
    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        return super().request(method, destination(url, base=self.base), *args, **kwargs)


def seconds_of_a_call(standin: Standin, *, callers: int = 1, calls: int = 40) -> float:
    """From one end of a call to the next, where each of so many callers makes so many, one after
    the other."""
    account = standin.state.accounts[standin.accounts[0]]

    def caller(_number: int) -> None:
        client = Client(
            account.sid, account.auth_token, http_client=_There(standin.sandbox.base_url)
        )
        bundle = client.numbers.v2.regulatory_compliance.bundles(standin.bundles[0])
        for _ in range(calls):
            bundle.fetch()

    caller(0)
    began = time.perf_counter()
    with ThreadPoolExecutor(callers) as pool:
        list(pool.map(caller, range(callers)))
    return (time.perf_counter() - began) / (calls * callers)
