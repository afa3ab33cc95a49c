"""Rows for tests of pages, made directly: no call to anything.

The cast: ada renews, bob belongs to another company, ops is staff. What Twilio would say is put in
our own words here, in the shape that it publishes.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from compliance.answers import held_items
from compliance.models import (
    Account,
    Answer,
    Bundle,
    Customer,
    Event,
    Item,
    Membership,
    Regulation,
    Renewal,
    Upload,
    User,
)

_numbers = count(1)


def sid(prefix: str) -> str:
    return f"{prefix}{next(_numbers):032x}"


# --- People -----------------------------------------------------------------------------------


def make_user(
    email: str = "",
    *,
    name: str = "",
    staff: bool = False,
    customer: Customer | None = None,
    role: str = Membership.Role.EDITOR,
) -> User:
    user = User.objects.create_user(
        email or f"person-{next(_numbers)}@example.com", name=name, is_staff=staff
    )
    if customer is not None:
        Membership.objects.create(user=user, customer=customer, role=role)
    return user


def make_customer(name: str = "Acme GmbH", *, time_zone: str = "Europe/Berlin") -> Customer:
    return Customer.objects.create(name=name, time_zone=time_zone)


def make_account(**fields: Any) -> Account:
    return Account.objects.create(sid=sid("AC"), **fields)


# --- What Twilio holds ------------------------------------------------------------------------


def detailed(name: str, label: str, description: str = "") -> dict[str, str]:
    return {"machine_name": name, "friendly_name": label, "description": description}


def accepted(type_: str, name: str, *fields: tuple[str, str] | tuple[str, str, str]) -> Any:
    return {
        "type": type_,
        "name": name,
        "fields": [field[0] for field in fields],
        "detailed_fields": [detailed(*field) for field in fields],
    }


BUSINESS_FIELDS = (
    ("business_name", "Business Name"),
    ("business_registration_number", "Business Registration Number"),
    ("first_name", "First Name"),
    ("last_name", "Last Name"),
    ("email", "Email"),
)

# A company in Germany: details, an extract of the register, a proof of address.
GERMANY: Mapping[str, Any] = {
    "end_user": [
        {
            "name": "Business details",
            "type": "business",
            "requirement_name": "business_info",
            "fields": [name for name, _label in BUSINESS_FIELDS],
            "detailed_fields": [detailed(*field) for field in BUSINESS_FIELDS],
        }
    ],
    "supporting_document": [
        [
            {
                "name": "Proof of the business name",
                "requirement_name": "business_name_info",
                "description": "It names the company and is no older than three months.",
                "accepted_documents": [
                    accepted(
                        "commercial_registrar_excerpt",
                        "Commercial register extract",
                        ("business_name", "Business Name"),
                        ("issue_date", "Issue Date"),
                    ),
                    accepted("trade_license", "Trade license", ("business_name", "Business Name")),
                ],
            },
            {
                "name": "Business address",
                "requirement_name": "business_address_info",
                "description": "An address in Germany.",
                "accepted_documents": [
                    accepted("business_address", "Business address", ("address_sids", "Address")),
                ],
            },
        ]
    ],
}

# One requirement with every kind of field.
EVERY_KIND: Mapping[str, Any] = {
    "end_user": [
        {
            "name": "Your details",
            "type": "individual",
            "requirement_name": "individual_info",
            "fields": [
                "first_name",
                "comments",
                "email",
                "phone_number",
                "birth_date",
                "nationality",
                "is_subassigned",
                "address_sids",
            ],
            "detailed_fields": [
                detailed("first_name", "First Name"),
                detailed("comments", "Comments (Optional)", "Anything we should know."),
                detailed("email", "Email"),
                detailed("phone_number", "Phone Number"),
                detailed("birth_date", "Birth Date"),
                detailed("nationality", "Nationality"),
                detailed("is_subassigned", "Used by others", "One of the values: [YES, NO]."),
                detailed("address_sids", "Address"),
            ],
        }
    ],
    "supporting_document": [],
}


def make_regulation(
    requirements: Mapping[str, Any] = GERMANY,
    *,
    country: str = "DE",
    number_type: str = "local",
    end_user_type: str = "business",
) -> Regulation:
    return Regulation.objects.create(
        sid=sid("RN"),
        friendly_name=f"{country} {number_type} {end_user_type}",
        iso_country=country,
        number_type=number_type,
        end_user_type=end_user_type,
        requirements=dict(requirements),
        requirements_hash="1" * 64,
    )


def make_bundle(
    customer: Customer | None,
    *,
    now: datetime,
    regulation: Regulation | None = None,
    account: Account | None = None,
    valid_until: datetime | None = None,
    days: float | None = None,
    status: str = Bundle.Status.APPROVED,
    numbers: Sequence[str] = ("+4930901820",),
) -> Bundle:
    """A bundle that runs out in so many ``days`` (or at ``valid_until``); with neither, never."""
    if days is not None:
        valid_until = now + timedelta(days=days)
    return Bundle.objects.create(
        sid=sid("BU"),
        account=account
        or Account.objects.filter(is_main=True).first()
        or make_account(is_main=True),
        customer=customer,
        regulation=regulation or make_regulation(),
        friendly_name="A registration",
        status=status,
        valid_until=valid_until,
        numbers=list(numbers),
        read_at=now,
    )


# --- What an evaluation says ------------------------------------------------------------------


def failing(name: str, label: str, code: int = 22215, text: str = "") -> dict[str, Any]:
    return {
        "friendly_name": label,
        "object_field": name,
        "failure_reason": text or f"There is no {label}.",
        "error_code": code,
    }


def passing(name: str, label: str) -> dict[str, Any]:
    return {"friendly_name": label, "object_field": name}


def result(
    requirement: str,
    object_type: str,
    title: str,
    *,
    code: int | None = None,
    invalid: Sequence[Mapping[str, Any]] = (),
    valid: Sequence[Mapping[str, Any]] = (),
    text: str = "",
) -> dict[str, Any]:
    passed = code is None and not invalid
    return {
        "requirement_name": requirement,
        "requirement_friendly_name": title,
        "friendly_name": title,
        "object_type": object_type,
        "passed": passed,
        "failure_reason": text,
        "error_code": code,
        "valid": list(valid),
        "invalid": list(invalid),
    }


DETAILS_FINE = result(
    "business_info",
    "business",
    "Business details",
    valid=[passing(name, label) for name, label in BUSINESS_FIELDS],
)
DETAILS_OPEN = result(
    "business_info",
    "business",
    "Business details",
    code=22215,
    invalid=[
        failing("business_registration_number", "Business Registration Number"),
        failing("email", "Email"),
    ],
    valid=[passing("business_name", "Business Name")],
)
EXTRACT_FINE = result(
    "business_name_info",
    "commercial_registrar_excerpt",
    "Proof of the business name",
    valid=[passing("business_name", "Business Name")],
)
EXTRACT_MISSING = result(
    "business_name_info",
    "commercial_registrar_excerpt",
    "Proof of the business name",
    code=22216,
    text="There is no extract.",
    invalid=[failing("business_name", "Business Name", 22217)],
)
EXTRACT_DIFFERS = result(
    "business_name_info",
    "commercial_registrar_excerpt",
    "Proof of the business name",
    code=22217,
    invalid=[failing("business_name", "Business Name", 22217, "The names are not the same.")],
)
ADDRESS_FINE = result(
    "business_address_info",
    "business_address",
    "Business address",
    valid=[passing("address_sids", "Address")],
)
ADDRESS_MISSING = result(
    "business_address_info",
    "business_address",
    "Business address",
    code=22216,
    invalid=[failing("address_sids", "Address", 22219)],
)
ALL_FINE = (DETAILS_FINE, EXTRACT_FINE, ADDRESS_FINE)
SOME_OPEN = (DETAILS_OPEN, EXTRACT_MISSING, ADDRESS_FINE)

COMPANY: Mapping[str, Any] = {
    "business_name": "Acme GmbH",
    "business_registration_number": "HRB 1234",
    "first_name": "Ada",
    "last_name": "Ackermann",
    "email": "ada@acme.example",
}


# --- The renewal ------------------------------------------------------------------------------


def make_renewal(
    bundle: Bundle,
    *,
    now: datetime,
    state: str = Renewal.State.NEEDS_INFO,
    results: Sequence[Mapping[str, Any]] | None = SOME_OPEN,
    **fields: Any,
) -> Renewal:
    ended = state in Renewal.ENDED
    started = state not in (Renewal.State.DETECTED, *Renewal.ENDED)
    return Renewal.objects.create(
        bundle=bundle,
        state=state,
        valid_until=fields.pop("valid_until", None) or bundle.valid_until or now,
        copy_sid=sid("BU") if started else "",
        opened_at=fields.pop("opened_at", now - timedelta(days=2)),
        ended_at=now if ended else None,
        evaluation={"sid": sid("EL"), "status": "noncompliant", "results": list(results)}
        if results is not None and started
        else None,
        evaluated_hash="1" * 64 if results is not None and started else "",
        **fields,
    )


def make_item(
    renewal: Renewal,
    type_: str = "business",
    attributes: Mapping[str, Any] = COMPANY,
    *,
    refused_at: datetime | None = None,
    reason: str = "",
    codes: Sequence[int] = (),
    mime_type: str = "",
    item_sid: str = "",
) -> Item:
    item_sid = item_sid or sid("IT" if type_ in ("business", "individual") else "RD")
    contents = {"attributes": dict(attributes), "failure_reason": reason, "friendly_name": ""}
    return Item.objects.create(
        renewal=renewal,
        sid=item_sid,
        type=type_,
        status="twilio-rejected" if refused_at else "draft",
        mime_type=mime_type,
        error_codes=list(codes),
        refused_at=refused_at,
        sealed=renewal.seal(contents, about=item_sid),
    )


def make_answer(
    renewal: Renewal,
    task: str = "details",
    values: Mapping[str, Any] | None = None,
    *,
    now: datetime,
    type_: str = "business",
    state: str = Answer.State.WAITING,
    by: User | None = None,
    file: str = "",
    refusal: str = "",
    **fields: Any,
) -> Answer:
    """An answer to a task; with a ``file`` name it has an upload, too."""
    answer = Answer.objects.create(
        renewal=renewal,
        task=task,
        type=type_,
        state=state,
        sealed=renewal.seal(values or {}, about=f"answer/{task}"),
        sealed_refusal=renewal.seal({"message": refusal}, about=f"refusal/{task}"),
        saved_by=by,
        saved_at=fields.pop("saved_at", now),
        file_name=file,
        file_type="application/pdf" if file else "",
        file_size=245_000 if file else 0,
        **fields,
    )
    if file:
        Upload.objects.create(answer=answer, sealed=b"sealed")
    return answer


def made_for_it(renewal: Renewal, *, now: datetime) -> None:
    """The original had no address; the one that is there came with an earlier answer."""
    (item,) = renewal.items.filter(type="business_address")
    (made,) = item.contents()["attributes"]["address_sids"]
    make_answer(
        renewal, "earlier", now=now, type_=item.type, state=Answer.State.DELIVERED, address_sid=made
    )


def make_event(
    renewal: Renewal, kind: str, *, at: datetime, by: User | None = None, **details: Any
) -> Event:
    return Event.objects.create(
        renewal=renewal, kind=kind, at=at, by=by, customer_visible=True, details=details
    )


def german_renewal(
    customer: Customer,
    *,
    now: datetime,
    days: float = 20,
    state: str = Renewal.State.NEEDS_INFO,
    results: Sequence[Mapping[str, Any]] = SOME_OPEN,
    **fields: Any,
) -> Renewal:
    """A German company's renewal, with its details and its address on the copy."""
    bundle = make_bundle(customer, now=now, days=days)
    renewal = make_renewal(bundle, now=now, state=state, results=results, **fields)
    company = dict(COMPANY)
    if DETAILS_OPEN in results:
        company |= {"business_registration_number": "", "email": ""}
    make_item(renewal, "business", company)
    make_item(renewal, "business_address", {"address_sids": [sid("AD")]})
    if EXTRACT_MISSING not in results:
        name = "Acme Deutschland GmbH" if EXTRACT_DIFFERS in results else "Acme GmbH"
        extract = {"business_name": name, "issue_date": "2025-02-03"}
        make_item(renewal, "commercial_registrar_excerpt", extract, mime_type="application/pdf")
    assert held_items(renewal)
    return renewal


def noon() -> datetime:
    """A Tuesday."""
    return datetime(2026, 11, 10, 12, tzinfo=UTC)
