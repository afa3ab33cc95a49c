"""One worker at a time on a renewal, without holding a row or a lock across a call to Twilio.

The lease is claimed by a conditional UPDATE; every later write carries its token, so a worker that
was taken for dead can change nothing. Attempts are counted here, when the lease is taken: a step
that kills the process is counted too.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db.models import F, Q

from compliance import accounts, gateway
from compliance.gateway import Twilio
from compliance.models import Account, Event, Renewal

# A few of the slowest calls. It is given back much sooner, unless the process dies.
HELD_AT_MOST = 4 * settings.LEASE


def claim(renewal_pk: int, *, clock: Callable[[], datetime]) -> "Case | None":
    """The renewal under lease; None if it is not due, is paused, has ended, or somebody else has
    it."""
    now = clock()
    if Account.objects.resting(now=now).filter(bundles__renewals=renewal_pk).exists():
        return None
    token, until = uuid4().hex, now + settings.LEASE
    # One table only: with a join PostgreSQL would let two workers through at the same moment.
    claimed = (
        Renewal.objects.due(now=now)
        .filter(pk=renewal_pk)
        .update(
            lease_token=token,
            lease_until=until,
            # If this process dies, the sweep finds the renewal when the lease is over.
            next_look_at=until,
            attempts=F("attempts") + 1,
        )
    )
    if not claimed:
        return None
    renewal = Renewal.objects.select_related(
        "bundle__account", "bundle__regulation", "bundle__customer", "wished_by"
    ).get(pk=renewal_pk)
    if renewal.lease_token != token:
        return None
    return Case(renewal, clock=clock, marker=until)


@contextmanager
def hold(renewal: Renewal, *, now: datetime) -> Iterator[bool]:
    """Keep workers off a renewal while its surroundings are changed; it is read afresh. False if
    one has it. Nobody takes up one that has ended."""
    token = uuid4().hex
    if renewal.is_open:
        free = Q(lease_until=None) | Q(lease_until__lte=now)
        held = Renewal.objects.open().filter(free, pk=renewal.pk)
        if not held.update(lease_token=token, lease_until=now + HELD_AT_MOST):
            yield False
            return
        renewal.refresh_from_db()
    try:
        yield True
    finally:
        mine = Renewal.objects.filter(pk=renewal.pk, lease_token=token)
        mine.update(lease_token="", lease_until=None)


class Case:
    """A renewal under lease: what a step works with."""

    def __init__(
        self, renewal: Renewal, *, clock: Callable[[], datetime], marker: datetime
    ) -> None:
        self.renewal = renewal
        self._clock = clock
        # What ``next_look_at`` reads as long as nobody has asked for another look.
        self._marker = marker
        self._twilio: Twilio | None = None
        # The copy's status as Twilio has told it under this lease; "" as long as it has not.
        self.copy_status = ""
        # Items that Twilio has described under this lease when they were made or changed.
        self.described: dict[str, gateway.Item] = {}
        # Under this lease the original was given what it holds.
        self.has_replaced = False

    @property
    def now(self) -> datetime:
        return self._clock()

    def twilio(self) -> Twilio:
        """For one call: the lease is renewed first, and is long enough for the slowest call."""
        until = self.now + settings.LEASE
        mine = self._mine().filter(state=self.renewal.state)
        if mine.filter(next_look_at=self._marker).update(lease_until=until, next_look_at=until):
            self._marker = until
        elif not mine.update(lease_until=until):
            raise Renewal.Stale
        if self._twilio is None:
            self._twilio = accounts.connect(self.renewal.bundle.account)
        return self._twilio

    def write(self, **changes: Any) -> None:
        """Store the outcome of a call, only while the lease is still ours."""
        if not self._mine().update(**changes):
            raise Renewal.Stale
        for name, value in changes.items():
            setattr(self.renewal, name, value)

    def move(self, to: str, **more: Any) -> None:
        self.renewal.move(to, now=self.now, **more)

    def note(self, kind: str, *, key: str | None = None, **details: Any) -> None:
        """An event for staff. With a key it is written once."""
        values = {"at": self.now, "kind": kind, "renewal": self.renewal, "details": details}
        if key is None:
            Event.objects.create(**values)
        else:
            Event.objects.get_or_create(key=key, defaults=values)

    def is_paused(self) -> bool:
        """Since the lease was taken: what was begun is finished, and no other step is taken."""
        return bool(self._mine().filter(paused_at__isnull=False).exists())

    def release(self, *, next_look_at: datetime | None, **changes: Any) -> bool:
        """Give the lease back. True if somebody has asked for another look since it was taken."""
        free = {"lease_token": "", "lease_until": None, **changes}
        mine = self._mine()
        if mine.filter(next_look_at=self._marker).update(next_look_at=next_look_at, **free):
            return False
        return bool(mine.update(**free))

    def abandon(self) -> bool:
        """Somebody has changed the renewal meanwhile: look at it afresh, if the lease is ours."""
        return bool(self._mine().update(lease_token="", lease_until=None, next_look_at=self.now))

    def _mine(self) -> Any:
        return Renewal.objects.filter(pk=self.renewal.pk, lease_token=self.renewal.lease_token)
