"""The copies of a bundle at Twilio: which of them are ours, and which nobody works with."""

import re
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from compliance import gateway
from compliance.models import Bundle, Renewal, StrayCopy

TAG = re.compile(r"\[(CMP-[0-9A-Z]{6})\]")


def mark_of(copy: gateway.Bundle) -> str:
    """The reference in its name; empty if there is none."""
    marks = TAG.findall(copy.friendly_name)
    return str(marks[-1]) if marks else ""


def is_ours(bundle: Bundle, copy: gateway.Bundle) -> bool:
    """It carries the tag of a renewal of the same bundle, which nobody else writes."""
    mark = mark_of(copy)
    return bool(mark) and Renewal.objects.filter(bundle=bundle, reference=mark).exists()


def note_copies(bundle: Bundle, copies: Iterable[gateway.Bundle], *, now: datetime) -> None:
    """Remember those that no open renewal works with.

    :param copies: all that Twilio lists for the bundle.
    """
    in_use = set(Renewal.objects.open().filter(bundle=bundle).values_list("copy_sid", flat=True))
    strays = [copy for copy in copies if copy.sid not in in_use]
    with transaction.atomic():
        StrayCopy.objects.filter(bundle=bundle).exclude(sid__in=[c.sid for c in strays]).delete()
        for copy in strays:
            values = {
                "bundle": bundle,
                "status": copy.status[:40],
                "mark": mark_of(copy),
                "is_ours": is_ours(bundle, copy),
            }
            StrayCopy.objects.update_or_create(
                sid=copy.sid, defaults=values, create_defaults={**values, "found_at": now}
            )
        Bundle.objects.filter(pk=bundle.pk).update(copies_read_at=now)
