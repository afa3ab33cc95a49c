"""What the gateway hands out. Every property of Twilio's answers may be null; texts become ""."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Self

Payload = Mapping[str, Any]


def text(payload: Payload, key: str) -> str:
    value = payload.get(key)
    return "" if value is None else str(value)


def moment(value: Any) -> datetime | None:
    """ISO 8601 (numbers v2) or RFC 2822 (2010 API) as an aware datetime in UTC."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if not isinstance(value, str) or not value:
        return None
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        try:
            parsed = parsedate_to_datetime(value)
        except ValueError:
            return None
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def attributes(value: Any) -> dict[str, Any]:
    """``attributes`` is an object in answers; a text of JSON is taken too."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return dict(value) if isinstance(value, Mapping) else {}


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A bundle or a copy; a copy's answer has the same members less its addresses."""

    sid: str
    account_sid: str
    regulation_sid: str
    friendly_name: str
    status: str
    valid_until: datetime | None
    email: str
    status_callback: str
    date_created: datetime | None
    date_updated: datetime | None

    @classmethod
    def of(cls, payload: Payload) -> Self:
        return cls(
            sid=text(payload, "sid"),
            account_sid=text(payload, "account_sid"),
            regulation_sid=text(payload, "regulation_sid"),
            friendly_name=text(payload, "friendly_name"),
            status=text(payload, "status"),
            valid_until=moment(payload.get("valid_until")),
            email=text(payload, "email"),
            status_callback=text(payload, "status_callback"),
            date_created=moment(payload.get("date_created")),
            date_updated=moment(payload.get("date_updated")),
        )


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """``sid`` starts with BV; the kind of ``object_sid`` stands in its prefix only."""

    sid: str
    object_sid: str

    @classmethod
    def of(cls, payload: Payload) -> Self:
        return cls(sid=text(payload, "sid"), object_sid=text(payload, "object_sid"))


@dataclass(frozen=True, kw_only=True)
class Named:
    """As much of an object as tells what it is called, and none of what it says about anybody."""

    sid: str
    friendly_name: str
    status: str
    date_created: datetime | None

    @classmethod
    def of(cls, payload: Payload) -> Self:
        return cls(
            sid=text(payload, "sid"),
            friendly_name=text(payload, "friendly_name"),
            status=text(payload, "status"),
            date_created=moment(payload.get("date_created")),
        )


@dataclass(frozen=True, kw_only=True)
class Item:
    """An End-User (IT) or Supporting Document (RD). End-Users have no status and no file."""

    sid: str
    type: str
    friendly_name: str
    attributes: dict[str, Any]
    status: str
    mime_type: str
    failure_reason: str
    error_codes: tuple[int, ...]
    date_created: datetime | None
    date_updated: datetime | None

    @classmethod
    def of(cls, payload: Payload) -> Self:
        errors = payload.get("errors")
        codes = [
            entry.get("code")
            for entry in (errors if isinstance(errors, Sequence) else [])
            if isinstance(entry, Mapping)
        ]
        return cls(
            sid=text(payload, "sid"),
            type=text(payload, "type"),
            friendly_name=text(payload, "friendly_name"),
            attributes=attributes(payload.get("attributes")),
            status=text(payload, "status"),
            mime_type=text(payload, "mime_type"),
            failure_reason=text(payload, "failure_reason"),
            error_codes=tuple(code for code in codes if isinstance(code, int)),
            date_created=moment(payload.get("date_created")),
            date_updated=moment(payload.get("date_updated")),
        )


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """``results`` in the published shape, whatever came; ``compliance.requirements`` reads them."""

    sid: str
    status: str
    results: list[dict[str, Any]]

    @property
    def compliant(self) -> bool:
        return self.status == "compliant"

    @classmethod
    def of(cls, payload: Payload) -> Self:
        return cls(
            sid=text(payload, "sid"),
            status=text(payload, "status"),
            results=[_result(result) for result in _objects(payload.get("results"))],
        )


def _result(payload: Payload) -> dict[str, Any]:
    """One requirement: passed or not, at which object, and at which of its fields."""
    names = ("friendly_name", "object_type", "requirement_friendly_name", "requirement_name")
    return {
        **{name: text(payload, name) for name in names},
        **_verdict(payload),
        "passed": payload.get("passed") is True,
        "valid": [_field(entry) for entry in _objects(payload.get("valid"))],
        "invalid": [_field(entry) for entry in _objects(payload.get("invalid"))],
    }


def _field(payload: Payload) -> dict[str, Any]:
    names = ("friendly_name", "object_field")
    return {**{name: text(payload, name) for name in names}, **_verdict(payload)}


def _verdict(payload: Payload) -> dict[str, Any]:
    code = payload.get("error_code")
    return {
        "failure_reason": text(payload, "failure_reason"),
        "error_code": code if isinstance(code, int) and not isinstance(code, bool) else None,
    }


def _objects(value: Any) -> list[Payload]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


@dataclass(frozen=True, kw_only=True)
class Regulation:
    sid: str
    friendly_name: str
    iso_country: str
    number_type: str
    end_user_type: str
    requirements: dict[str, Any]

    @classmethod
    def of(cls, payload: Payload) -> Self:
        requirements = payload.get("requirements")
        return cls(
            sid=text(payload, "sid"),
            friendly_name=text(payload, "friendly_name"),
            iso_country=text(payload, "iso_country").upper(),
            number_type=text(payload, "number_type"),
            end_user_type=text(payload, "end_user_type"),
            requirements=requirements if isinstance(requirements, dict) else {},
        )


@dataclass(frozen=True, kw_only=True)
class Account:
    """``auth_token`` is a secret: subaccounts are worked on with their own."""

    sid: str
    friendly_name: str
    status: str
    auth_token: str

    @classmethod
    def of(cls, payload: Payload) -> Self:
        return cls(
            sid=text(payload, "sid"),
            friendly_name=text(payload, "friendly_name"),
            status=text(payload, "status"),
            auth_token=text(payload, "auth_token"),
        )

    def __repr__(self) -> str:
        return f"Account({self.sid!r})"


@dataclass(frozen=True, kw_only=True)
class Number:
    sid: str
    phone_number: str
    bundle_sid: str

    @classmethod
    def of(cls, payload: Payload) -> Self:
        return cls(
            sid=text(payload, "sid"),
            phone_number=text(payload, "phone_number"),
            bundle_sid=text(payload, "bundle_sid"),
        )


@dataclass(frozen=True, kw_only=True)
class Address:
    sid: str
    friendly_name: str
    customer_name: str
    street: str
    street_secondary: str
    city: str
    region: str
    postal_code: str
    iso_country: str

    @classmethod
    def of(cls, payload: Payload) -> Self:
        return cls(**{name: text(payload, name) for name in cls.__dataclass_fields__})
