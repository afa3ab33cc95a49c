"""Reads Twilio into the mirror: accounts, bundles with a deadline, regulations, numbers.

Opens renewals, and makes due those at which something has changed. It enqueues nothing: the sweep
finds what is due, and the callers may be quicker.
"""

import logging
from datetime import datetime

from django.db.models import F

from compliance import accounts
from compliance.gateway import Gone, Refused, Unavailable
from compliance.models import Account, Bundle, Renewal
from compliance.sync import bundles, changes, regulations
from compliance.sync.changes import check, poll
from compliance.sync.copies import list_copies
from compliance.sync.strays import due, reconcile

__all__ = ["assign", "check", "due", "list_copies", "poll", "reconcile", "sync"]

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


def assign(bundle: Bundle, *, customer_pk: int | None, now: datetime) -> None:
    """Staff say whose bundle this is; sync leaves that alone from then on."""
    Bundle.objects.filter(pk=bundle.pk).update(customer_id=customer_pk)
    if customer_pk is None:
        return
    Renewal.objects.open().filter(bundle=bundle).update(next_look_at=now)
    changes.open_renewals(Bundle.objects.filter(pk=bundle.pk), now=now)
