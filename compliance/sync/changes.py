"""What has changed since the last look, at a cost that does not grow with what is open."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from compliance import accounts, gateway
from compliance.gateway import Gone, Refused, Unavailable
from compliance.models import Account, Bundle, Event, Regulation, Renewal
from compliance.sync import bundles, regulations
from compliance.workflow import open_renewal

RENEWABLE = (
    Bundle.Status.APPROVED,
    Bundle.Status.PROVISIONALLY_APPROVED,
    # Rejected with a date: the deadline has passed.
    Bundle.Status.REJECTED,
)
# The reviewer moves a copy in review; a person at the Console may send one that is ours to send.
MOVED_BY_OTHERS = (
    Renewal.State.NEEDS_INFO,
    Renewal.State.READY,
    Renewal.State.REJECTED,
    Renewal.State.IN_REVIEW,
)


def poll(*, now: datetime) -> None:
    """Bundles by newest change down to where the last poll ended: one call an account."""
    resting = Account.objects.resting(now=now)
    for account in Account.objects.filter(active=True).exclude(pk__in=resting):
        try:
            _poll_account(account, now=now)
        except Unavailable as error:
            accounts.note_silence(account, error, now=now)
            continue
        except (Refused, Gone):
            continue
        accounts.note_answer(account, now=now)
    _note_expired(now=now)


def _poll_account(account: Account, *, now: datetime) -> None:
    changed: list[gateway.Bundle] = []
    newest = since = account.newest_change
    for bundle in accounts.connect(account).bundles_by_change(since=since):
        newest = max(filter(None, (newest, bundle.date_updated)), default=None)
        if since is None:
            # The first poll only takes its bearings; sync has read everything.
            break
        changed.append(bundle)
    take_in(account, changed, now=now)
    Account.objects.filter(pk=account.pk).update(newest_change=newest, polled_at=now)


def take_in(account: Account, changed: list[gateway.Bundle], *, now: datetime) -> None:
    """Copies that have moved without us become due; originals are mirrored anew."""
    for bundle in changed:
        Renewal.objects.filter(copy_sid=bundle.sid, state__in=MOVED_BY_OTHERS).exclude(
            copy_status=bundle.status
        ).update(next_look_at=now)
    known = dict(
        Bundle.objects.filter(sid__in=[b.sid for b in changed]).values_list("sid", "valid_until")
    )
    originals = [b for b in changed if b.sid in known or b.valid_until is not None]
    # The rules come first: once a bundle is mirrored, the next poll sees no change in it any more,
    # so that what follows from the change has to be stored with it or not at all.
    differing = bundles.differing(account, originals, now=now)
    # A sync that broke off has mirrored these and come no further.
    left = to_renew(Bundle.objects.filter(sid__in=[b.sid for b in originals]))
    if not differing and not left.exists():
        return
    # A rule that has changed shows in a date that was not there.
    dated = [row for row in differing if row.valid_until not in (None, known.get(row.sid))]
    rules = {row.regulation_id for row in dated}
    unread = left.filter(regulation__read_at=None).values("regulation")
    wanted = Q(pk__in=[pk for pk in rules if pk is not None]) | Q(pk__in=unread)
    for regulation in Regulation.objects.filter(wanted):
        regulations.refresh_one(regulation, account, now=now)
    with transaction.atomic():
        rows = bundles.store(account, originals, now=now)
        opening = {*(row.sid for row in rows), *left.values_list("sid", flat=True)}
        mirrored = Bundle.objects.filter(sid__in=opening)
        Renewal.objects.open().filter(bundle__in=mirrored, bundle__valid_until=None).update(
            next_look_at=now
        )
        bundles.find_customers(account)
        open_renewals(mirrored, now=now)


def open_renewals(some: QuerySet[Bundle], *, now: datetime) -> None:
    """A renewal for each of these bundles that has a date and a customer."""
    for bundle in to_renew(some).filter(customer__isnull=False):
        open_renewal(bundle, now=now)


def to_renew(some: QuerySet[Bundle]) -> QuerySet[Bundle]:
    """Those with a date that no open renewal is for."""
    under_way = Renewal.objects.open().filter(
        bundle=OuterRef("pk"), valid_until=OuterRef("valid_until")
    )
    return some.filter(~Exists(under_way), valid_until__isnull=False, status__in=RENEWABLE)


def check(*, now: datetime) -> None:
    """Every copy in review by its SID, twenty a call, in case a change went unseen."""
    for account in Account.objects.filter(active=True):
        in_review = Renewal.objects.filter(
            bundle__account=account, state=Renewal.State.IN_REVIEW
        ).exclude(copy_sid="")
        statuses = dict(in_review.values_list("copy_sid", "copy_status"))
        if not statuses:
            continue
        try:
            found = accounts.connect(account).bundles_by_sid(list(statuses))
        except Unavailable as error:
            accounts.note_silence(account, error, now=now)
            continue
        except (Refused, Gone):
            continue
        same = [b.sid for b in found if statuses.get(b.sid) == b.status]
        in_review.filter(copy_sid__in=same).update(looked_at=now)
        # Those that are not there any more are due as well.
        in_review.exclude(copy_sid__in=same).update(next_look_at=now)


def _note_expired(*, now: datetime) -> None:
    """Once for each deadline that passes: the customer's timeline shows it."""
    noted = Event.objects.filter(kind="expired", renewal=OuterRef("pk"), at=OuterRef("valid_until"))
    for renewal in Renewal.objects.open().filter(~Exists(noted), valid_until__lte=now):
        Event.objects.get_or_create(
            key=f"expired:{renewal.pk}:{renewal.valid_until:%Y-%m-%dT%H:%M:%SZ}",
            defaults={
                "at": renewal.valid_until,
                "kind": "expired",
                "renewal": renewal,
                "customer_visible": True,
            },
        )
