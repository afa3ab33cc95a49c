"""Who acts for a customer: colleagues add, change and remove one another, and everything of it is
on record.

Whether an address was known here before is nobody's business: adding it has the same result, and
changes nothing about the person whose it is.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.crypto import salted_hmac

from compliance.models import Customer, Event, Membership, SignInLink, User

INVITED = "person-invited"
ROLE_CHANGED = "person-role-changed"
MAILS_CHANGED = "person-mails-changed"
REMOVED = "person-removed"
VOUCHED_FOR = "person-vouched-for"
LINK_MADE = "sign-in-link-made"
SETTINGS_CHANGED = "settings-changed"
SIGNED_OUT_ELSEWHERE = "signed-out-elsewhere"
ADDRESS_CHANGED = "address-changed"
APP_ADDED = "authenticator-app-added"
APP_REMOVED = "authenticator-app-removed"
PASSKEY_ADDED = "passkey-added"
PASSKEY_RENAMED = "passkey-renamed"
PASSKEY_REMOVED = "passkey-removed"

INVITATIONS_A_DAY = 20
INVITATIONS_A_DAY_AND_PERSON = 3


class NotAnEditor(Exception):
    """Who wants to change something may only look, perhaps since a moment ago."""


class AlreadyThere(Exception):
    """The address is on the company's list."""


class TooMany(Exception):
    """Enough invitations for one day."""


class LastEditor(Exception):
    """Nobody else could answer and send, or bring in somebody who can."""


# --- What colleagues do ------------------------------------------------------------------------


def add(
    customer: Customer,
    *,
    email: str,
    name: str,
    role: str,
    language: str,
    by: User,
    now: datetime,
) -> Membership:
    """Name and language are taken for somebody new; who is known here keeps their own.

    :raises NotAnEditor, AlreadyThere, TooMany:
    """
    email = email.strip().lower()
    with transaction.atomic():
        _begin(customer, by=by)
        if customer.memberships.filter(user__email=email).exists():
            raise AlreadyThere
        person = person_of(email, name=name, language=language, is_hearsay=True)
        membership = Membership.objects.create(
            user=person, customer=customer, role=role, by_support=False, invited_as=name
        )
        _check_rate(membership, now=now)
        invited(membership, by=by, now=now)
    return membership


def invite_again(membership: Membership, *, by: User, now: datetime) -> None:
    """:raises NotAnEditor, TooMany:"""
    with transaction.atomic():
        _begin(membership.customer, by=by)
        _check_rate(membership, now=now)
        invited(membership, by=by, now=now)


def change(membership: Membership, *, role: str, mails: bool, by: User, now: datetime) -> None:
    """:raises NotAnEditor, LastEditor:"""
    with transaction.atomic():
        _begin(membership.customer, by=by)
        if role != Membership.Role.EDITOR and membership.user_id == by.pk:
            _check_another_editor(membership)
        if Membership.objects.filter(pk=membership.pk).exclude(role=role).update(role=role):
            note(ROLE_CHANGED, membership, by=by, now=now, role=role)
        _set_mails(membership, mails=mails, by=by, now=now)


def remove(membership: Membership, *, by: User, now: datetime) -> None:
    """Who was added by mistake and has never been here is forgotten altogether.

    :raises NotAnEditor, LastEditor:
    """
    with transaction.atomic():
        _begin(membership.customer, by=by)
        if membership.user_id == by.pk:
            _check_another_editor(membership)
        if not Membership.objects.filter(pk=membership.pk).delete()[0]:
            return
        note(REMOVED, membership, by=by, now=now, role=membership.role)
        _forget_hearsay(membership)


def _forget_hearsay(membership: Membership) -> None:
    """Held against another company that adds the same person at this moment."""
    person = User.objects.select_for_update().filter(pk=membership.user_id).first()
    if person is None or membership.by_support or person.is_staff or person.last_login:
        return
    if person.is_hearsay and not person.memberships.exists():
        person.delete()


def person_of(email: str, *, name: str, language: str, is_hearsay: bool = False) -> User:
    """Who has the address, as they are, or somebody new. Held until the transaction ends: whom
    another company removes at this moment is not deleted under the hands of this one."""
    new = {
        "name": name,
        "language": language,
        "password": make_password(None),
        "is_hearsay": is_hearsay,
    }
    return User.objects.select_for_update().get_or_create(email=email, defaults=new)[0]


def _begin(customer: Customer, *, by: User) -> None:
    """One change to a company's people at a time: of two editors who remove each other at the same
    moment, one stays."""
    Customer.objects.select_for_update().get(pk=customer.pk)
    if not customer.memberships.filter(user=by, role=Membership.Role.EDITOR).exists():
        raise NotAnEditor


def _check_another_editor(membership: Membership) -> None:
    """Asked only of those who give up their own part, for else they are the other one themselves.
    Who has not signed in yet may never do so."""
    others = membership.customer.memberships.filter(
        role=Membership.Role.EDITOR, joined_at__isnull=False, user__is_active=True
    )
    if not others.exclude(pk=membership.pk).exists():
        raise LastEditor


def _check_rate(membership: Membership, *, now: datetime) -> None:
    today = Event.objects.filter(
        customer=membership.customer, kind=INVITED, at__gt=now - timedelta(days=1)
    )
    same = today.filter(details__address=_digest(membership.user.email))
    if today.count() >= INVITATIONS_A_DAY or same.count() >= INVITATIONS_A_DAY_AND_PERSON:
        raise TooMany


def _digest(email: str) -> str:
    """Stands for an address in the record: it outlives the person's row, and tells nobody who."""
    return salted_hmac("compliance.people", email).hexdigest()[:16]


# --- What support does ---------------------------------------------------------------------------


class OfTheStaff(Exception):
    """Staff are no customer's contacts: they act for one on record, and for a while."""


def add_by_support(
    customer: Customer,
    *,
    email: str,
    name: str,
    role: str,
    language: str,
    by: User,
    now: datetime,
) -> Membership:
    """As :func:`add`; support vouches for the person, and knows who is known here.

    :raises AlreadyThere, OfTheStaff, TooMany:
    """
    email = email.strip().lower()
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=customer.pk)
        if customer.memberships.filter(user__email=email).exists():
            raise AlreadyThere
        person = person_of(email, name=name, language=language)
        if person.is_staff or person.is_superuser:
            raise OfTheStaff
        membership = Membership.objects.create(user=person, customer=customer, role=role)
        _check_rate(membership, now=now)
        invited(membership, by=by, now=now)
    return membership


class NotVouchedFor(Exception):
    """Only a colleague's word says that this person has to do with the company."""


def may_have_link(memberships: QuerySet[Membership]) -> QuerySet[Membership]:
    """Those whose people support may hand a link. Who gets one becomes that person, in all of
    their companies: whom a colleague has added may be of another company, and whether the address
    is theirs nobody knows until they have come by mail."""
    elsewhere = Membership.objects.filter(user=OuterRef("user")).exclude(pk=OuterRef("pk"))
    return memberships.filter(
        Q(by_support=True) | (Q(joined_at__isnull=False) & ~Exists(elsewhere))
    )


def sign_in_link(membership: Membership, *, wanted: str, by: User, now: datetime) -> str:
    """The secret of a link for this contact, to be handed over by other means than mail. It is
    on record that it was made, and nowhere what it is.

    :raises OfTheStaff: nobody becomes one of them by a colleague's hand.
    :raises NotVouchedFor:
    """
    person = membership.user
    if person.is_staff or person.is_superuser or not person.is_active:
        raise OfTheStaff
    if not may_have_link(Membership.objects.filter(pk=membership.pk)).exists():
        raise NotVouchedFor
    with transaction.atomic():
        secret = SignInLink.issue(person, wanted=wanted, now=now)
        note(LINK_MADE, membership, by=by, now=now)
    return secret


def address_changed(user: User, *, by: User, now: datetime) -> None:
    """Whoever reads the mailbox of the old address, and was perhaps never the one who was meant,
    gets in no more: not by a link from there, not by a session."""
    with transaction.atomic():
        SignInLink.withdraw(user, now=now)
        user.set_unusable_password()
        user.save(update_fields=["password"])
        note_own(ADDRESS_CHANGED, user, by=by, now=now)


# --- What people do for themselves --------------------------------------------------------------


def joined(user: User, *, now: datetime) -> None:
    """They have signed in, and know of the companies that have added them."""
    user.memberships.filter(joined_at=None).update(joined_at=now)


def change_own(user: User, *, name: str, language: str, phone: str | None, now: datetime) -> None:
    """:param phone: None leaves it as it is."""
    wanted = {"name": name, "language": language}
    if phone is not None:
        wanted["phone"] = phone
    changed = sorted(field for field, value in wanted.items() if getattr(user, field) != value)
    if not changed:
        return
    for field in changed:
        setattr(user, field, wanted[field])
    with transaction.atomic():
        user.save(update_fields=changed)
        note_own(SETTINGS_CHANGED, user, now=now, fields=changed)


def change_own_mails(user: User, *, wanted: Collection[Membership], now: datetime) -> None:
    """From these companies, and from no other."""
    with transaction.atomic():
        for membership in user.memberships.all():
            _set_mails(membership, mails=membership in wanted, by=user, now=now)


def _set_mails(membership: Membership, *, mails: bool, by: User, now: datetime) -> None:
    if Membership.objects.filter(pk=membership.pk, mails=not mails).update(mails=mails):
        note(MAILS_CHANGED, membership, by=by, now=now, mails=mails)


def sign_out_elsewhere(user: User, *, now: datetime) -> None:
    """Every session ends, for the one in which this is asked for to be kept by the caller: each
    bears a mark that is made from the password, which nobody has and nobody will know."""
    with transaction.atomic():
        user.set_unusable_password()
        user.save(update_fields=["password"])
        note_own(SIGNED_OUT_ELSEWHERE, user, now=now)


# --- On record ---------------------------------------------------------------------------------


def invited(membership: Membership, *, by: User, now: datetime) -> None:
    """The event that the mail comes of."""
    address = _digest(membership.user.email)
    note(INVITED, membership, by=by, now=now, role=membership.role, address=address)


def note(kind: str, membership: Membership, *, by: User, now: datetime, **details: Any) -> None:
    Event.objects.create(
        at=now,
        kind=kind,
        customer=membership.customer,
        person=membership.user,
        by=by,
        details=details,
    )


def note_own(
    kind: str, user: User, *, now: datetime, by: User | None = None, **details: Any
) -> None:
    """What somebody did with their own way in, or support (``by``) for them."""
    Event.objects.create(at=now, kind=kind, person=user, by=by or user, details=details)
