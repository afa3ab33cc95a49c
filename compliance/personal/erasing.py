"""A company and its people are forgotten. What stays says what was done and when, and of nobody."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext, ngettext

from compliance.models import (
    Answer,
    Bundle,
    Customer,
    Draft,
    Event,
    Item,
    Mail,
    Membership,
    Note,
    Renewal,
    StagedFile,
    Upload,
    User,
)
from compliance.models.renewal import RenewalQuerySet
from compliance.workflow import NotNow, desk
from compliance.workflow.wishes import CANCELLABLE

ERASED = "customer-erased"


class InFlight(Exception):
    """An update is under way at Twilio, and what it needs can't be erased."""


@dataclass(kw_only=True)
class Plan:
    """What erasing would do, sentence by sentence."""

    steps: list[str] = field(default_factory=list)
    stays: list[str] = field(default_factory=list)
    # Renewals that have to end first: those that can be cancelled, those that are being cancelled
    # already, and those that have to be waited for.
    to_cancel: list[Renewal] = field(default_factory=list)
    ending: list[Renewal] = field(default_factory=list)
    to_await: list[Renewal] = field(default_factory=list)

    @property
    def in_flight(self) -> list[Renewal]:
        return [*self.to_cancel, *self.ending, *self.to_await]


def plan(customer: Customer) -> Plan:
    found = Plan(stays=list(_what_stays()))
    for renewal in _renewals(customer).open().order_by("reference"):
        if renewal.wish == Renewal.Wish.CANCEL:
            found.ending.append(renewal)
        elif renewal.state in CANCELLABLE and not renewal.wish and renewal.paused_at is None:
            found.to_cancel.append(renewal)
        else:
            found.to_await.append(renewal)
    found.steps = list(_steps(customer))
    return found


def cancel_first(customer: Customer, *, by: User | None, now: datetime) -> list[Renewal]:
    """The worker is asked to cancel what can be cancelled; erasing is for when that has ended.

    :param by: None from the command line.
    """
    asked = []
    for renewal in plan(customer).to_cancel:
        try:
            desk.ask(renewal, Renewal.Wish.CANCEL, by=by, now=now)
        except NotNow:
            continue
        asked.append(renewal)
    return asked


def erase(customer: Customer, *, by: User | None, now: datetime) -> bool:
    """False if it was done before. Everything at once, or nothing.

    :param by: None from the command line.
    :raises InFlight:
    """
    with transaction.atomic():
        customer = Customer.objects.select_for_update().get(pk=customer.pk)
        if customer.erased_at is not None:
            return False
        if _renewals(customer).open().exists():
            raise InFlight
        people = list(_people_of_nobody_else(customer))
        _forget_record(customer, people, now=now)
        _forget_renewals(customer)
        _forget_log(customer, people)
        customer.bundles.update(customer=None, friendly_name="", email="", numbers=[])
        customer.memberships.all().delete()
        end_sessions(people)
        # With them go their drafts, passkeys, addresses, links, and the secret of their marks.
        User.objects.filter(pk__in=[person.pk for person in people]).delete()
        customer.name, customer.account, customer.time_zone = _nameless(customer), None, "UTC"
        customer.erased_at = now
        customer.save()
        Event.objects.create(
            at=now, kind=ERASED, customer=customer, by=by, details={"people": len(people)}
        )
    _tidy_file()
    return True


def _nameless(customer: Customer) -> str:
    return f"Erased customer {customer.pk}"


# --- Who and what ------------------------------------------------------------------------------


def _renewals(customer: Customer) -> RenewalQuerySet:
    return Renewal.objects.filter(bundle__customer=customer)


def _people_of_nobody_else(customer: Customer) -> QuerySet[User]:
    """Who also acts for another company, or is of the staff, stays there."""
    elsewhere = Membership.objects.exclude(customer=customer).values("user")
    members = User.objects.filter(memberships__customer=customer)
    return members.exclude(pk__in=elsewhere).exclude(Q(is_staff=True) | Q(is_superuser=True))


def _forget_record(customer: Customer, people: Collection[User], *, now: datetime) -> None:
    """The events stay; that somebody was in them goes with the person. Nobody is told any more."""
    of_it = Q(customer=customer) | Q(renewal__bundle__customer=customer)
    Mail.objects.filter(of_it | Q(recipient__in=people)).delete()
    Event.objects.filter(of_it | Q(person__in=people), told_at=None).update(told_at=now)
    # Those who stay, with another company or on the staff, have no part in this one any more.
    Event.objects.filter(of_it, person__is_staff=False).update(person=None)
    Event.objects.filter(of_it, by__is_staff=False).update(by=None)


def _forget_renewals(customer: Customer) -> None:
    """They have ended, so their keys are gone already; now the rows go, too."""
    renewals = _renewals(customer)
    Upload.objects.filter(answer__renewal__in=renewals).delete()
    for model in (Answer, Item, Draft, StagedFile, Note):
        model._default_manager.filter(renewal__in=renewals).delete()
    renewals.update(
        key=None,
        evaluation=None,
        first_evaluation=None,
        sealed_trouble=b"",
        delayed_because="",
    )


def _forget_log(customer: Customer, people: Collection[User]) -> None:
    """The admin's own log names what was changed by its name."""
    rows: list[tuple[type[Model], list[int]]] = [
        (User, [person.pk for person in people]),
        (Customer, [customer.pk]),
        (Membership, list(customer.memberships.values_list("pk", flat=True))),
        (Bundle, list(customer.bundles.values_list("pk", flat=True))),
    ]
    for model, pks in rows:
        LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(model), object_id__in=map(str, pks)
        ).update(object_repr="", change_message="")


def end_sessions(people: Collection[User]) -> None:
    """A session bears its person inside, so each has to be opened."""
    theirs = {str(person.pk) for person in people}
    if not theirs:
        return
    keys = [
        session.session_key
        for session in Session.objects.iterator()
        if session.get_decoded().get("_auth_user_id") in theirs
    ]
    Session.objects.filter(session_key__in=keys).delete()


def _tidy_file() -> None:
    """SQLite's journal still holds the pages as they were; what can be cleared of it is."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


# --- In words -----------------------------------------------------------------------------------


def _steps(customer: Customer) -> Iterator[str]:
    members = customer.memberships.select_related("user").order_by("user__email")
    leaving = set(_people_of_nobody_else(customer).values_list("pk", flat=True))
    for membership in members:
        if membership.user_id in leaving:
            yield gettext(
                "%(email)s is erased: name, phone, passkeys, sign-in links, sessions and mails."
            ) % {"email": membership.user.email}
        else:
            yield gettext(
                "%(email)s has another company or is of the staff: stays, but not for this company."
            ) % {"email": membership.user.email}
    renewals = _renewals(customer)
    n = renewals.count()
    if n:
        yield ngettext(
            "Answers, files, drafts and notes of %(n)d update are deleted.",
            "Answers, files, drafts and notes of %(n)d updates are deleted.",
            n,
        ) % {"n": n}
    n = Mail.objects.filter(Q(customer=customer) | Q(renewal__in=renewals)).count()
    if n:
        yield ngettext(
            "The record of %(n)d mail is deleted.", "The record of %(n)d mails is deleted.", n
        ) % {"n": n}
    n = customer.bundles.count()
    if n:
        yield ngettext(
            "%(n)d bundle belongs to nobody afterwards. Its name, e-mail and phone numbers are "
            "deleted here, and read again if Twilio still gives it a deadline.",
            "%(n)d bundles belong to nobody afterwards. Their names, e-mails and phone numbers are "
            "deleted here, and read again if Twilio still gives them a deadline.",
            n,
        ) % {"n": n}
    yield gettext("The name of the company is replaced by “%(name)s”.") % {
        "name": _nameless(customer)
    }
    yield gettext("This can't be undone. Backups made before still hold what is erased here.")


def why_not(planned: Plan) -> str:
    """Why nothing can be erased yet, and what to do; empty if it can be."""
    said = []
    if planned.to_cancel:
        said.append(
            gettext("Under way at Twilio: %(updates)s. Have them cancelled first.")
            % {"updates": _listed(planned.to_cancel)}
        )
    if planned.ending:
        said.append(
            gettext("Being cancelled: %(updates)s. Try again in a minute.")
            % {"updates": _listed(planned.ending)}
        )
    if planned.to_await:
        said.append(
            gettext(
                "With the reviewer, paused or busy, so that they can't be cancelled now: "
                "%(updates)s. Resume what is paused, and wait for the others to end."
            )
            % {"updates": _listed(planned.to_await)}
        )
    return " ".join(said)


def _listed(renewals: Collection[Renewal]) -> str:
    return ", ".join(renewal.reference for renewal in renewals)


def _what_stays() -> Iterator[str]:
    yield gettext(
        "The record of what happened and when, to prove it, with codes and digests but without "
        "names or anything that was entered. It no longer says who of the company did what."
    )
    yield gettext(
        "What Twilio holds on the customer's bundle. It is in use there, and the account's owner "
        "deletes it with Twilio."
    )
