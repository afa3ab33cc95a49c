"""What is typed and not yet saved, kept per person and task; and who is at which page.

A draft is nobody's answer: it never leaves our database, and it goes when its person saves the
answer, or with the renewal.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from compliance.answers.saving import NotOpen
from compliance.models import Answer, Draft, Renewal, User

# An open page says so every 20 seconds; after three times in silence it counts as closed.
PRESENT_FOR = timedelta(seconds=60)


def keep_draft(
    renewal: Renewal,
    *,
    task: str,
    inputs: Mapping[str, str],
    version: int,
    by: User,
    now: datetime,
) -> Draft | None:
    """Keep what the page's inputs hold, by name.

    None if the same person has saved the answer since: the page that was just left had still had
    something to say.

    :param version: that of the answer which the page showed, 0 if there was none.
    :raises NotOpen: the renewal has ended, and its key with it.
    """
    with transaction.atomic():
        _still_open(renewal)
        answer = Answer.objects.filter(renewal=renewal, task=task, saved_by=by).first()
        if answer is not None and answer.version > version:
            return None
        draft = Draft.objects.get_or_create(renewal=renewal, task=task, user=by)[0]
        draft.renewal = renewal
        draft.sealed = renewal.seal(inputs, about=draft.about)
        draft.version = version
        draft.saved_at = now
        draft.save(update_fields=["sealed", "version", "saved_at"])
    return draft


def at_task(
    renewal: Renewal, *, task: str, by: User, now: datetime
) -> tuple[Draft | None, list[Draft]]:
    """What this person has typed there and not saved; and who else has the task's page open, since
    when (``opened_at``), longest first. What those have typed is not handed out."""
    drafts = Draft.objects.filter(renewal=renewal, task=task)
    here = Q(seen_at__gte=now - PRESENT_FOR)
    own, others = None, []
    for draft in drafts.filter(Q(user=by) | here).select_related("user").order_by("opened_at"):
        draft.renewal = renewal
        if draft.user_id != by.pk:
            draft.sealed = b""
            others.append(draft)
        elif draft.saved_at:
            own = draft
    return own, others


def discard_draft(renewal: Renewal, *, task: str, by: User) -> None:
    Draft.objects.filter(renewal=renewal, task=task, user=by).delete()


def announce(renewal: Renewal, *, task: str, by: User, now: datetime) -> None:
    """This person has the task's page open."""
    with transaction.atomic():
        _still_open(renewal)
        draft = Draft.objects.get_or_create(renewal=renewal, task=task, user=by)[0]
        if draft.seen_at is None or draft.seen_at < now - PRESENT_FOR:
            draft.opened_at = now
        draft.seen_at = now
        draft.save(update_fields=["opened_at", "seen_at"])


def leave(renewal: Renewal, *, task: str, by: User) -> None:
    """The page has been closed."""
    Draft.objects.filter(renewal=renewal, task=task, user=by).update(opened_at=None, seen_at=None)


def _still_open(renewal: Renewal) -> None:
    """Locks the row, so that a renewal does not end while a draft of it is being kept."""
    if Renewal.objects.open().select_for_update().filter(pk=renewal.pk).only("pk").first() is None:
        raise NotOpen
