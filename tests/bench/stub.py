"""Twilio's lists of many bundles, over real HTTP: pages that are written once and then only sent.

It runs in a process of its own (``python -m tests.bench.stub PORT BUNDLES``), so that what it does
takes nothing from what is measured. One bundle in a hundred has a name and a date of change with a
version in them: when the version goes up, these have changed.
"""

import json
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from subprocess import Popen
from typing import Any
from urllib.parse import parse_qs, urlsplit

from compliance.sandbox import seed
from tests import servers
from tests.patience import PATIENCE

PAGE = 1000
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
# Of one length, so that the pages stay as long as they are.
NAME_MARK, DATE_MARK = "v0000", "@@:@@:@@Z"
HOST = "https://numbers.twilio.com"
BUNDLES = "/v2/RegulatoryCompliance/Bundles"
CHANGED_ONE_IN = 100
REGULATIONS = 5
# Others make SIDs, too, and count from one.
OWN = 1 << 64


class Stub:
    """Of a process that runs."""

    def __init__(self, port: int) -> None:
        self.base_url = f"http://127.0.0.1:{port}"
        self.version = 0

    def set_version(self, version: int) -> None:
        self.version = version
        self._get(f"/version/{version}")

    def calls(self) -> int:
        """Since it was asked last."""
        return int(self._get("/calls"))

    def _get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"{self.base_url}{path}", timeout=PATIENCE) as answer:  # noqa: S310
            content: bytes = answer.read()
        return content


@contextmanager
def running(bundles: int) -> Iterator[Stub]:
    port = servers.free_port()
    stub = Stub(port)
    process = Popen([sys.executable, "-m", "tests.bench.stub", str(port), str(bundles)])
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                stub.calls()
                break
            except OSError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.05)
        yield stub
    finally:
        process.terminate()
        process.wait(PATIENCE)


def sid_of(place: int) -> str:
    return f"BU{OWN + place:032x}"


def regulation_sid(place: int) -> str:
    return f"RN{OWN + place % REGULATIONS:032x}"


def number_of(place: int) -> str:
    return f"+4930{place:08}"


def bundle(place: int) -> dict[str, Any]:
    changes = place % CHANGED_ONE_IN == 0
    name = f"Company {place:06}"
    return {
        "sid": sid_of(place),
        "account_sid": seed.ACCOUNT_SID,
        "regulation_sid": regulation_sid(place),
        "friendly_name": f"{name} {NAME_MARK}" if changes else name,
        "status": "twilio-approved",
        "valid_until": _iso(FIRST + timedelta(days=365, minutes=place)),
        "email": f"office-{place:06}@example.com",
        "status_callback": "https://numbers.example.com/hooks/twilio/",
        "date_created": _iso(FIRST),
        "date_updated": f"2026-06-01T{DATE_MARK}" if changes else _iso(FIRST),
        "url": f"{HOST}{BUNDLES}/{sid_of(place)}",
        "links": {
            name: f"{HOST}{BUNDLES}/{sid_of(place)}/{path}"
            for name, path in (
                ("evaluations", "Evaluations"),
                ("item_assignments", "ItemAssignments"),
                ("bundle_copies", "Copies"),
            )
        },
    }


def _iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


class Pages:
    """What is asked for, and what is answered."""

    def __init__(self, bundles: int) -> None:
        self.bundles = bundles
        self.version = 0
        self.calls = 0
        self._dated = [
            self._page(start, f"{HOST}{BUNDLES}?HasValidUntilDate=true&PageSize={PAGE}&Page=")
            for start in range(0, bundles, PAGE)
        ]
        self._numbers = [self._numbers_page(start) for start in range(0, bundles, PAGE)]
        self._newest = json.dumps(
            {"results": [bundle(place) for place in range(2)], "meta": {"next_page_url": None}}
        ).encode()

    def answer(self, address: str) -> bytes:
        if address == "/calls":
            self.calls, told = 0, self.calls
            return str(told).encode()
        if address.startswith("/version/"):
            self.version = int(address.rpartition("/")[2])
            return b""
        self.calls += 1
        parts = urlsplit(address)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return self._versioned(self._found(parts.path, asked))

    def _found(self, path: str, asked: dict[str, str]) -> bytes:
        if path.endswith("/IncomingPhoneNumbers.json"):
            return self._numbers[int(asked.get("Page", 0))]
        if path.endswith("/Accounts.json"):
            own = {"sid": seed.ACCOUNT_SID, "status": "active", "auth_token": seed.AUTH_TOKEN}
            return json.dumps({"accounts": [own], "next_page_uri": None}).encode()
        if "/Regulations/" in path:
            return json.dumps(_regulation(path.rpartition("/")[2])).encode()
        if "HasValidUntilDate" in asked:
            return self._dated[int(asked.get("Page", 0))]
        if asked.get("SortBy") == "date-updated":
            return self._newest
        raise LookupError(path)

    def _versioned(self, page: bytes) -> bytes:
        minutes, seconds = divmod(self.version, 60)
        page = page.replace(NAME_MARK.encode(), f"v{self.version:04}".encode())
        return page.replace(DATE_MARK.encode(), f"00:{minutes:02}:{seconds:02}Z".encode())

    def _page(self, start: int, next_url: str) -> bytes:
        end = min(start + PAGE, self.bundles)
        following = f"{next_url}{start // PAGE + 1}" if end < self.bundles else None
        results = [bundle(place) for place in range(start, end)]
        meta = {"key": "results", "page_size": PAGE, "next_page_url": following}
        return json.dumps({"results": results, "meta": meta}).encode()

    def _numbers_page(self, start: int) -> bytes:
        end = min(start + PAGE, self.bundles)
        rows = [
            {
                "sid": f"PN{place:032x}",
                "phone_number": number_of(place),
                "bundle_sid": sid_of(place),
            }
            for place in range(start, end)
        ]
        path = f"/2010-04-01/Accounts/{seed.ACCOUNT_SID}/IncomingPhoneNumbers.json"
        following = f"{path}?Page={start // PAGE + 1}" if end < self.bundles else None
        return json.dumps({"incoming_phone_numbers": rows, "next_page_uri": following}).encode()


def _regulation(sid: str) -> dict[str, Any]:
    return {
        "sid": sid,
        "friendly_name": "Germany: Local - Business",
        "iso_country": "DE",
        "number_type": "local",
        "end_user_type": "business",
        "requirements": {"end_user": [], "supporting_document": []},
    }


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(self, *args: Any, pages: Pages) -> None:
        self.pages = pages
        super().__init__(*args)

    def do_GET(self) -> None:
        content = self.pages.answer(self.path)
        # In one piece: half of an answer would wait for the other side's acknowledgement.
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(content)}"
        )
        self.wfile.write(head.encode() + b"\r\n\r\n" + content)

    def log_message(self, *args: object) -> None:
        """Says nothing."""


def main() -> None:
    port, bundles = map(int, sys.argv[1:])
    handler = partial(Handler, pages=Pages(bundles))
    ThreadingHTTPServer(("127.0.0.1", port), handler).serve_forever()


if __name__ == "__main__":
    main()
