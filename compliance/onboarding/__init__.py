"""Brings a customer in: the company, its people, and the bundles that are its own.

What will happen is said first, in sentences (:func:`plan`), and done afterwards from the same
values (:func:`carry_out`). What is there already stays as it is, so doing it twice does it once.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext, ngettext

from compliance import people, sync
from compliance.models import Account, Bundle, Customer, Event, Membership, Renewal, User

ADDED = "customer-added"
LONGEST_NAME = 150
LONGEST_COMPANY = 200


@dataclass(frozen=True, kw_only=True)
class Contact:
    email: str
    name: str = ""
    role: str = Membership.Role.EDITOR
    language: str = "en"


@dataclass(frozen=True, kw_only=True)
class Company:
    """``account`` and ``bundles`` are SIDs, the account that of a subaccount."""

    name: str
    time_zone: str = "UTC"
    contacts: tuple[Contact, ...] = ()
    account: str = ""
    bundles: tuple[str, ...] = ()
    invite: bool = True
    # Adding to a company that is here is meant; else it is taken for an oversight.
    may_be_here: bool = False


@dataclass(frozen=True, kw_only=True)
class Plan:
    """``steps`` are what will happen, ``problems`` why nothing can; both in sentences."""

    company: Company
    steps: tuple[str, ...]
    problems: tuple[str, ...]


class Impossible(Exception):
    """It has problems, perhaps since a moment ago."""


def plan(company: Company) -> Plan:
    named = _named(company.name)
    customer = named[0] if named else None
    problems = [*_problems_of_company(company, customer)]
    if len(named) > 1:
        problems.append(gettext("There are several companies of this name."))
    for contact in company.contacts:
        problems += _problems_of_contact(contact)
    doubled = Counter(contact.email for contact in company.contacts)
    problems += [
        gettext("%(email)s is named twice.") % {"email": email}
        for email, times in doubled.items()
        if times > 1
    ]
    problems += _problems_of_bundles(company, customer)
    steps = () if problems else tuple(_steps(company, customer))
    return Plan(company=company, steps=steps, problems=tuple(dict.fromkeys(problems)))


def carry_out(
    company: Company, *, by: User, now: datetime, shown: Iterable[str] | None = None
) -> Customer:
    """:param shown: the steps that were said; what is done is among them, or nothing is.
    :raises Impossible: and nothing has happened.
    """
    with transaction.atomic():
        _one_at_a_time()
        found = plan(company)
        if found.problems or (shown is not None and set(found.steps) - set(shown)):
            raise Impossible
        customer = next(iter(_named(company.name)), None)
        if customer is None:
            customer = Customer.objects.create(name=company.name, time_zone=company.time_zone)
            Event.objects.create(at=now, kind=ADDED, customer=customer, by=by)
        for contact in company.contacts:
            _add(contact, customer, invite=company.invite, by=by, now=now)
        if company.account and customer.account is None:
            customer.account = Account.objects.get(sid=company.account)
            customer.save(update_fields=["account"])
        for bundle in _bundles_for(company):
            sync.assign(bundle, customer_pk=customer.pk, by=by, now=now)
    return customer


def _one_at_a_time() -> None:
    """Until the transaction ends: a name is no key, so the second of two presses has to see what
    the first has made."""
    ContentType.objects.select_for_update().get(app_label="compliance", model="customer")


def due_of(customer: Customer) -> list[int]:
    """Renewals that a worker can begin with at once."""
    renewals = Renewal.objects.open().filter(bundle__customer=customer, state="detected")
    return list(renewals.values_list("pk", flat=True))


def _named(name: str) -> list[Customer]:
    return list(Customer.objects.filter(name__iexact=name).select_related("account"))


def _add(contact: Contact, customer: Customer, *, invite: bool, by: User, now: datetime) -> None:
    person = people.person_of(contact.email, name=contact.name, language=contact.language)
    membership, is_new = Membership.objects.get_or_create(
        user=person, customer=customer, defaults={"role": contact.role}
    )
    if is_new and invite:
        people.invited(membership, by=by, now=now)


def _bundles_for(company: Company) -> list[Bundle]:
    """Those that nobody has yet, named or in the subaccount."""
    unassigned = Bundle.objects.filter(customer=None)
    named = unassigned.filter(sid__in=company.bundles)
    if not company.account:
        return list(named)
    return list(named | unassigned.filter(account__sid=company.account))


# --- What stands in the way ---------------------------------------------------------------------


def _problems_of_company(company: Company, customer: Customer | None) -> Iterable[str]:
    if not company.name:
        yield gettext("The company's name is missing.")
    elif not _is_plain(company.name, LONGEST_COMPANY):
        yield gettext("The company's name is too long, or has characters that no name has.")
    if company.time_zone not in available_timezones():
        yield gettext("There is no time zone %(zone)s; one is Europe/Berlin.") % {
            "zone": company.time_zone or "-"
        }
    if customer is not None and not company.may_be_here:
        yield gettext("There is a company %(name)s already.") % {"name": customer.name}
    if company.account:
        yield from _problems_of_account(company, customer)


def _problems_of_account(company: Company, customer: Customer | None) -> Iterable[str]:
    account = Account.objects.filter(sid=company.account).first()
    if account is None or account.is_main:
        yield gettext("%(sid)s is no subaccount that we know.") % {"sid": company.account}
        return
    if not account.active:
        yield gettext("The subaccount %(account)s is closed.") % {"account": account}
    owner = account.customers.first()
    if owner is not None and owner != customer:
        yield gettext("The subaccount %(account)s belongs to %(owner)s.") % {
            "account": account,
            "owner": owner,
        }
    if customer is not None and customer.account not in (None, account):
        yield gettext("%(company)s has another subaccount.") % {"company": customer}


def _problems_of_contact(contact: Contact) -> Iterable[str]:
    try:
        validate_email(contact.email)
    except ValidationError:
        yield gettext("%(email)s is no e-mail address.") % {"email": contact.email or "-"}
        return
    if not _is_plain(contact.name, LONGEST_NAME):
        yield gettext("The name of %(email)s is too long, or has characters that no name has.") % {
            "email": contact.email
        }
    if contact.role not in Membership.Role.values:
        yield gettext("The role of %(email)s should be one of: %(roles)s.") % {
            "email": contact.email,
            "roles": ", ".join(Membership.Role.values),
        }
    languages = [code for code, _name in settings.LANGUAGES]
    if contact.language not in languages:
        yield gettext("The language of %(email)s should be one of: %(languages)s.") % {
            "email": contact.email,
            "languages": ", ".join(languages),
        }
    known = User.objects.filter(email=contact.email).first()
    if known is not None and (known.is_staff or known.is_superuser):
        yield gettext("%(email)s is one of the staff.") % {"email": contact.email}
    elif known is not None and not known.is_active:
        yield gettext("%(email)s has been deactivated.") % {"email": contact.email}


def _problems_of_bundles(company: Company, customer: Customer | None) -> Iterable[str]:
    found = Bundle.objects.filter(sid__in=company.bundles).select_related("customer", "account")
    by_sid = {bundle.sid: bundle for bundle in found}
    for sid in company.bundles:
        bundle = by_sid.get(sid)
        if bundle is None:
            yield gettext("%(sid)s is no bundle that we know.") % {"sid": sid}
        elif bundle.customer is not None and bundle.customer != customer:
            yield gettext("The bundle %(sid)s belongs to %(owner)s.") % {
                "sid": sid,
                "owner": bundle.customer,
            }
        elif owner := _owner_of_account(bundle, customer):
            yield gettext("The bundle %(sid)s is in the subaccount of %(owner)s.") % {
                "sid": sid,
                "owner": owner,
            }


def _owner_of_account(bundle: Bundle, customer: Customer | None) -> Customer | None:
    """Whose all bundles of its subaccount are, if that is somebody else."""
    owner = None if bundle.account.is_main else bundle.account.customers.first()
    return owner if owner != customer else None


def _is_plain(name: str, longest: int) -> bool:
    """Neither control characters nor those that turn the direction of writing around."""
    odd = ("Cc", "Cf", "Cs", "Co", "Cn")
    return len(name) <= longest and not any(unicodedata.category(c) in odd for c in name)


# --- What will happen ---------------------------------------------------------------------------


def _steps(company: Company, customer: Customer | None) -> Iterable[str]:
    added = list(_steps_inside(company, customer))
    if customer is None:
        yield gettext("The company %(name)s is added, with the time zone %(zone)s.") % {
            "name": company.name,
            "zone": company.time_zone,
        }
    elif added:
        people_there = customer.memberships.count()
        yield ngettext(
            "There is a company %(name)s already, with %(people)s person: it is taken to be the "
            "same, and who is added sees all of its registrations.",
            "There is a company %(name)s already, with %(people)s people: it is taken to be the "
            "same, and who is added sees all of its registrations.",
            people_there,
        ) % {"name": customer.name, "people": people_there}
    yield from added


def _steps_inside(company: Company, customer: Customer | None) -> Iterable[str]:
    there = _emails_of(customer)
    known = set(
        User.objects.filter(email__in=[c.email for c in company.contacts]).values_list(
            "email", flat=True
        )
    )
    for contact in company.contacts:
        if contact.email not in there:
            yield _of_contact(contact, is_known=contact.email in known, invite=company.invite)
    if company.account and (customer is None or customer.account is None):
        yield gettext(
            "Every bundle in the subaccount %(sid)s belongs to it, now and from now on."
        ) % {"sid": company.account}
    bundles = _bundles_for(company)
    if bundles:
        yield _of_bundles(bundles)


def _emails_of(customer: Customer | None) -> set[str]:
    if customer is None:
        return set()
    return set(customer.memberships.values_list("user__email", flat=True))


def _of_contact(contact: Contact, *, is_known: bool, invite: bool) -> str:
    role = Membership.Role(contact.role).label
    values = {"email": contact.email, "role": role}
    if is_known:
        said = gettext("%(email)s, who is known here and keeps name and language, %(role)s")
    else:
        said = gettext("%(email)s is added and %(role)s")
    told = gettext("an invitation is mailed now") if invite else gettext("no mail is sent yet")
    return f"{said % values}; {told}."


def _of_bundles(bundles: Sequence[Bundle]) -> str:
    dated = sum(bundle.valid_until is not None for bundle in bundles)
    said = ngettext(
        "%(count)s bundle is assigned to it", "%(count)s bundles are assigned to it", len(bundles)
    ) % {"count": len(bundles)}
    opened = ngettext(
        "and a renewal is opened for the %(dated)s that has a deadline",
        "and a renewal is opened for each of the %(dated)s that have a deadline",
        dated,
    ) % {"dated": dated}
    return f"{said}, {opened}." if dated else f"{said}."
