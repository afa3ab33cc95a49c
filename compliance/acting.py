"""Staff on a customer's pages: as that customer sees them (``VIEW``), or in its place (``ACT``).

It is bound to one session and one member of the staff, lasts half an hour, and gives nothing but
what one customer's editor may see or do. Beginning and end are on record, with the reason.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase

from compliance.models import Bundle, Customer, Event, Renewal, User, because
from compliance.models.mirror import BundleQuerySet
from compliance.models.renewal import RenewalQuerySet

ACT, VIEW = "act", "view"
PERMISSIONS = {ACT: "compliance.act_on_behalf", VIEW: "compliance.view_as_customer"}
LASTS = timedelta(minutes=30)
KEY = "acting"


@dataclass(frozen=True, kw_only=True)
class Acting:
    customer: Customer
    mode: str
    until: datetime

    @property
    def may_change(self) -> bool:
        return self.mode == ACT


def start(
    session: SessionBase, renewal: Renewal, *, mode: str, reason: str, by: User, now: datetime
) -> None:
    """What was begun before ends with it."""
    customer = renewal.bundle.customer
    if customer is None:
        raise ValueError("nobody's")
    end(session, now=now)
    until = now + LASTS
    Event.objects.create(
        at=now,
        kind=f"{mode}-started",
        renewal=renewal,
        customer=customer,
        by=by,
        details={**because(reason, renewal=renewal), "until": until.isoformat()},
    )
    session[KEY] = {
        "user": by.pk,
        "customer": customer.pk,
        "renewal": renewal.pk,
        "mode": mode,
        "until": until.timestamp(),
    }


def current(session: SessionBase, *, user: User, now: datetime) -> Acting | None:
    """What is going on in this session; what may not go on (any more) is ended."""
    stored = session.get(KEY)
    if stored is None:
        return None
    until = datetime.fromtimestamp(stored["until"], tz=UTC)
    allowed = user.is_active and user.is_staff and user.has_perm(PERMISSIONS[stored["mode"]])
    customer = Customer.objects.filter(pk=stored["customer"]).first()
    if user.pk != stored["user"] or not allowed or now >= until or customer is None:
        end(session, now=min(now, until))
        return None
    return Acting(customer=customer, mode=stored["mode"], until=until)


def end(session: SessionBase, *, now: datetime) -> int | None:
    """The renewal from which it was begun; None if nothing was going on."""
    stored = session.pop(KEY, None)
    if stored is None:
        return None
    renewal = Renewal.objects.filter(pk=stored["renewal"]).first()
    Event.objects.create(
        at=now,
        kind=f"{stored['mode']}-ended",
        renewal=renewal,
        customer=Customer.objects.filter(pk=stored["customer"]).first(),
        by_id=stored["user"],
    )
    return int(stored["renewal"]) if renewal else None


def renewals_for(user: User, acting: Acting | None) -> RenewalQuerySet:
    if acting is None:
        return Renewal.objects.visible_to(user)
    return Renewal.objects.filter(bundle__customer=acting.customer)


def bundles_for(user: User, acting: Acting | None) -> BundleQuerySet:
    if acting is None:
        return Bundle.objects.visible_to(user)
    return Bundle.objects.filter(customer=acting.customer)
