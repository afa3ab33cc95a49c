"""Reads Twilio into the mirror: accounts, bundles with a deadline, regulations, numbers.

Opens renewals, and makes due those at which something has changed. It enqueues nothing: the sweep
finds what is due, and the callers may be quicker.
"""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import F

from compliance import accounts
from compliance.gateway import Gone, Refused, Unavailable
from compliance.models import Account, Answer, Bundle, Event, Renewal, User
from compliance.sync import bundles, changes, regulations
from compliance.sync.changes import check, poll
from compliance.sync.strays import ask_for_all, due, reconcile

__all__ = [
    "ASSIGNED",
    "NotAssignable",
    "ask_for_all",
    "assign",
    "check",
    "due",
    "poll",
    "reconcile",
    "sync",
]

ASSIGNED = "bundle-assigned"

logger = logging.getLogger(__name__)


def sync(*, now: datetime) -> None:
    """Everything, account by account. One account's silence does not keep the others waiting."""
    for account in discover(now=now):
        sync_account(account, now=now)


def sync_account(account: Account, *, now: datetime) -> None:
    """What opens a renewal comes first, the numbers, which can be many, last."""
    try:
        twilio = accounts.connect(account)
        bundles.mirror(twilio, account, now=now)
        regulations.refresh(account, now=now)
        bundles.find_customers(account)
        changes.open_renewals(Bundle.objects.filter(account=account), now=now)
        bundles.mirror_numbers(twilio, account)
    except Unavailable as error:
        accounts.note_silence(account, error, now=now)
        logger.warning("sync of %s is put off: %s", account.sid, error)
        return
    except (Refused, Gone) as error:
        logger.error("sync of %s failed: %s", account.sid, type(error).__name__)
        return
    Account.objects.filter(pk=account.pk).update(synced_at=now)
    accounts.note_answer(account, now=now)


def discover(*, now: datetime) -> list[Account]:
    """The main account and its active subaccounts, each with its token as Twilio gives it.

    An API key may not list accounts; then the subaccounts that are known stay as they are.
    """
    main = accounts.main_account()
    try:
        found = list(accounts.connect(main).accounts())
    except Unavailable as error:
        accounts.note_silence(main, error, now=now)
        return []
    except (Refused, Gone) as error:
        logger.warning("subaccounts can't be listed: %s", error)
        found = []
    accounts.mirror_accounts(found, main=main)
    return list(Account.objects.filter(active=True).order_by(F("synced_at").asc(nulls_first=True)))


class NotAssignable(Exception):
    """Somebody else has given it away meanwhile, or a company has entered something for it."""


def assign(bundle: Bundle, *, customer_pk: int, by: User | None = None, now: datetime) -> None:
    """Staff say whose bundle this is; sync leaves that alone from then on.

    What one company has entered is not another's to read, or to send: as long as it is there, the
    bundle stays where it is. It is erased when its renewal is cancelled.

    :param bundle: as it was shown.
    :raises NotAssignable:
    """
    with transaction.atomic():
        # Write first: it holds off whoever assigns the same bundle at this moment.
        same = Bundle.objects.filter(pk=bundle.pk, customer=bundle.customer_id)
        if not same.update(customer_id=customer_pk):
            raise NotAssignable
        if bundle.customer_id == customer_pk:
            return
        opened = Renewal.objects.open().filter(bundle=bundle)
        if Answer.objects.filter(renewal__in=opened).exists():
            raise NotAssignable
        Event.objects.create(
            at=now,
            kind=ASSIGNED,
            renewal=opened.first(),
            customer_id=customer_pk,
            by=by,
            details={"sid": bundle.sid},
        )
        opened.update(next_look_at=now)
        changes.open_renewals(Bundle.objects.filter(pk=bundle.pk), now=now)
