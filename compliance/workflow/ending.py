"""The end of a renewal: nothing of ours is left at Twilio, and no personal data with us."""

from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from compliance.answers import (
    addresses_used_elsewhere,
    discard,
    discard_addresses,
    doom,
    held_items,
)
from compliance.answers.delivery import Wait
from compliance.gateway import Gone
from compliance.models import Draft, StagedFile, Upload
from compliance.requirements import addresses_in
from compliance.workflow.lease import Case


def wait_for_late_answers(case: Case) -> None:
    """What was begun at Twilio and got no answer may still come about: what is deleted before that
    leaves it behind, with nobody who looks for it."""
    renewal = case.renewal
    answers = renewal.answers.filter(intent_at__isnull=False)
    begun: list[datetime] = [at for at in answers.values_list("intent_at", flat=True) if at]
    if copied := renewal.intent.get("copy"):
        begun.append(datetime.fromisoformat(copied))
    landed = [at + settings.LATE_ANSWER for at in begun]
    if landed and case.now < max(landed):
        raise Wait(max(landed))


def clean_up(case: Case) -> None:
    """Delete our copies of the bundle and the items that no bundle holds any more.

    The items that the bundle held before the replacement describe a person or a company by an old
    rule and serve nothing now; one that another bundle still uses is refused by Twilio (21644,
    21645) and stays.
    """
    renewal = case.renewal
    original = renewal.bundle.sid
    ours = [c.sid for c in case.twilio().copies(original) if renewal.tag in c.friendly_name]
    replaced = renewal.intent.get("replace")
    if replaced is not None and case.has_replaced:
        kept = set(replaced["new"])
    else:
        # Somebody may have put something else in its place since.
        kept = {a.object_sid for a in case.twilio().assignments(original)}
    if replaced is None:
        # The copies were not needed: what was made for them goes with them.
        delete_with_items(case, ours, more=made_for(case), kept=kept)
        delete_addresses(case)
        return
    if renewal.copy_sid in ours:
        # The replacement has emptied it.
        _delete_bundles(case, [renewal.copy_sid])
        ours.remove(renewal.copy_sid)
    more = {*replaced["old"], *made_for(case)}
    delete_with_items(case, ours, more=more, kept=kept)
    # A later version may have chosen the address of an earlier one again.
    in_use = set(addresses_in(held_items(renewal)))
    _delete_addresses(case, _addresses_left(case) - _addresses_made(case) - in_use)


def take_back(case: Case) -> None:
    """The original is gone, and with it the list of its copies: ours is known by its SID."""
    copy_sid = case.renewal.copy_sid
    delete_with_items(case, [copy_sid] if copy_sid else [], more=made_for(case))
    delete_addresses(case)


def delete_with_items(
    case: Case,
    copies: Iterable[str],
    *,
    more: Collection[str] = (),
    kept: Collection[str] = (),
) -> None:
    """Delete these copies, what they hold, and ``more``; but nothing of what is ``kept``."""
    orphans = set(more)
    for sid in copies:
        with suppress(Gone):
            held = {a.object_sid for a in case.twilio().assignments(sid)}.difference(kept)
            # Afterwards nothing tells what it held.
            doom(case.renewal, sorted(held), now=case.now)
            orphans |= held
            case.twilio().delete_bundle(sid)
    discard(case, orphans.difference(kept))


def made_for(case: Case) -> set[str]:
    """Items that came about for this renewal, in the copy or not (any more).

    Where a call got no answer once, Twilio is asked for everything that carries our reference.
    """
    renewal = case.renewal
    made = set(renewal.items.values_list("sid", flat=True))
    made |= set(renewal.answers.exclude(item_sid="").values_list("item_sid", flat=True))
    # A call that was broken off is found to be uncertain by the next try, which need not come.
    if renewal.answers.filter(Q(uncertain=True) | Q(intent_at__isnull=False)).exists():
        for end_users in (True, False):
            tagged = case.twilio().items_tagged(f"[{renewal.reference}/", end_users=end_users)
            made |= {item.sid for item in tagged}
    return made


def delete_addresses(case: Case) -> None:
    """Those that were made for it, whatever for."""
    _delete_addresses(case, _addresses_made(case) | _addresses_left(case))


def _addresses_made(case: Case) -> set[str]:
    made = case.renewal.answers.exclude(address_sid="")
    return set(made.values_list("address_sid", flat=True))


def _addresses_left(case: Case) -> set[str]:
    """Of earlier versions of an answer."""
    left = case.renewal.answers.values_list("left_addresses", flat=True)
    return {sid for sids in left for sid in sids}


def _delete_addresses(case: Case, sids: Collection[str]) -> None:
    discard_addresses(case, sids, shared=addresses_used_elsewhere(case.renewal))


def _delete_bundles(case: Case, sids: Iterable[str]) -> None:
    for sid in sids:
        with suppress(Gone):
            case.twilio().delete_bundle(sid)


def end(case: Case, state: str, **more: Any) -> None:
    """The last move. The data key is destroyed with it."""
    renewal = case.renewal
    with transaction.atomic():
        case.move(
            state, ended_at=case.now, key=None, evaluation=None, first_evaluation=None, **more
        )
        Upload.objects.filter(answer__renewal=renewal).delete()
        Draft.objects.filter(renewal=renewal).delete()
        StagedFile.objects.filter(renewal=renewal).delete()
        # A file's name is personal, too; its digest stays as the proof of what was sent.
        renewal.answers.update(sealed=b"", sealed_refusal=b"", sealed_file_name=b"")
        renewal.items.update(sealed=b"")
        renewal.notes.update(sealed=b"")
