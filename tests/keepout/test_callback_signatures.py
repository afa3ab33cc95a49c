"""Which calls are taken for Twilio's: every way in which it signs, and every trap on the way."""

import hashlib
import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.core.signing import Signer
from django.test import Client
from django.utils import timezone

from compliance import accounts, sealing
from compliance.callback_address import callback_url
from compliance.models import Account, Event, Renewal
from compliance.sandbox import seed
from tests.factories import german_renewal, make_account, make_customer
from tests.signing import HOST, signature, with_digest

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
SAID = {"AccountSID": "AC1", "BundleSID": "BU1", "Status": "twilio-approved", "FailureReason": ""}
SHARED = {"X-Twilio-Webhooks-Signature-Settings": "key=webhooks_1,algorithm=HMAC_SHA256"}


@pytest.fixture
def renewal(settings: Any) -> Renewal:
    settings.PUBLIC_URL = HOST
    settings.TWILIO_ACCOUNT_SID = seed.ACCOUNT_SID
    settings.TWILIO_AUTH_TOKEN = seed.AUTH_TOKEN
    settings.TWILIO_REQUIRE_SIGNATURE = True
    customer = make_customer()
    Account.objects.create(sid=seed.ACCOUNT_SID, is_main=True)
    return german_renewal(customer, now=timezone.now(), state="in_review")


@pytest.fixture
def address(renewal: Renewal, settings: Any) -> str:
    settings.TWILIO_BASE_URL = "http://localhost:1"
    return callback_url(renewal).removeprefix(HOST)


def status(address: str, body: str | bytes, signed: str, **more: Any) -> int:
    kind = more.pop("kind", FORM)
    headers = {"X-Twilio-Signature": signed, **more.pop("headers", {})}
    return Client(**more).post(address, body, content_type=kind, headers=headers).status_code


def form(pairs: Any = SAID) -> str:
    return urlencode(pairs)


# --- As Twilio does it ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [FORM, f"{FORM}; charset=UTF-8", FORM.upper()])
def test_a_form_is_signed_with_its_values(address: str, kind: str) -> None:
    assert status(address, form(), signature(address, SAID), kind=kind) == 204


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", ""])
def test_any_other_body_is_signed_by_its_digest(address: str, kind: str) -> None:
    body = json.dumps({"bundle_sid": "BU1", "failure_reason": "zu dunkel, 写真"}).encode()
    full = with_digest(address, body)
    assert status(full, body, signature(full), kind=kind) == 204
    assert status(full, body + b" ", signature(full), kind=kind) == 403
    assert status(address, body, signature(address), kind=kind) == 403


def test_a_form_whose_address_has_a_digest_counts_by_both(address: str) -> None:
    full = with_digest(address, form().encode())
    assert status(full, form(), signature(full, SAID)) == 204
    assert status(full, form(), signature(full)) == 403


def test_a_call_by_get_is_signed_with_its_query_as_it_is(address: str) -> None:
    for query in ("b=2&a=1", "a=1&a=1", "a=&b", "reason=zu%20dunkel&x=%C3%A9", "a=|", "a='\"<>"):
        full = f"{address}?{query}"
        signed = {"X-Twilio-Signature": signature(full)}
        assert Client().get(full, headers=signed).status_code == 204, query
    swapped = {"X-Twilio-Signature": signature(f"{address}?a=1&b=2")}
    assert Client().get(f"{address}?b=2&a=1", headers=swapped).status_code == 403


@pytest.mark.parametrize(
    "pairs",
    [
        [("B", "2"), ("A", "1")],
        [("A", "1"), ("A", "2")],
        [("A", "2"), ("A", "1")],
        [("A", "")],
        [("A", ""), ("a", ""), ("", "x")],
        [("Reason", "Größe, 写真, \u200fع 😀")],
        [("Reason", "a+b & c=d %41")],
        [],
    ],
)
def test_values_are_signed_whatever_they_are(address: str, pairs: list[tuple[str, str]]) -> None:
    assert status(address, form(pairs), signature(address, pairs)) == 204


def test_a_port_may_stand_in_the_address_or_not(address: str, settings: Any) -> None:
    """Twilio signs now with it, now without."""
    for public, signed in (
        ("https://numbers.example.com", "https://numbers.example.com:443"),
        ("https://numbers.example.com:443", "https://numbers.example.com"),
        ("https://numbers.example.com:8443", "https://numbers.example.com:8443"),
    ):
        settings.PUBLIC_URL = public
        right = signature(address, SAID, host=signed)
        assert status(address, form(), right) == 204, public
    foreign = signature(address, SAID, host="https://other.example.com")
    assert status(address, form(), foreign) == 403


def test_the_address_is_the_configured_one_and_never_the_requests(address: str) -> None:
    for headers in (
        {"Host": "localhost"},
        {"X-Forwarded-Host": "localhost", "X-Forwarded-Proto": "https"},
    ):
        signed = signature(address, SAID)
        assert status(address, form(), signed, headers=headers) == 204
    there = signature(address, SAID, host="http://localhost")
    assert status(address, form(), there, headers={"Host": "localhost"}) == 403


def test_without_its_last_slash_it_is_another_address(address: str) -> None:
    short = address.removesuffix("/")
    answer = Client().get(short, headers={"X-Twilio-Signature": signature(short)})
    assert answer.status_code in (301, 404)
    assert not Event.objects.filter(kind="callback").exists()


# --- Keys ----------------------------------------------------------------------------------------


def test_a_shared_key_signs_with_sha_256(address: str, settings: Any) -> None:
    settings.TWILIO_SIGNING_KEYS = {"webhooks_1": "one", "webhooks_2": "two"}
    right = signature(address, SAID, secret="one", with_hash=hashlib.sha256)
    assert status(address, form(), right, headers=SHARED) == 204
    assert status(address, form(), right) == 403
    for name, secret in (("webhooks_2", "one"), ("webhooks_3", "one"), ("webhooks_1", "two")):
        how = dict.fromkeys(SHARED, f"key={name},algorithm=HMAC_SHA256")
        signed = signature(address, SAID, secret=secret, with_hash=hashlib.sha256)
        assert status(address, form(), signed, headers=how) == 403, name
    body = b'{"status": "twilio-approved"}'
    full = with_digest(address, body)
    signed = signature(full, secret="one", with_hash=hashlib.sha256)
    assert status(full, body, signed, kind="application/json", headers=SHARED) == 204


def test_the_auth_token_does_not_pass_for_a_shared_key(address: str, settings: Any) -> None:
    settings.TWILIO_SIGNING_KEYS = {}
    signed = signature(address, SAID, with_hash=hashlib.sha256)
    assert status(address, form(), signed, headers=SHARED) == 403


@pytest.mark.parametrize(
    "how",
    [
        "key=webhooks_1,algorithm=HMAC_MD5",
        "key=webhooks_1,algorithm=none",
        "algorithm=",
        ",,,=,=,",
        "key",
        "key=,algorithm=HMAC_SHA256",
        "algorithm=HMAC_SHA256\\r\\nforged log line",
    ],
)
def test_what_is_said_of_the_key_is_not_believed_nor_logged(
    address: str, settings: Any, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    settings.TWILIO_SIGNING_KEYS = {"webhooks_1": "one", "": ""}
    for secret in ("one", "", "none"):
        signed = signature(address, SAID, secret=secret, with_hash=hashlib.sha256)
        assert status(address, form(), signed, headers=dict.fromkeys(SHARED, how)) == 403
    assert how not in caplog.text


def test_an_auth_token_is_changed_without_losing_a_call(address: str, settings: Any) -> None:
    settings.TWILIO_AUTH_TOKEN = "the new token"
    assert status(address, form(), signature(address, SAID)) == 403
    settings.TWILIO_AUTH_TOKEN_FALLBACKS = [seed.AUTH_TOKEN]
    assert status(address, form(), signature(address, SAID)) == 204
    assert status(address, form(), signature(address, SAID, secret="the new token")) == 204
    settings.TWILIO_AUTH_TOKEN_FALLBACKS = []
    assert status(address, form(), signature(address, SAID)) == 403


def test_an_address_lives_as_long_as_the_key_that_made_it(address: str, settings: Any) -> None:
    old = settings.SECRET_KEY
    settings.SECRET_KEY = "another-secret-of-at-least-fifty-characters-and-more-of-them"
    assert status(address, form(), signature(address, SAID)) == 404
    settings.SECRET_KEY_FALLBACKS = [old]
    assert status(address, form(), signature(address, SAID)) == 204


def test_no_secret_is_no_key(address: str, settings: Any) -> None:
    settings.TWILIO_AUTH_TOKEN = ""
    settings.TWILIO_AUTH_TOKEN_FALLBACKS = [""]
    assert status(address, form(), signature(address, SAID, secret="")) == 403


def test_a_subaccounts_calls_are_signed_with_its_own_token(
    renewal: Renewal, address: str, settings: Any
) -> None:
    account = make_account(sealed_token=sealing.wrap(b"its own"))
    renewal.bundle.account = account
    renewal.bundle.save()
    settings.TWILIO_AUTH_TOKEN_FALLBACKS = ["former"]
    assert status(address, form(), signature(address, SAID, secret="its own")) == 204
    for foreign in (seed.AUTH_TOKEN, "former"):
        assert status(address, form(), signature(address, SAID, secret=foreign)) == 403
    Account.objects.filter(pk=account.pk).update(sealed_token=b"sealed by nobody we know")
    assert status(address, form(), signature(address, SAID, secret="its own")) == 403


def test_one_renewals_call_is_none_of_anothers(renewal: Renewal, address: str) -> None:
    other = german_renewal(make_customer("Other"), now=timezone.now(), state="in_review")
    elsewhere = callback_url(other).removeprefix(HOST)
    assert status(elsewhere, form(), signature(address, SAID)) == 403
    assert status(elsewhere, form(), signature(elsewhere, SAID)) == 204


def test_an_address_that_another_part_of_the_portal_signed_is_none(renewal: Renewal) -> None:
    for salt in ("", "compliance", "django.core.signing"):
        token = Signer(**({"salt": salt} if salt else {})).sign(renewal.reference)
        assert Client().get(f"/hooks/twilio/{quote(token)}/").status_code == 404


# --- What is kept --------------------------------------------------------------------------------


def test_a_call_is_kept_once_however_it_is_written(address: str) -> None:
    signed = signature(address, SAID)
    names = list(SAID)
    for body in (
        form(),
        form([(name, SAID[name]) for name in reversed(names)]),
        form([(name, SAID[name]) for name in names * 7]),
        form([("AccountSIDAC1BundleSID", "BU1"), *list(SAID.items())[2:]]),
    ):
        assert status(address, body, signed) == 204, body
    assert Event.objects.filter(kind="callback").count() == 1


def test_unsigned_calls_leave_one_row_a_day(address: str, settings: Any) -> None:
    settings.TWILIO_REQUIRE_SIGNATURE = False
    for number in range(30):
        assert status(address, form({"n": number}), "") == 204
        assert Client().get(f"{address}?n={number}").status_code == 204
    assert Event.objects.filter(kind="callback").count() <= 2
    assert {event.details["signed"] for event in Event.objects.filter(kind="callback")} == {False}


def test_a_key_for_signatures_is_enough_to_verify_them(settings: Any) -> None:
    settings.TWILIO_AUTH_TOKEN, settings.TWILIO_SIGNING_KEYS = "", {"webhooks_1": "one"}
    assert accounts.can_verify_callbacks()
    settings.TWILIO_SIGNING_KEYS = {}
    assert not accounts.can_verify_callbacks()
