"""The copies of a bundle at Twilio: which of them are ours, and what is known of those that its
renewal does not work with."""

import re
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime

from compliance import gateway
from compliance.models import Bundle, Event, Renewal, Stray

TAG = re.compile(r"\[(CMP-[0-9A-Z]{6})\]")
# What staff asked for, copy by copy, and what the reconcile has deleted since.
LISTED, REMOVED = "copies-found", "stray-removed"


@dataclass(frozen=True, kw_only=True)
class Copy:
    """As last seen."""

    sid: str
    status: str
    # The reference in its name, whoever wrote it there; empty if there is none.
    tag: str
    # It is the reference of a renewal of the same bundle, which nobody else writes.
    is_ours: bool


@dataclass(kw_only=True)
class Known:
    """Of one bundle."""

    # When Twilio was asked for all of its copies; None: never.
    listed_at: datetime | None = None
    copies: dict[str, Copy] = field(default_factory=dict)


def tag_of(copy: gateway.Bundle) -> str:
    tags = TAG.findall(copy.friendly_name)
    return str(tags[-1]) if tags else ""


def is_ours(bundle: Bundle, copy: gateway.Bundle) -> bool:
    tag = tag_of(copy)
    return bool(tag) and Renewal.objects.filter(bundle=bundle, reference=tag).exists()


def listing(bundle: Bundle, copies: Iterable[gateway.Bundle]) -> list[dict[str, object]]:
    """For the event that says what was found."""
    return [
        asdict(
            Copy(
                sid=copy.sid,
                status=copy.status,
                tag=tag_of(copy),
                is_ours=is_ours(bundle, copy),
            )
        )
        for copy in copies
    ]


def known_copies(bundles: Collection[int]) -> dict[int, Known]:
    """Those that no open renewal works with, by the key of their bundle: what Twilio listed last,
    and what the reconcile has reported since. Without a call, in three queries."""
    known = {pk: Known() for pk in bundles}
    events = Event.objects.filter(renewal__bundle__in=bundles, kind__in=(LISTED, REMOVED))
    said = events.order_by("pk").values_list("renewal__bundle", "kind", "at", "details")
    for bundle, kind, at, details in said:
        of = known[bundle]
        if kind == LISTED:
            of.listed_at = at
            of.copies = {each["sid"]: Copy(**each) for each in details["copies"]}
        else:
            of.copies.pop(details["sid"], None)
    reported = Stray.objects.filter(
        renewal__bundle__in=bundles, sid__startswith="BU", why=Stray.Why.NOT_A_DRAFT
    )
    rows = reported.order_by("found_at", "pk")
    for bundle, sid, status, tag in rows.values_list(
        "renewal__bundle", "sid", "status", "reference"
    ):
        known[bundle].copies[sid] = Copy(sid=sid, status=status, tag=tag, is_ours=True)
    in_use = Renewal.objects.open().filter(bundle__in=bundles)
    for bundle, sid in in_use.values_list("bundle", "copy_sid"):
        known[bundle].copies.pop(sid, None)
    return known
