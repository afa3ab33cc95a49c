"""What staff do with a renewal, in the request: it is written down with who and why. What needs
Twilio becomes a wish that the worker grants (``compliance.workflow.wishes``).

Whatever is asked for twice with the same ``once`` happens once.
"""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from compliance.models import Event, Renewal, User, because
from compliance.workflow.customer import NotNow, open_renewal, retry

Wish = Renewal.Wish

REMINDED = "reminder-asked-for"


class Twice(Exception):
    """The same button of the same page was pressed before."""


def note(
    kind: str,
    renewal: Renewal,
    *,
    by: User | None,
    now: datetime,
    once: str = "",
    person: User | None = None,
    reason: str = "",
    **details: Any,
) -> Event:
    """What a member of the staff did. Stands first in its transaction.

    :raises Twice:
    """
    try:
        with transaction.atomic():
            return Event.objects.create(
                at=now,
                kind=kind,
                renewal=renewal,
                person=person,
                by=by,
                key=_key(once),
                details={
                    **{name: value for name, value in details.items() if value != ""},
                    **because(reason, renewal=renewal),
                },
            )
    except IntegrityError as error:
        raise Twice from error


def _key(once: str) -> str | None:
    return f"desk:{once}" if once else None


def look(renewal: Renewal, *, by: User, now: datetime, once: str = "") -> None:
    """:raises Twice:"""
    with transaction.atomic():
        note("looked-now", renewal, by=by, now=now, once=once)
        Renewal.objects.open().filter(pk=renewal.pk).update(next_look_at=now)


def try_again(renewal: Renewal, *, by: User, now: datetime, once: str = "") -> None:
    """:raises Twice:"""
    try:
        with transaction.atomic():
            retry(renewal, by=by, now=now, key=_key(once))
    except IntegrityError as error:
        raise Twice from error


def pause(renewal: Renewal, *, by: User, reason: str, now: datetime, once: str = "") -> None:
    """:raises NotNow, Twice:"""
    with transaction.atomic():
        free = Renewal.objects.open().filter(pk=renewal.pk, paused_at=None)
        if not free.update(paused_at=now, paused_by=by):
            raise NotNow
        note("paused", renewal, by=by, now=now, once=once, reason=reason)


def resume(renewal: Renewal, *, by: User, now: datetime, once: str = "") -> None:
    """:raises NotNow, Twice:"""
    with transaction.atomic():
        paused = Renewal.objects.filter(pk=renewal.pk, paused_at__isnull=False)
        if not paused.update(paused_at=None, paused_by=None, next_look_at=now):
            raise NotNow
        note("resumed", renewal, by=by, now=now, once=once)


def remind(renewal: Renewal, *, by: User, now: datetime) -> bool:
    """One a day; the event is what the mail comes of. False if it was asked for before."""
    day = f"{now:%Y-%m-%d}"
    try:
        note(REMINDED, renewal, by=by, now=now, once=f"{REMINDED}:{renewal.pk}:{day}")
    except Twice:
        return False
    return True


def was_reminded(renewal: Renewal, *, now: datetime) -> bool:
    key = f"desk:{REMINDED}:{renewal.pk}:{now:%Y-%m-%d}"
    return Event.objects.filter(key=key).exists()


def assign(
    renewal: Renewal,
    *,
    to: User | None,
    was: int | None,
    by: User,
    now: datetime,
    once: str = "",
) -> None:
    """:param was: whose it was, as the page showed it.
    :raises NotNow: somebody else has taken it meanwhile.
    :raises Twice:
    """
    with transaction.atomic():
        if not Renewal.objects.filter(pk=renewal.pk, assignee=was).update(assignee=to):
            raise NotNow
        note("assigned", renewal, by=by, now=now, once=once, person=to)


def ask(
    renewal: Renewal,
    wish: str,
    *,
    by: User | None,
    now: datetime,
    about: str = "",
    reason: str = "",
    once: str = "",
) -> None:
    """The worker does it next.

    :raises NotNow: something else has been asked for already, it is paused, or it has ended.
    :raises Twice:
    """
    with transaction.atomic():
        free = Renewal.objects.open().filter(pk=renewal.pk, wish="", paused_at=None)
        if not free.update(wish=wish, wish_about=about, wished_by=by, next_look_at=now, attempts=0):
            raise NotNow
        note(f"{wish}-asked", renewal, by=by, now=now, once=once, sid=about, reason=reason)


def take_back(renewal: Renewal, *, by: User, now: datetime, once: str = "") -> None:
    """What the worker was asked for and is not at.

    :raises NotNow: it is at it, or has done it.
    :raises Twice:
    """
    with transaction.atomic():
        asked = Renewal.objects.open().filter(pk=renewal.pk).exclude(wish="")
        free = asked.filter(Q(lease_until=None) | Q(lease_until__lte=now))
        if not free.update(wish="", wish_about="", wished_by=None, next_look_at=now):
            raise NotNow
        note("wish-taken-back", renewal, by=by, now=now, once=once, wish=renewal.wish)


def reopen(renewal: Renewal, *, by: User, now: datetime, once: str = "") -> Renewal:
    """After a cancellation: another renewal of the same bundle, or the one that is open already.

    :raises NotNow: the deadline is gone, or nobody's.
    :raises Twice:
    """
    with transaction.atomic():
        note("reopened", renewal, by=by, now=now, once=once)
        opened = open_renewal(renewal.bundle, now=now, by=by, again=True)
        if opened is None:
            raise NotNow
    return opened
