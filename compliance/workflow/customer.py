"""What people cause: a renewal is opened, sent, or tried again."""

from datetime import datetime

from django.db import IntegrityError, transaction

from compliance.models import Answer, Bundle, Event, Renewal, User, on_behalf
from compliance.stages import dates_of

State = Renewal.State


class NotNow(Exception):
    """The renewal has moved on since the page was made."""


def open_renewal(
    bundle: Bundle, *, now: datetime, by: User | None = None, again: bool = False
) -> Renewal | None:
    """The open renewal of a bundle that has a deadline and a customer; made if there is none.

    A deadline that Twilio has moved is moved on the open renewal too.

    :param again: although staff have cancelled the one of this very deadline.
    """
    if bundle.valid_until is None or bundle.customer_id is None:
        return None
    renewal = Renewal.objects.open().filter(bundle=bundle).first()
    if renewal is not None:
        if renewal.valid_until != bundle.valid_until:
            Renewal.objects.filter(pk=renewal.pk).update(valid_until=bundle.valid_until)
            renewal.valid_until = bundle.valid_until
        return renewal
    if not again and was_cancelled(bundle):
        return None
    try:
        with transaction.atomic():
            renewal = Renewal.objects.create(
                bundle=bundle, valid_until=bundle.valid_until, opened_at=now, next_look_at=now
            )
            Event.objects.create(
                at=now, kind="opened", renewal=renewal, by=by, customer_visible=True
            )
    except IntegrityError:
        # Another process was quicker (one open renewal per bundle is the database's rule), or the
        # reference is taken: the next look at this bundle makes another.
        return Renewal.objects.open().filter(bundle=bundle).first()
    return renewal


def was_cancelled(bundle: Bundle) -> bool:
    """Staff have said that this deadline is none for us."""
    cancelled = Renewal.objects.filter(
        bundle=bundle, state=State.CANCELLED, wish=Renewal.Wish.CANCEL
    )
    return bundle.valid_until in cancelled.values_list("valid_until", flat=True)


def send(renewal: Renewal, *, by: User, now: datetime) -> None:
    """The customer confirms: from here on it goes to the reviewer.

    :raises NotNow: it is not ready (any more), or an answer is still on its way.
    """
    with transaction.atomic():
        # Write first: it holds off a worker's writes and a colleague's save until this is done.
        ready = Renewal.objects.filter(pk=renewal.pk, state=State.READY)
        if not ready.update(next_look_at=now):
            raise NotNow
        if renewal.answers.filter(state=Answer.State.WAITING).exists():
            raise NotNow
        renewal.refresh_from_db(fields=["state", "lease_token"])
        customer = renewal.bundle.customer
        zone = customer.time_zone if customer else "UTC"
        late = dates_of(renewal.valid_until, now=now, zone=zone).late
        renewal.move(
            State.SUBMITTED,
            now=now,
            by=by,
            event="sent",
            customer_visible=True,
            details=on_behalf(renewal, by=by, now=now),
            next_look_at=now,
            sent_late=late if renewal.sent_late is None else renewal.sent_late,
        )


def retry(renewal: Renewal, *, by: User | None, now: datetime, key: str | None = None) -> None:
    """Look at it again now, whatever stood in the way; the attempts start from nought.

    :param key: of the event, which can exist once.
    """
    with transaction.atomic():
        Renewal.objects.open().filter(pk=renewal.pk).update(
            next_look_at=now, attempts=0, trouble="", sealed_trouble=b""
        )
        Event.objects.create(
            at=now,
            kind="tried-again",
            renewal=renewal,
            by=by,
            key=key,
            details={"was": renewal.trouble},
        )
