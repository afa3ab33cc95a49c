"""Ten thousand calls to the addresses for Twilio's callbacks, most of them false in some way: what
a renewal's state becomes is what Twilio says when it is asked, and nothing else.
"""

import hashlib
import json
from collections import Counter
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.core.cache import cache
from django.test import Client

from compliance.callback_address import callback_url
from compliance.models import Event, Renewal
from compliance.sandbox import seed
from tests.signing import HOST, signature, with_digest
from tests.world import World

CALLS, ROUNDS = 10_000, 25
SEED = 20261121
FORM = "application/x-www-form-urlencoded"
STATUSES = (
    *("draft", "pending-review", "in-review", "twilio-rejected", "twilio-approved"),
    *("provisionally-approved", "", "completed", "Twilio-Approved ", "' OR 1=1 --", "\x00", "写真"),
)
STATES = Renewal.State
PASSES, LACKS = "acme-de-passes", "acme-de-local"


class Storm:
    """Calls of every kind, the same in each run."""

    def __init__(self, addresses: list[str]) -> None:
        self.random = Random(SEED)  # noqa: S311 (it is to be the same each time)
        self.client = Client()
        self.addresses = addresses
        self.sent: list[tuple[str, str, str | bytes, str, dict[str, str]]] = []
        self.answers: Counter[tuple[str, int]] = Counter()

    def blow(self, calls: int) -> None:
        kinds = (self.true, self.true, self.by_get, self.json, self.sha256)
        false = (self.forged, self.tampered, self.foreign, self.guessed, self.broken, self.huge)
        again = (self.replayed, self.doubled, self.reordered)
        for _ in range(calls):
            kind = self.random.choice((*kinds, *false, *again, *again))
            self.answers[kind.__name__, kind()] += 1

    def said(self) -> dict[str, str]:
        return {
            "AccountSID": seed.ACCOUNT_SID,
            "BundleSID": self.random.choice(list(seed.BUNDLES.values())),
            "Status": self.random.choice(STATUSES),
            "FailureReason": self.random.choice(("", "zu dunkel", "x" * 2000)),
        }

    def address(self) -> str:
        return self.random.choice(self.addresses)

    def call(
        self, method: str, address: str, body: str | bytes, kind: str, headers: dict[str, str]
    ) -> int:
        self.sent.append((method, address, body, kind, headers))
        return self.again(-1)

    def again(self, which: int) -> int:
        method, address, body, kind, headers = self.sent[which]
        data = body.encode() if isinstance(body, str) else body
        return self.client.generic(
            method, address, data, content_type=kind, headers=headers
        ).status_code

    # --- As Twilio calls ---------------------------------------------------------------------

    def true(self) -> int:
        address, said = self.address(), self.said()
        signed = {"X-Twilio-Signature": signature(address, said)}
        return self.call("POST", address, urlencode(said), FORM, signed)

    def by_get(self) -> int:
        address = f"{self.address()}?{urlencode(self.said())}"
        return self.call("GET", address, "", "", {"X-Twilio-Signature": signature(address)})

    def json(self) -> int:
        body = json.dumps({name.lower(): value for name, value in self.said().items()}).encode()
        full = with_digest(self.address(), body)
        signed = {"X-Twilio-Signature": signature(full)}
        return self.call("POST", full, body, "application/json", signed)

    def sha256(self) -> int:
        address, said = self.address(), self.said()
        signed = {
            "X-Twilio-Signature": signature(
                address, said, secret="shared", with_hash=hashlib.sha256
            ),
            "X-Twilio-Webhooks-Signature-Settings": "key=webhooks_1,algorithm=HMAC_SHA256",
        }
        return self.call("POST", address, urlencode(said), FORM, signed)

    # --- As nobody but an enemy does ---------------------------------------------------------

    def forged(self) -> int:
        address, said = self.address(), self.said()
        secret = self.random.choice(("", "guess", seed.AUTH_TOKEN[:-1], seed.SUBACCOUNT_TOKEN))
        signed = {"X-Twilio-Signature": signature(address, said, secret=secret)}
        headers = self.random.choice((signed, {}, {"X-Twilio-Signature": ""}))
        return self.call("POST", address, urlencode(said), FORM, headers)

    def tampered(self) -> int:
        address, said = self.address(), self.said()
        signed = {"X-Twilio-Signature": signature(address, said)}
        changed = urlencode({**said, "Status": said["Status"] + "!"})
        return self.call("POST", address, changed, FORM, signed)

    def foreign(self) -> int:
        """Genuine, but for another address."""
        address, said = self.address(), self.said()
        other = next(each for each in self.addresses if each != address)
        signed = {"X-Twilio-Signature": signature(other, said)}
        return self.call("POST", address, urlencode(said), FORM, signed)

    def guessed(self) -> int:
        address = self.address()
        at = self.random.randrange(len("/hooks/twilio/"), len(address) - 1)
        odd = quote(self.random.choice("AZaz09-_:.é/%"))
        guess = address[:at] + odd + address[at + 1 :]
        if guess == address:
            guess = address[:-2] + "/"
        return self.call("POST", guess, urlencode(self.said()), FORM, {})

    def broken(self) -> int:
        """Neither form nor JSON, or less than was announced."""
        address = self.address()
        body = self.random.randbytes(self.random.randrange(300))
        kind = self.random.choice((FORM, "application/json", "multipart/form-data", "x", ""))
        method = self.random.choice(("POST", "GET", "PUT", "DELETE", "OPTIONS", "HEAD"))
        headers = {"X-Twilio-Signature": signature(address)}
        if self.random.random() < 0.2:
            headers["Content-Length"] = self.random.choice(("-1", "x", "", "9" * 30, "70000"))
        return self.call(method, address, body, kind, headers)

    def huge(self) -> int:
        address = self.address()
        fields = urlencode([(f"f{n}", "") for n in range(1000)])
        body = self.random.choice((fields, "x" * 66_000))
        return self.call("POST", address, body, FORM, {"X-Twilio-Signature": signature(address)})

    # --- What was true once, again -----------------------------------------------------------

    def replayed(self) -> int:
        return self.again(self.random.randrange(len(self.sent))) if self.sent else self.true()

    def doubled(self) -> int:
        """The same words twice in one form have the same signature."""
        address, said = self.address(), self.said()
        pairs = list(said.items()) * self.random.randrange(2, 9)
        signed = {"X-Twilio-Signature": signature(address, said)}
        return self.call("POST", address, urlencode(pairs), FORM, signed)

    def reordered(self) -> int:
        address, said = self.address(), self.said()
        pairs = self.random.sample(list(said.items()), len(said))
        signed = {"X-Twilio-Signature": signature(address, said)}
        return self.call("POST", address, urlencode(pairs), FORM, signed)


@pytest.fixture
def callbacks(world: World, settings: Any, caplog: pytest.LogCaptureFixture) -> list[Renewal]:
    """One renewal in review, and one that waits for its customer."""
    # What the pages need is not asked of it here; the tests of signatures go the whole way.
    settings.MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
    # Each refusal is a line, some with a whole traceback, that nobody reads here.
    caplog.set_level("CRITICAL", logger="django")
    settings.PUBLIC_URL = HOST
    settings.TWILIO_REQUIRE_SIGNATURE = True
    settings.TWILIO_SIGNING_KEYS = {"webhooks_1": "shared"}
    world.prepared(PASSES)
    world.send(PASSES)
    return [world.renewal(PASSES), world.work(LACKS)]


def test_ten_thousand_calls_move_nothing_that_twilio_does_not_confirm(
    world: World, callbacks: list[Renewal]
) -> None:
    storm = Storm([callback_url(each).removeprefix(HOST) for each in callbacks])
    others = Event.objects.exclude(kind="callback")
    for round_ in range(ROUNDS):
        before = states(callbacks), others.count(), len(world.requests())
        storm.blow(CALLS // ROUNDS)
        assert (states(callbacks), others.count(), len(world.requests())) == before
        if round_ == ROUNDS // 3:
            world.control(f"bundles/{callbacks[0].copy_sid}/reject", reason="zu dunkel")
        # The worker looks when ten seconds are over, as it was told to, and believes Twilio alone.
        cache.clear()
        world.later(seconds=11)
        for renewal in callbacks:
            world.work(key_of(renewal))
        told = STATES.IN_REVIEW if round_ < ROUNDS // 3 else STATES.REJECTED
        assert states(callbacks) == [told, STATES.NEEDS_INFO]
    assert sum(storm.answers.values()) == CALLS
    wrong = {what: n for what, n in storm.answers.items() if what[1] not in MAY_ANSWER[what[0]]}
    assert wrong == {}
    # One row for each different thing that Twilio has signed, in each state that there was.
    genuine = len({sent[4].get("X-Twilio-Signature") for sent in storm.sent})
    assert 100 < Event.objects.filter(kind="callback").count() <= 2 * genuine
    details = Event.objects.filter(kind="callback").values_list("details", flat=True)
    assert all(each == {"signed": True} for each in details)


TAKEN, UNSIGNED, REFUSED = {204}, {403}, {400, 403, 404, 405, 413}
MAY_ANSWER = {
    **dict.fromkeys(("true", "by_get", "json", "sha256", "doubled", "reordered"), TAKEN),
    **dict.fromkeys(("forged", "tampered", "foreign"), UNSIGNED),
    "guessed": {301, 404, 405},
    "broken": REFUSED | TAKEN,
    "huge": {400, 403, 413},
    "replayed": REFUSED | TAKEN | {301},
}


def states(renewals: list[Renewal]) -> list[str]:
    return [Renewal.objects.values_list("state", flat=True).get(pk=each.pk) for each in renewals]


def key_of(renewal: Renewal) -> str:
    return next(key for key, sid in seed.BUNDLES.items() if sid == renewal.bundle.sid)
