"""A device that makes and uses passkeys, in place of a phone: what a browser would hand over."""

import json
import secrets
from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from django.utils import timezone
from fido2.cose import ES256
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from compliance.models import Event, User
from tests.pages.reading import page
from tests.record import rewritable

ADD, SIGN_IN = "/settings/passkeys/add/", "/sign-in/passkey/"
CHECKED = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV
UNCHECKED = AuthenticatorData.FLAG.UP


def make_passkey(user: User) -> Authenticator:
    client = Client()
    client.force_login(user)
    assert Device().add(client).status_code == 302
    with rewritable():
        Event.objects.all().delete()
    found: Authenticator = Authenticator.objects.latest("pk")
    return found


def age(client: Client, **span: float) -> None:
    """So long ago they have signed in."""
    client.get("/session/")
    session = client.session
    session["started_at"] = (timezone.now() - timedelta(**span)).timestamp()
    session.save()


class Device:
    def __init__(self, *, flags: int = CHECKED, origin: str = "http://localhost:8000") -> None:
        self.flags, self.origin = AuthenticatorData.FLAG(flags), origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)
        self.owner = ""

    def add(self, client: Client, name: str = "Work laptop") -> Any:
        """The page that adds it, filled in and sent."""
        (script,) = page(client.get(ADD)).xpath("//script[@id='passkey-options']")
        asked = json.loads(script.text)["publicKey"]
        self.owner = asked["user"]["id"]
        made = AttestedCredentialData.create(
            b"\0" * 16, self.id, ES256.from_cryptography_key(self.key.public_key())
        )
        data = AuthenticatorData.create(
            sha256(asked["rp"]["id"].encode()), self.flags | AuthenticatorData.FLAG.AT, 0, made
        )
        response = {
            "clientDataJSON": self._client_data("webauthn.create", asked),
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
        }
        return client.post(ADD, {"name": name, "credential": self._credential(response)})

    def sign_in(self, client: Client, wanted: str = "", **changes: str) -> Any:
        """:param changes: of the device's answer, by somebody who would like to get in."""
        asked = client.get(SIGN_IN).json()["publicKey"]
        return client.post(SIGN_IN, {"credential": self.answer(asked, **changes), "next": wanted})

    def answer(self, asked: Any, **changes: str) -> str:
        data = AuthenticatorData.create(sha256(asked["rpId"].encode()), self.flags, 1)
        client_data = self._client_data("webauthn.get", asked)
        signed = bytes(data) + sha256(websafe_decode(client_data))
        response = {
            "clientDataJSON": client_data,
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
            "userHandle": self.owner,
            **changes,
        }
        return self._credential(response)

    def _client_data(self, kind: str, asked: Any) -> str:
        challenge = websafe_decode(asked["challenge"])
        return websafe_encode(CollectedClientData.create(kind, challenge, self.origin))

    def _credential(self, response: dict[str, str]) -> str:
        own = websafe_encode(self.id)
        return json.dumps(
            {
                "id": own,
                "rawId": own,
                "type": "public-key",
                "response": response,
                "clientExtensionResults": {},
            }
        )
