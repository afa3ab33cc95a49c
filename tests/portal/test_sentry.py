"""What is sent to Sentry, and what never is."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import sentry_sdk
from django.test import Client
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from compliance import trail
from portal.checks import operations
from portal.operations import sentry

DSN = "https://key@sentry.example/1"
# Put together here, for the lines of the source around an error are sent.
ADA = "@".join(("ada", "acme.example"))


class Kept(Transport):
    """Instead of the wire."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Any] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        event = envelope.get_event()
        if event is not None:
            self.events.append(event)


@pytest.fixture
def sent() -> Iterator[list[Any]]:
    transport = Kept()
    sentry.start(DSN, transport=transport)
    yield transport.events
    sentry_sdk.get_global_scope().set_client(None)


def fail_with(secret: str) -> None:
    held_in_a_variable = f"value of {secret}"
    raise ValueError(f"cannot read {held_in_a_variable}")


def test_an_error_is_sent_without_what_anybody_entered(sent: list[Any]) -> None:
    with trail.of_request("request-1"), trail.about("CMP-234567"):
        try:
            fail_with(ADA)
        except ValueError:
            logging.getLogger("compliance").exception("%s could not be told", ADA)
    [event] = sent
    said = json.dumps(event, default=str)
    assert ADA not in said
    [error] = event["exception"]["values"]
    assert (error["type"], error["value"]) == ("ValueError", "")
    assert "fail_with" in [frame["function"] for frame in error["stacktrace"]["frames"]]
    assert event["logentry"] == {"message": "%s could not be told"}
    assert event["tags"] == {"request_id": "request-1", "renewal": "CMP-234567"}


def test_of_a_request_only_the_pages_name_is_sent(
    sent: list[Any], client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError(f"typed by {ADA}")

    monkeypatch.setattr("portal.health.Renewal.objects", broken)
    client.raise_request_exception = False
    client.cookies["secret-cookie"] = "in-a-cookie"
    answer = client.get("/healthz?address=Musterstr", HTTP_X_SECRET="in-a-header")
    assert answer.status_code == 500
    said = json.dumps(sent, default=str)
    for secret in (ADA, "Musterstr", "in-a-cookie", "in-a-header", "127.0.0.1"):
        assert secret not in said
    assert "request" not in sent[0]
    assert sent[0]["transaction"] == "/healthz"
    assert "user" not in sent[0]


def test_scrubbing_leaves_nothing_of_a_full_event() -> None:
    event: Any = {
        "request": {"method": "POST", "data": {"name": "Ada"}, "cookies": "c", "headers": {"a": 1}},
        "user": {"email": "ada@acme.example"},
        "extra": {"sys.argv": ["Ada"]},
        "breadcrumbs": {"values": [{"message": "Ada"}]},
        "contexts": {"trace": {"op": "http"}, "celery": {"args": ["Ada"]}},
        "exception": {"values": [{"value": "Ada", "stacktrace": {"frames": [{"vars": "Ada"}]}}]},
        "logentry": {"message": "hello %s", "params": ["Ada"], "formatted": "hello Ada"},
        "tags": {"name": "Ada"},
    }
    assert "Ada" not in json.dumps(sentry.scrubbed(event, {}))
    assert sentry.scrubbed({}, {})["tags"]


def test_without_a_usable_address_nothing_starts(settings: Any) -> None:
    sentry.start("no address")
    assert not sentry_sdk.is_initialized()
    settings.SENTRY_DSN, settings.OPERATIONS_TOKEN = "no address", "short"
    assert [found.id for found in operations()] == ["portal.E024", "portal.E025"]
    settings.SENTRY_DSN, settings.OPERATIONS_TOKEN = DSN, "long enough to be a token"
    assert list(operations()) == []
