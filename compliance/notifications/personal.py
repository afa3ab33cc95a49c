"""What is told to one person alone, at once: that they are invited, that a passkey was added or
removed. Each comes of one event and goes through the same ledger as the mails about registrations.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, ngettext

from compliance import people
from compliance.models import Customer, Event, Mail, Membership, SignInLink, User
from compliance.notifications import ledger
from compliance.notifications.ledger import Claim
from compliance.notifications.message import Entry, Message
from compliance.wording import dates as words

KINDS = {
    people.INVITED: Mail.Kind.INVITED,
    people.PASSKEY_ADDED: Mail.Kind.PASSKEY,
    people.PASSKEY_REMOVED: Mail.Kind.PASSKEY,
    people.APP_ADDED: Mail.Kind.PASSKEY,
    people.APP_REMOVED: Mail.Kind.PASSKEY,
}


def candidates(*, now: datetime) -> list[int]:
    """Events that a claim may find something to tell of. Those that are settled are closed."""
    untold = Event.objects.filter(told_at=None, kind__in=KINDS)
    keys = {_key(event): event.pk for event in untold.order_by("pk")}
    rows = Mail.objects.in_bulk(list(keys), field_name="key")
    settled = [keys[key] for key, row in rows.items() if ledger.is_settled(row)]
    Event.objects.filter(pk__in=settled, told_at=None).update(told_at=now)
    return [pk for key, pk in keys.items() if ledger.is_open(rows.get(key), now=now)]


def claim(event_pk: int, *, now: datetime) -> Claim | None:
    """The message, with its row committed; None if there is none, or no more.

    The secret in an invitation's link is made here and stored nowhere: each try has one of its own.
    """
    with transaction.atomic():
        event = Event.objects.select_related("customer", "by").get(pk=event_pk)
        person = _person(event)
        row = Mail.objects.filter(key=_key(event)).first()
        if not ledger.is_open(row, now=now):
            return None
        membership = _membership(event)
        if person is None or (event.kind == people.INVITED and membership is None):
            _give_up(event, now=now)
            return None
        with translation.override(person.language):
            if membership is not None:
                message = _invitation(event, membership, person, now=now)
            else:
                message = _passkey(event, person, now=now)
        token = uuid4().hex
        row = row or Mail(key=_key(event))
        row.kind, row.recipient, row.event = KINDS[event.kind], person, event
        row.customer = event.customer
        ledger.note_try(row, token, message.subject, twice=True, now=now)
    return Claim(
        token=token,
        channel=Mail.Channel.MAIL,
        address=person.email,
        language=person.language,
        message=message,
    )


def _key(event: Event) -> str:
    return f"{event.kind}:{event.pk}"


def _person(event: Event) -> User | None:
    people_ = User.objects.select_for_update().filter(is_active=True)
    return people_.filter(pk=event.person_id).first() if event.person_id else None


def _membership(event: Event) -> Membership | None:
    """What somebody is invited to, as long as it stands and no later invitation says the same."""
    if event.kind != people.INVITED or event.person_id is None:
        return None
    again = Event.objects.filter(
        kind=people.INVITED, person=event.person_id, customer=event.customer, pk__gt=event.pk
    )
    if again.exists():
        return None
    return Membership.objects.filter(user=event.person_id, customer=event.customer).first()


def _give_up(event: Event, *, now: datetime) -> None:
    Mail.objects.filter(key=_key(event), result__in=ledger.UNSETTLED).update(
        result=Mail.Result.OVERTAKEN, next_try_at=None
    )
    Event.objects.filter(pk=event.pk).update(told_at=now)


# --- An invitation -----------------------------------------------------------------------------


def _invitation(event: Event, membership: Membership, person: User, *, now: datetime) -> Message:
    company = str(event.customer)
    inviter = _inviter(event)
    names = {"person": inviter, "company": company, "brand": settings.BRAND_NAME}
    if inviter:
        subject = gettext("%(person)s invites you to %(brand)s for %(company)s") % names
        who = gettext("%(person)s has added you to the people who act for %(company)s.") % names
    else:
        subject = gettext("You are invited to %(brand)s for %(company)s") % names
        who = gettext("We have added you to the people who act for %(company)s.") % names
    # A link that opens everything somebody has here is not left lying in a mailbox for days.
    vouched = person.memberships.filter(by_support=True).exclude(pk=membership.pk)
    is_new = person.last_login is None and not person.is_staff and not vouched.exists()
    if is_new:
        secret = SignInLink.issue(person, is_invitation=True, now=now)
        url = f"{settings.PUBLIC_URL}{reverse('sign-in-link', args=[secret])}"
    else:
        url = f"{settings.PUBLIC_URL}{reverse('home')}"
    return _message(
        subject,
        title=gettext("Your invitation"),
        company=company,
        lines=(
            who,
            gettext("%(brand)s keeps the registrations of its phone numbers up to date.") % names,
            _may(membership),
            _way_in(is_new=is_new),
        ),
        after=(gettext("You know nothing of this? Then ignore this mail, or ask us."),),
        url=url,
        button=gettext("Accept the invitation") if is_new else gettext("Sign in"),
        why=gettext("You get this because your address was entered for %(company)s.") % names,
        now=now,
    )


def _inviter(event: Event) -> str:
    """The colleague by name; empty for support, who write as we."""
    if event.by is None or event.customer is None:
        return ""
    is_colleague = event.customer.memberships.filter(user=event.by).exists()
    return _no_link(str(event.by)) if is_colleague else ""


def _no_link(name: str) -> str:
    """No mail program makes a link of a part of somebody's name."""
    return re.sub(r"[.\u3002](?=\S)", ". ", unicodedata.normalize("NFKC", name))


def _may(membership: Membership) -> str:
    if membership.role == Membership.Role.EDITOR:
        return gettext(
            "You may look at everything, answer what is asked, and send it for checking."
        )
    return gettext("You may look at everything; your colleagues answer and send.")


def _way_in(*, is_new: bool) -> str:
    if not is_new:
        return gettext("There is no password: sign in with the address at which you get this mail.")
    days = settings.INVITATION_LIFETIME.days
    return ngettext(
        "There is no password. The link signs you in, once, within %(days)s day.",
        "There is no password. The link signs you in, once, within %(days)s days.",
        days,
    ) % {"days": days}


# --- A passkey ---------------------------------------------------------------------------------


def _passkey(event: Event, person: User, *, now: datetime) -> Message:
    at = words.moment(event.at, _zone(person))
    if event.kind == people.PASSKEY_ADDED:
        subject = gettext("A passkey was added for signing in to %(brand)s")
        what = gettext("A passkey was added on %(at)s. It signs in as you without a mail.")
    elif event.kind == people.APP_ADDED:
        subject = gettext("An authenticator app was added for signing in to %(brand)s")
        what = gettext("An authenticator app was added on %(at)s. It is your second step.")
    elif event.kind == people.APP_REMOVED:
        subject = gettext("An authenticator app for signing in to %(brand)s was removed")
        what = gettext("An authenticator app was removed on %(at)s. Set up another one.")
    else:
        subject = gettext("A passkey for signing in to %(brand)s was removed")
        what = gettext("A passkey was removed on %(at)s. It does not sign in any more.")
    return _message(
        subject % {"brand": settings.BRAND_NAME},
        title=gettext("Your passkeys"),
        company="",
        lines=(
            what % {"at": at},
            gettext("It was you? Then you do not need to do anything."),
            gettext(
                "It was not you? Then remove what you do not know in your settings, sign out "
                "everywhere else there, and write to us."
            ),
        ),
        after=(),
        url=f"{settings.PUBLIC_URL}{reverse('settings')}",
        button=gettext("Your settings"),
        why=gettext("You get this because you sign in to %(brand)s with this address.")
        % {"brand": settings.BRAND_NAME},
        now=now,
    )


def _zone(person: User) -> str:
    customer: Customer | None = person.customers.order_by("memberships__pk").first()
    return customer.time_zone if customer else "UTC"


def _message(
    subject: str,
    *,
    title: str,
    company: str,
    lines: Sequence[str],
    after: Sequence[str],
    url: str,
    button: str,
    why: str,
    now: datetime,
) -> Message:
    entry = Entry(
        subject=subject,
        title=title,
        company=company,
        lines=tuple(lines),
        after=tuple(after),
        url=url,
        button=button,
        send_by=now,
    )
    foot = (
        why,
        gettext("We will never ask for documents by e-mail."),
        gettext("Questions? Write to %(support)s.") % {"support": settings.SUPPORT_EMAIL},
    )
    return Message(subject=subject, entries=(entry,), foot=foot, url=url)
