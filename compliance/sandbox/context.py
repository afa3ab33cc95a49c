"""What one API call knows: who calls, what was sent, and the state it works on."""

import json
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Request

from compliance.sandbox import sids
from compliance.sandbox.clock import parse_iso
from compliance.sandbox.errors import Refusal, invalid, missing, not_found
from compliance.sandbox.records import Account, Bundle, Json
from compliance.sandbox.state import State


@dataclass(frozen=True)
class Upload:
    filename: str
    mime_type: str
    content: bytes


@dataclass(frozen=True)
class Call:
    """``path`` is the path without the host part; ``base`` the server's own address."""

    state: State
    account: Account
    request: Request
    host: str
    path: str
    base: str
    upload: Upload | None = None

    # Addresses of the API, reachable by whoever reached this server

    def numbers_url(self, *parts: str) -> str:
        return "/".join([f"{self.base}/numbers.twilio.com/v2/RegulatoryCompliance", *parts])

    # Parameters

    @property
    def form(self) -> "MultiDict[str, str]":
        return self.request.form

    @property
    def args(self) -> "MultiDict[str, str]":
        return self.request.args

    def required(self, name: str) -> str:
        """A form member that must be there and must not be blank (20001)."""
        value = self.form.get(name, "").strip()
        if not value:
            raise missing(name)
        return value

    def boolean(self, values: "MultiDict[str, str]", name: str) -> bool | None:
        text = values.get(name)
        if text is None or text == "":
            return None
        if text.lower() not in ("true", "false"):
            raise invalid(f"{name} must be true or false")
        return text.lower() == "true"

    def date(self, name: str) -> Any:
        text = self.args.get(name)
        if not text:
            return None
        try:
            return parse_iso(text).replace(microsecond=0)
        except ValueError:
            raise invalid(f"{name} is not an ISO 8601 date") from None

    def callback_url(self) -> str | None:
        """StatusCallback; an empty one clears it."""
        url = self.form.get("StatusCallback", "").strip()
        if url and not url.lower().startswith(("http://", "https://")):
            raise invalid("StatusCallback must be an absolute http or https URL")
        return url or None

    def attributes(self) -> Json | None:
        """Attributes as a JSON object (22207), or None if they were not sent."""
        text = self.form.get("Attributes")
        if text is None:
            return None
        try:
            value = json.loads(text, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise Refusal(22207, "Attributes is not valid JSON") from None
        if not isinstance(value, dict):
            raise Refusal(22207, "Attributes must be a JSON object")
        return value

    # The caller's objects

    def not_found(self) -> Refusal:
        path = self.path
        if self.host != "api.twilio.com" and self.state.flag("versionless_not_found"):
            path = path.removeprefix("/v2")
        return not_found(path)

    def own(self, table: dict[str, Any], sid: str) -> Any:
        """A row of the caller's account, or 20404: a foreign one does not exist."""
        row = table.get(sid)
        if row is None or row.account_sid != self.account.sid:
            raise self.not_found()
        return row

    def own_bundle(self, sid: str) -> Bundle:
        if not sids.is_sid(sid, "BU"):
            raise self.not_found()
        bundle: Bundle = self.own(self.state.bundles, sid)
        return bundle

    def unpublished(self, message: str) -> Refusal:
        """A refusal that is known to happen, but whose code is not."""
        return Refusal(self.state.number("unpublished_code"), message)


def _refuse_constant(name: str) -> None:
    """NaN and Infinity, which Python would read although JSON has no such numbers."""
    raise ValueError(name)


@dataclass(frozen=True)
class Answer:
    payload: Json | None
    status: int = 200


NO_CONTENT = Answer(None, 204)
