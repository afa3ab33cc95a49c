"""Whether the events are what was once written: every chain is followed from its first link on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain as one_after_the_other
from itertools import groupby
from operator import attrgetter
from typing import Any

from compliance.models import Chain, Event, User
from compliance.models.chain import hash_of, mark_of

AT_ONCE = 2000

CHANGED = "its content is not what was written"
MISSING = "it is missing"
SOMEBODY_ELSE = "it names somebody else"
NOT_AT_THE_END = "the chain's end is kept as another one"


@dataclass(frozen=True, kw_only=True)
class Break:
    """The first link of a chain that does not hold. ``event``: its primary key, if it is there."""

    renewal: int | None
    number: int
    what: str
    event: int | None = None


@dataclass(kw_only=True)
class Counts:
    events: int = 0
    chains: int = 0
    # References to persons who have been erased since.
    forgotten: int = 0


def breaks(counts: Counts) -> Iterator[Break]:
    """At most one of each chain. ``counts`` is filled on the way.

    Safe beside running processes: what is written meanwhile is taken for what it is.
    """
    secrets = dict(User.objects.values_list("pk", "trail_secret"))
    ends = {end.renewal_id: end for end in Chain.objects.all()}
    # Chain by chain, which every database sorts alike only where the renewal is not empty.
    chained = Event.objects.filter(renewal__isnull=False).order_by("renewal_id", "number", "pk")
    others = Event.objects.filter(renewal=None).order_by("number", "pk")
    rows = one_after_the_other(others.iterator(AT_ONCE), chained.iterator(AT_ONCE))
    for renewal, events in groupby(rows, attrgetter("renewal_id")):
        counts.chains += 1
        end = ends.pop(renewal, None) or Chain(renewal_id=renewal)
        if found := _follow(events, end, secrets, counts):
            yield found
    for renewal, end in ends.items():
        if end.length:
            yield Break(renewal=renewal, number=1, what=MISSING)


def _follow(
    events: Iterable[Event], end: Chain, secrets: dict[int, str], counts: Counts
) -> Break | None:
    """:param end: as it was before the events were read."""
    renewal, number, before = end.renewal_id, 0, ""
    for number, event in enumerate(events, start=1):
        counts.events += 1
        if event.number > number:
            return Break(renewal=renewal, number=number, what=MISSING)
        if event.number < number or event.hash != hash_of(event, before=before):
            return Break(renewal=renewal, number=number, what=CHANGED, event=event.pk)
        if not _names_the_same(event, secrets, counts):
            return Break(renewal=renewal, number=number, what=SOMEBODY_ELSE, event=event.pk)
        before = event.hash
        if number == end.length and before != end.hash:
            return Break(renewal=renewal, number=number, what=NOT_AT_THE_END, event=event.pk)
    if number > end.length:
        # It has grown meanwhile, or somebody added to it who knows nothing of ends.
        end = Chain.objects.filter(renewal=renewal).first() or end
    if number < end.length and not _grew(end, number):
        return Break(renewal=renewal, number=number + 1, what=MISSING)
    if number > end.length or (number == end.length and before != end.hash):
        return Break(renewal=renewal, number=number, what=NOT_AT_THE_END)
    return None


def _grew(end: Chain, number: int) -> bool:
    """Whether the link after this one is there after all."""
    return Event.objects.filter(renewal=end.renewal_id, number=number + 1).exists()


def _names_the_same(event: Event, secrets: dict[int, str], counts: Counts) -> bool:
    """Who was forgotten since is nobody now; nobody can have become somebody."""
    for person_pk, mark in ((event.person_id, event.person_mark), (event.by_id, event.by_mark)):
        if person_pk is None:
            counts.forgotten += bool(mark)
            continue
        # Who came meanwhile is not known here yet.
        secret = secrets.get(person_pk) or _secret(person_pk)
        place: Any = {"renewal_pk": event.renewal_id, "number": event.number}
        if mark != mark_of(secret, **place):
            return False
    return True


def _secret(person_pk: int) -> str:
    return User.objects.filter(pk=person_pk).values_list("trail_secret", flat=True).first() or ""
