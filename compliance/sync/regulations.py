"""Regulations, by SID, with a hash of their requirements: the SID stays when the rule changes."""

import hashlib
import json
from datetime import datetime

from django.db import transaction

from compliance import accounts
from compliance.gateway import Gone
from compliance.models import Account, Bundle, Regulation, RegulationChange, Renewal


def refresh(account: Account, *, now: datetime) -> None:
    """Read the regulations of this account's bundles that carry a date or are being renewed."""
    wanted = Regulation.objects.filter(
        bundles__in=Bundle.objects.filter(account=account, valid_until__isnull=False)
    ).distinct()
    for regulation in wanted:
        refresh_one(regulation, account, now=now)


def refresh_one(regulation: Regulation, account: Account, *, now: datetime) -> None:
    """Renewals that were evaluated by another version of the rule become due."""
    try:
        read = accounts.connect(account).regulation(regulation.sid)
    except Gone:
        # Bundles can point to a regulation that is no longer there; its last text still helps.
        Regulation.objects.filter(pk=regulation.pk).update(gone=True, read_at=now)
        return
    digest = hash_of(read.requirements)
    is_new = digest != regulation.requirements_hash
    if is_new:
        regulation.changed_at = now
        regulation.requirements = read.requirements
        regulation.requirements_hash = digest
    regulation.friendly_name = read.friendly_name[:255]
    regulation.iso_country = read.iso_country[:2]
    regulation.number_type = read.number_type[:30]
    regulation.end_user_type = read.end_user_type[:30]
    regulation.gone, regulation.read_at = False, now
    with transaction.atomic():
        regulation.save()
        if is_new:
            RegulationChange.objects.get_or_create(
                regulation=regulation, at=now, defaults={"requirements_hash": digest}
            )
    # Afterwards: a worker that looks in between must see the new rule.
    Renewal.objects.open().filter(
        bundle__regulation=regulation, state__in=Renewal.EDITABLE
    ).exclude(evaluated_hash__in=("", digest)).update(next_look_at=now)


def hash_of(requirements: object) -> str:
    return hashlib.sha256(json.dumps(requirements, sort_keys=True).encode()).hexdigest()
