"""Bundles with a deadline, the numbers on them, and whose they are.

Rows are compared first and only the difference is written: nearly all of them are unchanged.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q

from compliance import gateway
from compliance.models import Account, Answer, Bundle, Customer, Membership, Regulation, Renewal

MIRRORED = (
    "regulation_id",
    "friendly_name",
    "status",
    "valid_until",
    "email",
    "date_created",
    "date_updated",
)
UPDATED = MIRRORED.index("date_updated")
BATCH = 1000


def mirror(twilio: gateway.Twilio, account: Account, *, now: datetime) -> None:
    """All bundles of the account that carry a date, and those that carry it no longer."""
    seen: set[str] = set()
    for page in twilio.bundles_with_deadline():
        store(account, page, now=now)
        seen.update(bundle.sid for bundle in page)
    # A date that vanished is not in that list: these are asked for by name.
    dated = Bundle.objects.filter(account=account, valid_until__isnull=False)
    missing = [sid for sid in dated.values_list("sid", flat=True) if sid not in seen]
    found = twilio.bundles_by_sid(missing)
    store(account, found, now=now)
    deleted = set(missing) - {bundle.sid for bundle in found}
    Bundle.objects.filter(sid__in=deleted).update(valid_until=None, status="", read_at=now)
    renewals = Renewal.objects.open().filter(bundle__sid__in=missing)
    renewals.filter(bundle__valid_until=None).update(next_look_at=now)


def store(account: Account, found: Iterable[gateway.Bundle], *, now: datetime) -> list[Bundle]:
    """Upsert these bundles. Returns the rows that changed."""
    changed = differing(account, found, now=now)
    Bundle.objects.bulk_create(
        changed,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["sid"],
        update_fields=[*MIRRORED, "read_at"],
    )
    return changed


def differing(account: Account, found: Iterable[gateway.Bundle], *, now: datetime) -> list[Bundle]:
    """What is to be written of bundles that are not mirrored as they were read; our own copies are
    no registrations. These rows are known by their SID and have no key yet. Always in the same
    order, so that two who write them never wait for each other."""
    by_sid = {bundle.sid: bundle for bundle in found}
    copies = Renewal.objects.filter(copy_sid__in=by_sid).values_list("copy_sid", flat=True)
    for sid in copies:
        del by_sid[sid]
    regulation_pks = _regulation_pks({b.regulation_sid for b in by_sid.values()})
    # As values: nearly all are the same, and an object for each would cost more than the rest.
    mirrored = Bundle.objects.filter(sid__in=list(by_sid))
    known = {sid: tuple(values) for sid, *values in mirrored.values_list("sid", *MIRRORED)}
    changed: list[Bundle] = []
    for sid, bundle in by_sid.items():
        values, before = _values(bundle, regulation_pks), known.get(sid)
        # One that is older was read before something that we have done or seen since.
        if before is None or (before != values and not _is_older(values, before)):
            named = dict(zip(MIRRORED, values, strict=True))
            changed.append(Bundle(sid=sid, account=account, read_at=now, **named))
    return sorted(changed, key=lambda row: row.sid)


def _is_older(read: tuple[Any, ...], mirrored: tuple[Any, ...]) -> bool:
    updated, before = read[UPDATED], mirrored[UPDATED]
    return bool(updated and before and updated < before)


def _values(bundle: gateway.Bundle, regulation_pks: dict[str, int]) -> tuple[Any, ...]:
    """In the order of ``MIRRORED``."""
    return (
        regulation_pks.get(bundle.regulation_sid),
        bundle.friendly_name[:255],
        bundle.status[:40],
        bundle.valid_until,
        bundle.email[:254],
        bundle.date_created,
        bundle.date_updated,
    )


def _regulation_pks(sids: set[str]) -> dict[str, int]:
    wanted = {sid for sid in sids if sid}
    known = dict(Regulation.objects.filter(sid__in=wanted).values_list("sid", "pk"))
    if wanted - known.keys():
        Regulation.objects.bulk_create(
            [Regulation(sid=sid) for sid in wanted - known.keys()], ignore_conflicts=True
        )
        known = dict(Regulation.objects.filter(sid__in=wanted).values_list("sid", "pk"))
    return known


def mirror_numbers(twilio: gateway.Twilio, account: Account) -> None:
    """The numbers on each mirrored bundle: there is no filter, so all are read, page by page."""
    numbers: defaultdict[str, list[str]] = defaultdict(list)
    for number in twilio.numbers():
        if number.bundle_sid:
            numbers[number.bundle_sid].append(number.phone_number)
    changed = []
    for row in Bundle.objects.filter(account=account).only("sid", "numbers").iterator():
        present = sorted(numbers.get(row.sid, []))
        if row.numbers != present:
            row.numbers = present
            changed.append(row)
    Bundle.objects.bulk_update(changed, ["numbers"], batch_size=500)


def find_customers(account: Account) -> None:
    """Whose bundle is it: by its own subaccount, else by its e-mail, if that leaves no doubt.

    What staff have assigned stays; the rest waits in the admin as unassigned. So does one for which
    a company that is gone has entered something: nobody else is to read it.
    """
    entered = Answer.objects.filter(renewal__ended_at=None).values("renewal__bundle")
    unassigned = Bundle.objects.filter(account=account, customer=None).exclude(pk__in=entered)
    owner = Customer.objects.filter(account=account).first()
    if owner is not None and not account.is_main:
        unassigned.update(customer=owner)
        return
    emails = {email.lower() for email in unassigned.values_list("email", flat=True) if email}
    if not emails:
        return
    owners: defaultdict[str, set[int]] = defaultdict(set)
    # Colleagues add whomever they like, and could otherwise have the bundles of another company.
    matching = Membership.objects.filter(user__email__in=emails, by_support=True)
    for email, customer_pk in matching.values_list("user__email", "customer_id"):
        owners[email.lower()].add(customer_pk)
    for email, customer_pks in owners.items():
        if len(customer_pks) == 1:
            unassigned.filter(Q(email__iexact=email)).update(customer_id=customer_pks.pop())
