"""How trouble on the wire reaches the engine: as one of three exceptions, soon, without leaks."""

import logging
import time
from typing import Any

import pytest

from compliance.gateway import Gone, Refused, Twilio, Unavailable
from compliance.gateway.transport import client_for, destination
from compliance.sandbox import seed
from tests.patience import PATIENCE
from tests.world import World


@pytest.fixture
def twilio(world: World) -> Twilio:
    return world.twilio()


def test_what_is_not_there_is_gone(twilio: Twilio) -> None:
    with pytest.raises(Gone):
        twilio.bundle("BU" + "0" * 32)


def test_a_list_of_something_that_is_not_there_is_gone(twilio: Twilio) -> None:
    """The SDK raises a bare TwilioException for lists; the status still counts."""
    with pytest.raises(Gone):
        twilio.copies("BU" + "0" * 32)


def test_a_no_carries_twilios_code_and_words(twilio: Twilio) -> None:
    with pytest.raises(Refused) as refusal:
        twilio.replace_items(seed.BUNDLES["acme-de-local"], from_sid=seed.BUNDLES["acme-fr-local"])
    assert refusal.value.code == 22224
    assert refusal.value.message
    assert "Unable to" not in refusal.value.message


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ({"kind": "status", "status": 500}, "server"),
        ({"kind": "status", "status": 503}, "server"),
        ({"kind": "html"}, "server"),
        ({"kind": "html", "status": 200}, "server"),
        ({"kind": "html", "status": 403}, "server"),
        ({"kind": "html", "status": 404}, "server"),
        ({"kind": "status_after"}, "server"),
        ({"kind": "truncate"}, "server"),
        ({"kind": "status", "status": 429, "retry_after": 7}, "limit"),
        ({"kind": "refuse_before"}, "connection"),
        ({"kind": "drop_after"}, "connection"),
    ],
)
def test_passing_trouble_is_unavailable_for_single_objects_and_for_lists(
    world: World, twilio: Twilio, fault: dict[str, Any], cause: str
) -> None:
    world.control("faults", **fault)
    for call in (
        lambda: twilio.bundle(seed.BUNDLES["acme-de-local"]),
        lambda: twilio.copies(seed.BUNDLES["acme-de-local"]),
        lambda: twilio.create_copy(seed.BUNDLES["acme-de-local"], friendly_name="x"),
        lambda: twilio.delete_bundle(seed.BUNDLES["acme-de-local"]),
    ):
        with pytest.raises(Unavailable) as error:
            call()
        assert error.value.cause == cause
        assert error.value.retry_after == (7 if cause == "limit" else None)


BUNDLE = seed.BUNDLES["acme-de-local"]


def tries(world: World) -> list[str]:
    return [entry["method"] for entry in world.requests()]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "html", "status": 200},
        {"kind": "html"},
        {"kind": "html", "status": 404},
        {"kind": "status_after"},
        {"kind": "truncate"},
        {"kind": "refuse_before"},
        {"kind": "drop_after"},
    ],
)
def test_what_is_only_read_is_asked_for_once_more_when_the_first_time_breaks_off(
    world: World, twilio: Twilio, fault: dict[str, Any]
) -> None:
    for call in (lambda: twilio.bundle(BUNDLE), lambda: twilio.copies(BUNDLE)):
        world.control_delete("requests")
        world.control("faults", **fault, times=1)
        call()
        assert tries(world) == ["GET", "GET"]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 429},
        {"kind": "status", "status": 401},
        {"kind": "status", "status": 503, "retry_after": 7},
    ],
)
def test_what_the_next_moment_does_not_mend_is_not_tried_again(
    world: World, twilio: Twilio, fault: dict[str, Any]
) -> None:
    world.control_delete("requests")
    world.control("faults", **fault, times=1)
    with pytest.raises(Unavailable):
        twilio.bundle(BUNDLE)
    assert tries(world) == ["GET"]


@pytest.mark.parametrize("kind", ["status", "status_after", "drop_after", "truncate"])
def test_what_changes_something_is_never_repeated_here(
    world: World, twilio: Twilio, kind: str
) -> None:
    world.control_delete("requests")
    for call in (
        lambda: twilio.create_copy(BUNDLE, friendly_name="x"),
        lambda: twilio.update_bundle(BUNDLE, status_callback="http://localhost/"),
    ):
        world.control("faults", kind=kind, times=1)
        with pytest.raises(Unavailable):
            call()
    assert tries(world) == ["POST", "POST"]


def test_nobody_waits_longer_than_the_time_limit(world: World, settings: Any) -> None:
    """The SDK's own default is to wait for ever."""
    settings.TWILIO_READ_TIMEOUT = 0.3
    client_for.cache_clear()
    world.fault("latency", seconds=10 * PATIENCE)
    began = time.monotonic()
    with pytest.raises(Unavailable) as error:
        world.twilio().bundle(seed.BUNDLES["acme-de-local"])
    client_for.cache_clear()
    assert error.value.cause == "connection"
    assert time.monotonic() - began < PATIENCE
    # Who is silent is not asked a second time.
    assert world.sandbox.state.requests[-1]["method"] == "GET"
    assert len(world.sandbox.state.requests) == 1


def test_wrong_credentials_are_nobodys_refusal(world: World, settings: Any) -> None:
    settings.TWILIO_AUTH_TOKEN = "f" * 32
    with pytest.raises(Unavailable) as error:
        world.twilio().bundle(seed.BUNDLES["acme-de-local"])
    assert error.value.cause == "credentials"


def test_an_api_key_is_used_when_there_is_one(world: World, settings: Any) -> None:
    settings.TWILIO_API_KEY, settings.TWILIO_API_SECRET = seed.API_KEY_SID, seed.API_KEY_SECRET
    settings.TWILIO_AUTH_TOKEN = ""
    assert world.twilio().bundle(seed.BUNDLES["acme-de-local"]).sid
    assert world.requests()[-1]["username"] == seed.API_KEY_SID


def test_credentials_go_to_twilio_and_to_the_configured_base_only() -> None:
    assert destination("https://numbers.twilio.com/v2/x?a=1", base="") == (
        "https://numbers.twilio.com/v2/x?a=1"
    )
    assert destination("https://api.twilio.com/2010?a=1", base="http://localhost:1") == (
        "http://localhost:1/api.twilio.com/2010?a=1"
    )
    for elsewhere in (
        "https://evil.example/v2",
        "http://numbers.twilio.com/v2",
        "https://numbers.twilio.com.evil.example/",
        "https://numbers.twilio.com:8443/",
        "http://localhost:1.evil.example/",
    ):
        with pytest.raises(Unavailable):
            destination(elsewhere, base="http://localhost:1")


def test_lists_are_followed_from_page_to_page(twilio: Twilio, monkeypatch: Any) -> None:
    monkeypatch.setattr("compliance.gateway.twilio.PAGE_SIZE", 3)
    found = [bundle.sid for page in twilio.bundles_with_deadline() for bundle in page]
    assert len(found) > 6
    assert len(found) == len(set(found))
    numbers = [number.sid for number in twilio.numbers()]
    assert len(numbers) == len(set(numbers)) > 6


def test_what_a_customer_entered_is_in_no_log_and_stays_in_no_client(
    world: World, caplog: Any
) -> None:
    caplog.set_level(logging.DEBUG, logger="compliance")
    twilio = world.twilio()
    item = twilio.create_end_user(
        friendly_name="x", type_="individual", attributes={"first_name": "Canary-4711"}
    )
    twilio.delete_item(item.sid)
    assert "Canary-4711" not in caplog.text
    http = twilio._client.http_client
    assert http._test_only_last_request is None
    assert http._test_only_last_response is None
