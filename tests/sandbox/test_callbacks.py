"""Status callbacks: when they come, what they say, and their signature, which Twilio's own
validator judges.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from twilio.request_validator import RequestValidator

from compliance.sandbox import Sandbox, seed
from tests.patience import until
from tests.sandbox.client import control
from tests.sandbox.receiver import Received, Receiver

PASSES, THEIRS = seed.BUNDLES["acme-de-passes"], seed.BUNDLES["harbour-gb-local"]
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    yield server
    server.stop()


def is_genuine(receiver: Receiver, call: Received, token: str = seed.AUTH_TOKEN) -> bool:
    url = receiver.url.partition("/hook")[0] + call.path
    is_form = call.headers.get("Content-Type", "").startswith(FORM)
    params = call.form if is_form else call.body or {}
    signature = call.headers.get("X-Twilio-Signature", "")
    return bool(RequestValidator(token).validate(url, params, signature))


def submitted_copy(api: Any, receiver: Receiver) -> Any:
    copy = api.bundles(api.bundles(PASSES).bundle_copies.create().sid)
    copy.update(status_callback=receiver.url)
    copy.update(status="pending-review")
    return copy.fetch()


def test_a_decision_is_told_in_a_signed_form(
    sandbox: Sandbox, api: Any, receiver: Receiver
) -> None:
    copy = submitted_copy(api, receiver)
    control(sandbox.base_url, f"bundles/{copy.sid}/reject", {"reason": "Zu dunkel, bitte neu"})

    sent, decided = receiver.wait_for(2)

    assert sent.form["Status"] == "pending-review"
    assert decided.form == {
        "AccountSID": seed.ACCOUNT_SID,
        "BundleSID": copy.sid,
        "Status": "twilio-rejected",
        "FailureReason": "Zu dunkel, bitte neu",
    }
    assert is_genuine(receiver, sent)
    assert is_genuine(receiver, decided)
    assert not is_genuine(receiver, decided, "another token")


def test_an_approval_has_an_empty_reason(sandbox: Sandbox, api: Any, receiver: Receiver) -> None:
    copy = submitted_copy(api, receiver)
    control(sandbox.base_url, f"bundles/{copy.sid}/approve")

    _, approved = receiver.wait_for(2)

    assert approved.body.endswith("Status=twilio-approved&FailureReason=")
    assert is_genuine(receiver, approved)


def test_going_into_review_is_not_told(sandbox: Sandbox, api: Any, receiver: Receiver) -> None:
    copy = submitted_copy(api, receiver)
    control(sandbox.base_url, f"bundles/{copy.sid}/in-review")
    control(sandbox.base_url, f"bundles/{copy.sid}/approve")

    calls = receiver.wait_for(2)

    assert [call.form["Status"] for call in calls] == ["pending-review", "twilio-approved"]


def test_a_new_date_is_told_although_the_status_stays(
    sandbox: Sandbox, api: Any, receiver: Receiver
) -> None:
    api.bundles(PASSES).update(status_callback=receiver.url)
    control(sandbox.base_url, f"bundles/{PASSES}/deadline", {"valid_until": "2099-01-02T03:04:05Z"})

    (call,) = receiver.wait_for(1)

    assert call.form["Status"] == "twilio-approved"
    assert call.form["ValidUntil"] == "2099-01-02T03:04:05Z"
    assert is_genuine(receiver, call)


def test_an_expired_bundle_is_told(sandbox: Sandbox, api: Any, receiver: Receiver) -> None:
    api.bundles(PASSES).update(status_callback=receiver.url)
    control(sandbox.base_url, "clock", {"advance_seconds": 3 * 86_400})

    (call,) = receiver.wait_for(1)

    assert call.form["Status"] == "twilio-rejected"
    assert call.form["FailureReason"]


def test_a_subaccounts_callbacks_are_signed_with_its_own_token(
    sandbox: Sandbox, sub_api: Any, receiver: Receiver
) -> None:
    sub_api.bundles(THEIRS).update(status_callback=receiver.url)
    control(sandbox.base_url, f"bundles/{THEIRS}/reject", {})

    (call,) = receiver.wait_for(1)

    assert call.form["AccountSID"] == seed.SUBACCOUNT_SID
    assert is_genuine(receiver, call, seed.SUBACCOUNT_TOKEN)
    assert not is_genuine(receiver, call, seed.AUTH_TOKEN)


def test_callbacks_can_be_json_with_the_hash_of_their_body(
    sandbox: Sandbox, api: Any, receiver: Receiver
) -> None:
    control(sandbox.base_url, "callbacks", {"format": "json"})
    api.bundles(PASSES).update(status_callback=receiver.url)
    control(sandbox.base_url, f"bundles/{PASSES}/reject", {"reason": "No"})

    (call,) = receiver.wait_for(1)

    body = json.loads(call.body)
    assert body.pop("valid_until").endswith("Z")
    assert body == {
        "account_sid": seed.ACCOUNT_SID,
        "bundle_sid": PASSES,
        "status": "twilio-rejected",
        "failure_reason": "No",
    }
    assert "token=1&bodySHA256=" in call.path
    assert is_genuine(receiver, call)


def test_callbacks_can_come_by_get(sandbox: Sandbox, api: Any, receiver: Receiver) -> None:
    control(sandbox.base_url, "callbacks", {"method": "GET"})
    api.bundles(PASSES).update(status_callback=receiver.url)
    control(sandbox.base_url, f"bundles/{PASSES}/reject", {})

    (call,) = receiver.wait_for(1)

    assert call.method == "GET"
    assert f"BundleSID={PASSES}" in call.path
    assert is_genuine(receiver, call)


def test_callbacks_can_be_doubled_unsigned_lost_and_late(
    sandbox: Sandbox, api: Any, receiver: Receiver
) -> None:
    api.bundles(PASSES).update(status_callback=receiver.url)

    def decide(verb: str, **settings: Any) -> None:
        control(sandbox.base_url, "callbacks", {"mode": "normal"} | settings)
        control(sandbox.base_url, f"bundles/{PASSES}/{verb}", {})

    decide("reject", mode="doubled")
    first, second = receiver.wait_for(2)
    decide("approve", mode="unsigned")
    *_, unsigned = receiver.wait_for(3)
    decide("reject", mode="lost")
    decide("approve", mode="late", seconds=600)
    decide("provisional", mode="normal")
    *_, fourth = receiver.wait_for(4)
    control(sandbox.base_url, "clock", {"advance_seconds": 700})
    *_, fifth = receiver.wait_for(5)

    assert first.form == second.form
    assert "X-Twilio-Signature" not in unsigned.headers
    assert fourth.form["Status"] == "provisionally-approved"
    assert fifth.form["Status"] == "twilio-approved"


def test_a_receiver_that_is_away_does_no_harm(sandbox: Sandbox, api: Any) -> None:
    api.bundles(PASSES).update(status_callback="http://127.0.0.1:9/hook")
    control(sandbox.base_url, f"bundles/{PASSES}/reject", {})

    until(lambda: sandbox.state.deliveries)
    (delivery,) = control(sandbox.base_url, "callbacks", method="GET")["deliveries"]
    assert delivery["attempt"] == 2
    assert delivery["error"]
    assert api.bundles(PASSES).fetch().status == "twilio-rejected"


def test_fragments_and_credentials_in_the_address_are_understood(
    sandbox: Sandbox, api: Any, receiver: Receiver
) -> None:
    address = receiver.url.replace("http://", "http://user:p%40ss@") + "#rc=3&rp=all"
    api.bundles(PASSES).update(status_callback=address)
    control(sandbox.base_url, f"bundles/{PASSES}/reject", {})

    (call,) = receiver.wait_for(1)

    assert call.headers["Authorization"] == "Basic dXNlcjpwQHNz"
    assert call.path == "/hook?token=1"


def test_replacing_items_tells_nothing_unless_switched_on(
    sandbox: Sandbox, api: Any, receiver: Receiver
) -> None:
    copy = api.bundles(api.bundles(PASSES).bundle_copies.create().sid)
    copy.update(status="pending-review")
    control(sandbox.base_url, f"bundles/{copy.fetch().sid}/approve")
    api.bundles(PASSES).update(status_callback=receiver.url)
    control(sandbox.base_url, "switches", {"callback_on_replace": True})

    api.bundles(PASSES).replace_items.create(from_bundle_sid=copy.fetch().sid)

    (call,) = receiver.wait_for(1)
    assert call.form["Status"] == "twilio-approved"
    assert "ValidUntil" not in call.form
