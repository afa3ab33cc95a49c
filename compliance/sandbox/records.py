"""The rows that the sandbox keeps: one plain class for each kind of object at Twilio, with what
the API shows and the little that only Twilio itself would know.
"""

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

Json = dict[str, Any]
T = TypeVar("T")

ANSWERED = ("twilio-approved", "provisionally-approved")
WAITING = ("pending-review", "in-review")


@dataclass
class Account:
    sid: str
    friendly_name: str
    auth_token: str
    owner_account_sid: str
    date_created: datetime
    date_updated: datetime
    status: str = "active"
    type: str = "Full"


@dataclass
class ApiKey:
    sid: str
    secret: str
    account_sid: str


@dataclass
class Regulation:
    """``unmatched`` names the requirements whose fields are about another person than the
    End-User, so that they are not compared with the End-User's. Twilio does not publish it.
    """

    sid: str
    friendly_name: str
    iso_country: str
    number_type: str
    end_user_type: str
    requirements: Json
    unmatched: list[str] = field(default_factory=list)
    retired: bool = False

    def digest(self) -> str:
        text = json.dumps(self.requirements, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass
class EndUser:
    sid: str
    account_sid: str
    friendly_name: str
    type: str
    attributes: Json
    date_created: datetime
    date_updated: datetime


@dataclass
class Document:
    """``file`` is the key of the uploaded bytes; they can never be read back over the API."""

    sid: str
    account_sid: str
    friendly_name: str
    type: str
    attributes: Json
    date_created: datetime
    date_updated: datetime
    mime_type: str | None = None
    status: str = "draft"
    failure_reason: str | None = None
    errors: list[Json] | None = None
    file: str | None = None
    size: int = 0

    def addresses(self) -> list[str]:
        value = self.attributes.get("address_sids")
        if isinstance(value, str):
            return [value] if value else []
        return [str(sid) for sid in value] if isinstance(value, list) else []


@dataclass
class Bundle:
    """``digest`` is that of the requirements against which the bundle was last submitted;
    ``given_away`` says that its items went to its original by ReplaceItems.
    """

    sid: str
    account_sid: str
    regulation_sid: str
    friendly_name: str
    email: str
    date_created: datetime
    date_updated: datetime
    status: str = "draft"
    valid_until: datetime | None = None
    status_callback: str | None = None
    failure_reason: str = ""
    is_test: bool = False
    copy_of: str | None = None
    submitted_at: datetime | None = None
    held: bool = False
    digest: str | None = None
    given_away: bool = False


@dataclass
class Assignment:
    sid: str
    bundle_sid: str
    account_sid: str
    object_sid: str
    date_created: datetime


@dataclass
class Evaluation:
    sid: str
    account_sid: str
    regulation_sid: str
    bundle_sid: str
    status: str
    results: list[Json]
    date_created: datetime


@dataclass
class Address:
    sid: str
    account_sid: str
    customer_name: str
    street: str
    city: str
    region: str
    postal_code: str
    iso_country: str
    date_created: datetime
    date_updated: datetime
    friendly_name: str | None = None
    street_secondary: str | None = None
    emergency_enabled: bool = False
    validated: bool = True


@dataclass
class Number:
    """``settings`` holds the voice, message and callback members that an update may set."""

    sid: str
    account_sid: str
    phone_number: str
    friendly_name: str
    iso_country: str
    type: str
    address_requirements: str
    date_created: datetime
    date_updated: datetime
    address_sid: str | None = None
    bundle_sid: str | None = None
    emergency_address_sid: str | None = None
    identity_sid: str | None = None
    settings: Json = field(default_factory=dict)


@dataclass
class Fault:
    """A trouble that the next matching requests run into. ``path`` is a regular expression that
    is searched in host and path; ``times`` counts down, None stands for every time; ``share`` is
    the chance of a matching request to run into it, None stands for certainty.
    """

    kind: str
    method: str | None = None
    path: str | None = None
    times: int | None = None
    seconds: float = 0.0
    status: int = 500
    retry_after: int | None = None
    code: int | None = None
    message: str | None = None
    share: float | None = None


@dataclass
class CallbackSettings:
    mode: str = "normal"
    seconds: float = 0.0
    format: str = "form"
    method: str = "POST"


@dataclass
class Delivery:
    """A status callback on its way."""

    due: datetime
    url: str
    account_sid: str
    values: dict[str, str]
    signed: bool
    format: str
    method: str


@dataclass
class ReviewSettings:
    """``seconds`` None: no automatic reviewer, a person decides."""

    seconds: float | None = None
    verdict: str = "careful"


def to_json(record: Any) -> Json:
    """A record as JSON can hold it; dates become ISO text."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in dataclasses.asdict(record).items()
    }


def from_json(kind: type[T], values: Json) -> T:
    """The inverse of ``to_json``. Which members are dates is read off their annotation."""
    dates = {f.name for f in dataclasses.fields(kind) if "datetime" in str(f.type)}  # type: ignore[arg-type]
    return kind(
        **{
            name: datetime.fromisoformat(value) if name in dates and value else value
            for name, value in values.items()
        }
    )
