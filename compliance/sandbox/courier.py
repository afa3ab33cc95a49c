"""Carries status callbacks to their receivers, on a thread of its own.

Twilio promises neither delivery nor order. One receiver that hangs delays the others here, for
at most the timeout.
"""

import base64
import http.client
import json
import threading
from datetime import datetime
from urllib.parse import unquote, urlencode, urlsplit

from compliance.sandbox import sids
from compliance.sandbox.clock import iso
from compliance.sandbox.records import Bundle, Delivery, Json
from compliance.sandbox.signature import sign, with_body_hash
from compliance.sandbox.state import State

TIMEOUT = 5.0

_JSON_NAMES = {
    "AccountSID": "account_sid",
    "BundleSID": "bundle_sid",
    "Status": "status",
    "ValidUntil": "valid_until",
    "FailureReason": "failure_reason",
}


def announce(state: State, bundle: Bundle) -> None:
    """Put the bundle's present status on its way to its StatusCallback, if it has one and
    callbacks are not lost today.
    """
    settings, now = state.callbacks, state.clock.now()
    if not bundle.status_callback or settings.mode == "lost":
        return
    values = {"AccountSID": bundle.account_sid, "BundleSID": bundle.sid, "Status": bundle.status}
    valid_until = iso(bundle.valid_until)
    if valid_until:
        values["ValidUntil"] = valid_until
    values["FailureReason"] = bundle.failure_reason
    late = settings.mode == "late"
    delivery = Delivery(
        due=datetime.fromtimestamp(now.timestamp() + (settings.seconds if late else 0), now.tzinfo),
        url=bundle.status_callback,
        account_sid=bundle.account_sid,
        values=values,
        signed=settings.mode != "unsigned",
        format=settings.format,
        method=settings.method,
    )
    state.outbox += [delivery] * (2 if settings.mode == "doubled" else 1)


class Courier:
    def __init__(self, state: State) -> None:
        self._state = state
        self._wake = threading.Event()
        self._stop = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._stop = False
        self._thread = threading.Thread(target=self._run, name="sandbox-courier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(TIMEOUT + 1)

    def wake(self) -> None:
        self._wake.set()

    def _run(self) -> None:
        while not self._stop:
            delivery = self._take()
            if delivery is None:
                self._wake.wait(0.2)
                self._wake.clear()
            else:
                self._deliver(delivery)

    def _take(self) -> Delivery | None:
        state = self._state
        with state.lock:
            now = state.clock.now()
            for index, delivery in enumerate(state.outbox):
                if delivery.due <= now:
                    del state.outbox[index]
                    state.save()
                    return delivery
        return None

    def _deliver(self, delivery: Delivery) -> None:
        with self._state.lock:
            account = self._state.accounts.get(delivery.account_sid)
            log = self._state.deliveries
        url, headers, body = compose(delivery, account.auth_token if account else "")
        outcome: Json = {"url": url, "values": delivery.values, "signed": delivery.signed}
        for attempt in (1, 2):
            outcome["attempt"] = attempt
            try:
                outcome["status"] = _send(delivery.method, url, headers, body)
                break
            except _NotReached as error:
                # Twilio's default: one more try when the connection could not be made.
                outcome["error"] = str(error)
            except (OSError, ValueError, http.client.HTTPException) as error:
                outcome["error"] = str(error) or type(error).__name__
                break
        with self._state.lock:
            log.append(outcome)


class _NotReached(Exception):
    """There was nobody to talk to."""


def compose(delivery: Delivery, token: str) -> tuple[str, dict[str, str], bytes]:
    """URL, headers and body of a callback."""
    url, values = delivery.url, delivery.values
    headers = {"User-Agent": "TwilioProxy/1.1", "I-Twilio-Idempotency-Token": sids.new("")}
    body, signed_values = b"", values
    if delivery.method == "GET":
        parts = urlsplit(url)
        query = "&".join(filter(None, [parts.query, urlencode(values)]))
        url, signed_values = parts._replace(query=query, fragment="").geturl(), {}
    elif delivery.format == "json":
        body = json.dumps({_JSON_NAMES[name]: value for name, value in values.items()}).encode()
        headers["Content-Type"] = "application/json"
        url, signed_values = with_body_hash(url, body), {}
    else:
        body = urlencode(values).encode()
        headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
    if delivery.signed:
        headers["X-Twilio-Signature"] = sign(token, url, signed_values)
    return url, headers, body


def _send(method: str, url: str, headers: dict[str, str], body: bytes) -> int:
    parts = urlsplit(url)
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    kinds: dict[str, type[http.client.HTTPConnection]] = {
        "http": http.client.HTTPConnection,
        "https": http.client.HTTPSConnection,
    }
    if parts.scheme not in kinds or not parts.hostname:
        raise ValueError(f"cannot call {url}")
    connection = kinds[parts.scheme](parts.hostname, parts.port, timeout=TIMEOUT)
    try:
        try:
            connection.connect()
        except OSError as error:
            raise _NotReached(str(error) or type(error).__name__) from None
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, body=body or None, headers=headers)
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()
