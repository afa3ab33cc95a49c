"""Twilio's status callbacks: genuine or forged, once or a thousand times, all are but hints."""

import hashlib
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client

from compliance.callback_address import callback_url
from compliance.models import Event, Renewal
from compliance.sandbox import seed
from tests.signing import signature
from tests.world import World

FORM = {"AccountSID": seed.ACCOUNT_SID, "BundleSID": "BU1", "Status": "x", "FailureReason": ""}


@pytest.fixture
def renewal(world: World, settings: Any) -> Renewal:
    settings.PUBLIC_URL = "http://testserver"
    world.prepared("acme-de-passes")
    renewal = world.send("acme-de-passes")
    Renewal.objects.update(looked_at=None)
    return renewal


@pytest.fixture
def address(renewal: Renewal) -> str:
    return callback_url(renewal).removeprefix("http://testserver")


def sign(address: str, form: dict[str, str] | None = None) -> str:
    return signature(address, form or {})


def post(client: Client, address: str, form: dict[str, str], **options: Any) -> HttpResponse:
    body = urlencode(form)
    answer: HttpResponse = client.post(
        address, body, content_type="application/x-www-form-urlencoded", **options
    )
    return answer


def is_due(renewal: Renewal) -> bool:
    renewal.refresh_from_db()
    return renewal.next_look_at is not None


def test_a_signed_form_makes_the_renewal_due(
    client: Client, renewal: Renewal, address: str
) -> None:
    answer = post(client, address, FORM, headers={"X-Twilio-Signature": sign(address, FORM)})
    assert answer.status_code == 204
    assert is_due(renewal)
    assert Event.objects.get(kind="callback").details == {"signed": True}


def test_a_blank_value_and_an_extra_one_are_part_of_the_signature(
    client: Client, renewal: Renewal, address: str
) -> None:
    form = {**FORM, "ValidUntil": "", "Something": "new"}
    answer = post(client, address, form, headers={"X-Twilio-Signature": sign(address, form)})
    assert answer.status_code == 204


def test_a_signed_json_body_counts_by_its_digest(
    client: Client, renewal: Renewal, address: str
) -> None:
    body = json.dumps({"bundle_sid": "BU1", "status": "twilio-approved"})
    full = f"{address}?bodySHA256={hashlib.sha256(body.encode()).hexdigest()}"
    headers = {"X-Twilio-Signature": sign(full)}
    ok = client.post(full, body, content_type="application/json", headers=headers)
    assert ok.status_code == 204
    tampered = body.replace("approved", "rejected")
    bad = client.post(full, tampered, content_type="application/json", headers=headers)
    assert bad.status_code == 403
    without = client.post(address, body, content_type="application/json", headers=headers)
    assert without.status_code == 403


def test_a_call_by_get_is_taken_too(client: Client, renewal: Renewal, address: str) -> None:
    full = f"{address}?Status=twilio-approved"
    answer = client.get(full, headers={"X-Twilio-Signature": sign(full)})
    assert answer.status_code == 204
    assert is_due(renewal)


def test_without_a_signature_it_depends_on_the_setting(
    client: Client, renewal: Renewal, address: str, settings: Any
) -> None:
    settings.TWILIO_REQUIRE_SIGNATURE = True
    assert post(client, address, FORM).status_code == 403
    assert not is_due(renewal)
    settings.TWILIO_REQUIRE_SIGNATURE = False
    assert post(client, address, FORM).status_code == 204
    assert is_due(renewal)


def test_a_wrong_signature_is_refused_where_signatures_are_required(
    client: Client, renewal: Renewal, address: str
) -> None:
    answer = post(client, address, FORM, headers={"X-Twilio-Signature": "nonsense"})
    assert answer.status_code == 403
    assert not is_due(renewal)


def test_without_our_token_a_signed_call_is_a_hint_like_an_unsigned_one(
    client: Client, renewal: Renewal, address: str, settings: Any
) -> None:
    settings.TWILIO_REQUIRE_SIGNATURE = False
    settings.TWILIO_AUTH_TOKEN = ""
    answer = post(client, address, FORM, headers={"X-Twilio-Signature": sign(address, FORM)})
    assert answer.status_code == 204
    assert Event.objects.get(kind="callback").details == {"signed": False}
    assert is_due(renewal)


def test_an_address_that_was_guessed_is_not_there(client: Client, renewal: Renewal) -> None:
    assert client.post(f"/hooks/twilio/{renewal.reference}:guess/", FORM).status_code == 404
    assert client.post(f"/hooks/twilio/{renewal.reference}/", FORM).status_code == 404


def test_a_flood_of_callbacks_changes_nothing_by_itself(
    world: World, client: Client, renewal: Renewal, address: str
) -> None:
    headers = {"X-Twilio-Signature": sign(address, FORM)}
    before = len(world.requests())
    for _ in range(20):
        assert post(client, address, FORM, headers=headers).status_code == 204
    assert len(world.requests()) == before
    assert Event.objects.filter(kind="callback").count() == 1
    renewal.refresh_from_db()
    assert renewal.state == Renewal.State.IN_REVIEW


def test_an_oversized_body_is_not_read(client: Client, renewal: Renewal, address: str) -> None:
    answer = client.post(address, "x" * 70_000, content_type="application/json")
    assert answer.status_code == 413


def test_other_methods_are_not_allowed(client: Client, address: str) -> None:
    assert client.put(address).status_code == 405


def test_a_callback_after_the_end_is_thanked_for(
    world: World, client: Client, renewal: Renewal, address: str
) -> None:
    world.control(f"bundles/{renewal.copy_sid}/approve")
    assert world.look("acme-de-passes").state == Renewal.State.COMPLETED
    assert post(client, address, FORM).status_code == 204
