"""Accounts and bundles, as the mirror has them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from compliance.models import Account, Bundle, Customer, Regulation
from tests.factories.regulations import make_regulation
from tests.factories.sids import sid


def make_account(**fields: Any) -> Account:
    return Account.objects.create(sid=sid("AC"), **fields)


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
