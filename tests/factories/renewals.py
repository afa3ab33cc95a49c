"""Renewals with what hangs on them: items, answers, events."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from compliance.answers import held_items
from compliance.models import Answer, Bundle, Customer, Event, Item, Renewal, Upload, User
from tests.factories.bundles import make_bundle
from tests.factories.evaluations import (
    COMPANY,
    DETAILS_OPEN,
    EXTRACT_DIFFERS,
    EXTRACT_MISSING,
    SOME_OPEN,
)
from tests.factories.sids import sid


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
