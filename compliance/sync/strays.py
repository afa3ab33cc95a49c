"""The hourly reconcile: what we made at Twilio and nothing needs is deleted; what else carries our
tag and belongs to nothing is noted for support.

It works through two lists, each at a bounded cost. The rows are what we know that we wanted gone.
The pages are what Twilio holds: so many a run, on from where the last run ended, so that what
nobody knows of is found as well. Each page and each deletion is on record before the next, so it
may break off anywhere, and two at once do no harm.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from random import uniform

from django.db.models import Q
from django.utils import timezone

from compliance import accounts, gateway, measures
from compliance.answers.leftovers import delete, doom, is_needed, put_off
from compliance.answers.reusing import addresses_used_elsewhere, used_elsewhere
from compliance.gateway import Gone, Kind, Refused, Unavailable
from compliance.models import Account, Bundle, Event, Renewal, Stray
from compliance.requirements import addresses_of
from compliance.sync.ownership import Verdict, judge, reference_in
from compliance.workflow import hold

logger = logging.getLogger(__name__)

Why = Stray.Why

# Each list of Twilio's, and how the SIDs in it begin. Copies first: what they hold follows.
PREFIXES: dict[Kind, str] = {
    "Bundles": "BU",
    "SupportingDocuments": "RD",
    "EndUsers": "IT",
    "Addresses": "AD",
}
# Of each list in a run, with a thousand rows each.
PAGES_AT_ONCE = 10
ROWS_AT_ONCE = 200
HOUR = timedelta(hours=1)


def due(*, now: datetime) -> list[Account]:
    """Active accounts whose hour has come."""
    resting = Account.objects.resting(now=now)
    active = Account.objects.filter(_is_due(now), active=True)
    return list(active.exclude(pk__in=resting).order_by("pk"))


def ask_for_all() -> None:
    """All accounts are due at once: somebody wants to know."""
    Account.objects.filter(active=True).update(strays_due_at=None)


def reconcile(account: Account, *, clock: Callable[[], datetime] = timezone.now) -> None:
    """Once an hour, however often a message comes."""
    if not _claim(account, now=clock()):
        return
    try:
        run = _Run(account, clock=clock)
        run.go_on_with_rows()
        for kind in PREFIXES:
            run.read(kind)
    except Unavailable as error:
        accounts.note_silence(account, error, now=clock())
        logger.warning("the reconcile of %s is put off: %s", account.sid, error)
    except (Refused, Gone) as error:
        logger.error("the reconcile of %s failed: %s", account.sid, type(error).__name__)


def _is_due(now: datetime) -> Q:
    # Further ahead than that: the clock has been put back.
    far = Q(strays_due_at__gt=now + 2 * HOUR)
    return Q(strays_due_at=None) | Q(strays_due_at__lte=now) | far


def _claim(account: Account, *, now: datetime) -> bool:
    """For one of those who come at the same time. The next turn is at another minute each time, so
    that not all accounts have theirs at once."""
    later = now + HOUR * uniform(0.8, 1.0)  # noqa: S311  (jitter)
    mine = Account.objects.filter(_is_due(now), pk=account.pk)
    return bool(mine.update(strays_due_at=later))


class _Run:
    def __init__(self, account: Account, *, clock: Callable[[], datetime]) -> None:
        self.account = Account.objects.get(pk=account.pk)
        self.clock = clock
        self.twilio = accounts.connect(account)

    # --- What we know of ----------------------------------------------------------------------

    def go_on_with_rows(self) -> None:
        rows = Stray.objects.filter(account=self.account, next_try_at__lte=self.clock())
        for row in rows.select_related("renewal__bundle").order_by("next_try_at")[:ROWS_AT_ONCE]:
            self._delete(row)

    def _delete(self, row: Stray) -> None:
        """An item or an address, unless something holds it."""
        if self._is_held(row.sid, row.renewal):
            put_off(row, Why.IN_USE, now=self.clock())
        elif delete(self.twilio, row.sid, now=self.clock()) is None:
            self._note(row.renewal, row.sid)

    def _is_held(self, sid: str, renewal: Renewal | None) -> bool:
        """By a renewal, or by the bundle itself: a person may have put it there. Twilio refuses to
        delete an item that a bundle holds, but not an address that a document names."""
        if is_needed(sid):
            return True
        if renewal is None:
            return False
        if not sid.startswith("AD"):
            return bool(used_elsewhere(renewal, [sid])) or sid in self._items_of(renewal.bundle.sid)
        if sid in addresses_used_elsewhere(renewal):
            return True
        held = self._items_of(renewal.bundle.sid)
        return any(sid in self._addresses_of(item) for item in held)

    def _items_of(self, bundle_sid: str) -> set[str]:
        try:
            return {a.object_sid for a in self.twilio.assignments(bundle_sid)}
        except Gone:
            return set()

    def _addresses_of(self, item_sid: str) -> tuple[str, ...]:
        try:
            return tuple(addresses_of(self.twilio.item(item_sid).attributes))
        except Gone:
            return ()

    # --- What Twilio holds --------------------------------------------------------------------

    def read(self, kind: Kind) -> None:
        """Some pages of one list, on from the last run; after the last page it begins anew."""
        for _ in range(PAGES_AT_ONCE):
            after, begun = self.account.strays_read.get(kind) or ("", self.clock().isoformat())
            try:
                page, following = self.twilio.named(kind, after=after)
            except (Refused, Gone, Unavailable) as error:
                if after and getattr(error, "cause", "server") == "server":
                    # The place may be one that Twilio does not know any more.
                    self._remember(kind, [])
                raise
            fine = [found.sid for found in page if not self._take_in(found)]
            Stray.objects.filter(sid__in=fine, why__in=Stray.REPORTED).delete()
            self._remember(kind, [following, begun] if following else [])
            if not following:
                self._forget_what_is_gone(kind, begun=datetime.fromisoformat(begun))
                return

    def _remember(self, kind: Kind, place: list[str]) -> None:
        self.account.strays_read = {**self.account.strays_read, kind: place}
        Account.objects.filter(pk=self.account.pk).update(strays_read=self.account.strays_read)

    def _take_in(self, found: gateway.Named) -> bool:
        """Whether there is something about it; if not, nothing of it is to be reported either."""
        verdict, renewal = judge(found, self.account, now=self.clock())
        match verdict:
            case Verdict.FINE | Verdict.TOO_YOUNG:
                return False
            case Verdict.OURS_TO_DELETE if renewal is not None:
                if found.sid.startswith("BU"):
                    self._delete_copy(found, renewal)
                else:
                    self._delete_made(found, renewal)
            case _:
                self._report(found, renewal, Why(verdict.value))
        return True

    def _report(self, found: gateway.Named, renewal: Renewal | None, why: str) -> None:
        """For support; nothing is touched."""
        now = self.clock()
        row, is_new = Stray.objects.get_or_create(
            sid=found.sid,
            defaults={
                "account": self.account,
                "renewal": renewal,
                "reference": reference_in(found.friendly_name),
                "why": why,
                "status": found.status[:40],
                "found_at": now,
                "seen_at": now,
            },
        )
        if not is_new and row.why in Stray.REPORTED:
            changed = Stray.objects.filter(pk=row.pk)
            changed.update(why=why, status=found.status[:40], seen_at=now)

    def _forget_what_is_gone(self, kind: Kind, *, begun: datetime) -> None:
        reported = Stray.objects.filter(account=self.account, why__in=Stray.REPORTED)
        reported.filter(sid__startswith=PREFIXES[kind], seen_at__lt=begun).delete()

    # --- What is ours to delete ---------------------------------------------------------------

    def _delete_made(self, found: gateway.Named, renewal: Renewal) -> None:
        Stray.objects.filter(sid=found.sid, why__in=Stray.REPORTED).delete()
        if Stray.objects.filter(sid=found.sid).exists():
            # The rows have their own time.
            return
        doom(renewal, [found.sid], now=self.clock())
        self._delete(Stray.objects.select_related("renewal__bundle").get(sid=found.sid))

    def _delete_copy(self, found: gateway.Named, renewal: Renewal) -> None:
        """With what only it holds. An open renewal is held meanwhile: staff may be about to have it
        go on with this very copy."""
        with hold(renewal, now=self.clock()) as is_held:
            if not is_held or (renewal.copy_sid == found.sid and renewal.is_open):
                return
            original = renewal.bundle.sid
            try:
                copies = {copy.sid: copy for copy in self.twilio.copies(original)}
            except Gone:
                # With the original the list of its copies is gone.
                copies = {}
            copy = copies.get(found.sid)
            if copy is None or copy.status != Bundle.Status.DRAFT:
                self._report(found, renewal, Why.UNPROVEN)
                return
            kept = self._items_of(original)
            if renewal.copy_sid in copies and renewal.copy_sid != found.sid:
                kept |= self._items_of(renewal.copy_sid)
            # Afterwards nothing tells what it held.
            items = self._items_of(found.sid) - kept
            doom(renewal, sorted(items), now=self.clock())
            with suppress(Gone):
                self.twilio.delete_bundle(found.sid)
        self._note(renewal, found.sid)
        for row in Stray.objects.filter(sid__in=items).select_related("renewal__bundle"):
            self._delete(row)

    def _note(self, renewal: Renewal | None, sid: str) -> None:
        Stray.objects.filter(sid=sid).delete()
        measures.note_stray(sid[:2])
        values = {"kind": "stray-removed", "renewal": renewal, "details": {"sid": sid}}
        Event.objects.get_or_create(
            key=f"stray-removed:{sid}", defaults={"at": self.clock(), **values}
        )
