"""Files that were uploaded when they were chosen, and wait until their answer is saved.

Each is sealed under the renewal's key like everything else of it. :func:`compliance.answers.save`
drops those of its task and person in the transaction in which it writes the answer; what is never
saved is dropped with the renewal or after a day.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from compliance.answers.saving import File, NotOpen, display_name
from compliance.models import Renewal, StagedFile, User

KEPT_FOR = timedelta(days=1)
# In one document, and of one person at one task.
MOST_FILES = 20


class TooMany(Exception):
    """More files than one document is made of."""


def stage(
    renewal: Renewal,
    *,
    task: str,
    document: str,
    file: File,
    doubts: Sequence[str],
    by: User,
    now: datetime,
) -> StagedFile:
    """Keep a checked file until the answer is saved.

    :param document: the option's type.
    :raises NotOpen: the renewal is not in the customer's hands.
    :raises TooMany:
    """
    with transaction.atomic():
        # Locks the row, so that the renewal does not end, and its key with it, meanwhile.
        renewal_is_open = (
            Renewal.objects.filter(pk=renewal.pk, state__in=Renewal.EDITABLE)
            .select_for_update()
            .only("pk")
            .first()
        )
        if renewal_is_open is None:
            raise NotOpen
        others = StagedFile.objects.filter(renewal=renewal, task=task, user=by)
        if others.count() >= MOST_FILES:
            raise TooMany
        staged = StagedFile(
            renewal=renewal,
            task=task,
            document=document,
            user=by,
            file_type=file.type,
            file_size=len(file.data),
            doubts=list(doubts),
            staged_at=now,
        )
        staged.file_name = display_name(file.name)
        staged.seal(file.data)
        staged.save()
    return staged


def staged_files(
    renewal: Renewal, *, task: str, document: str, by: User, now: datetime
) -> list[StagedFile]:
    """What this person has chosen for that document and not saved; first the first."""
    found = list(
        StagedFile.objects.filter(
            renewal=renewal,
            task=task,
            document=document,
            user=by,
            staged_at__gt=now - KEPT_FOR,
        )
        .defer("sealed")
        .order_by("pk")
    )
    for staged in found:
        staged.renewal = renewal
    return found


def discard_staged(renewal: Renewal, *, task: str, token: str, by: User) -> None:
    """A token that no file has removes none; PostgreSQL could not even look for a NUL in it."""
    if token.isprintable():
        StagedFile.objects.filter(renewal=renewal, task=task, token=token, user=by).delete()


def forget_staged(*, now: datetime) -> None:
    """What nobody has saved for a day."""
    StagedFile.objects.filter(staged_at__lte=now - KEPT_FOR).delete()
