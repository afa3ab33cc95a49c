"""Whose an unassigned bundle may be: proposals for staff, who decide.

What leaves no doubt is assigned by sync itself (``bundles.find_customers``); here is the rest.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum

from django.db.models import Q, QuerySet

from compliance.models import Bundle, Customer, Membership

# Where everybody can have an address, it tells nothing about a company.
EVERYBODYS = frozenset(
    {
        *("aol.com", "gmail.com", "gmx.at", "gmx.de", "gmx.net", "googlemail.com", "hotmail.com"),
        *("icloud.com", "laposte.net", "live.com", "me.com", "msn.com", "orange.fr"),
        *("outlook.com", "proton.me", "protonmail.com", "t-online.de", "wanadoo.fr", "web.de"),
        *("yahoo.com", "yahoo.de", "yahoo.fr"),
    }
)


class Why(Enum):
    """The best reason first."""

    SUBACCOUNT = "subaccount"
    CONTACT = "contact"
    DOMAIN = "domain"


@dataclass(frozen=True, kw_only=True)
class Proposal:
    customer: Customer
    why: Why


def proposals(bundles: Sequence[Bundle]) -> dict[int, list[Proposal]]:
    """By the bundle's key, the best first. The number of queries does not grow with the bundles."""
    found: dict[int, dict[int, Proposal]] = defaultdict(dict)
    by_account = _owners_of_accounts({bundle.account_id for bundle in bundles})
    by_email = _by_email({_address(bundle) for bundle in bundles} - {""})
    by_domain = _by_domain({_domain(bundle) for bundle in bundles} - {""})
    for bundle in bundles:
        mine = found[bundle.pk]
        for why, customers in (
            (Why.SUBACCOUNT, by_account[bundle.account_id]),
            (Why.CONTACT, by_email[_address(bundle)]),
            (Why.DOMAIN, by_domain[_domain(bundle)]),
        ):
            for customer in customers:
                mine.setdefault(customer.pk, Proposal(customer=customer, why=why))
    return {pk: list(some.values()) for pk, some in found.items()}


def _address(bundle: Bundle) -> str:
    return bundle.email.strip().lower()


def _domain(bundle: Bundle) -> str:
    domain = _address(bundle).rpartition("@")[2]
    return "" if domain in EVERYBODYS else domain


def _owners_of_accounts(pks: Collection[int]) -> dict[int, list[Customer]]:
    owners: dict[int, list[Customer]] = defaultdict(list)
    for customer in Customer.objects.filter(account__in=pks, account__is_main=False).order_by(
        "name"
    ):
        owners[customer.account_id or 0].append(customer)
    return owners


def _by_email(emails: Collection[str]) -> dict[str, list[Customer]]:
    found: dict[str, dict[int, Customer]] = defaultdict(dict)
    for membership in _with_customer(Q(user__email__in=emails)):
        found[membership.user.email.lower()][membership.customer_id] = membership.customer
    return _listed(found)


def _by_domain(domains: Collection[str]) -> dict[str, list[Customer]]:
    """Only people whom support vouches for, or who have signed in: what a colleague has typed
    proves nothing."""
    if not domains:
        return defaultdict(list)
    ends = Q()
    for domain in domains:
        ends |= Q(user__email__iendswith=f"@{domain}")
    known = Q(by_support=True) | Q(joined_at__isnull=False)
    found: dict[str, dict[int, Customer]] = defaultdict(dict)
    for membership in _with_customer(ends & known):
        domain = membership.user.email.rpartition("@")[2].lower()
        found[domain][membership.customer_id] = membership.customer
    return _listed(found)


def _with_customer(which: Q) -> QuerySet[Membership]:
    memberships = Membership.objects.filter(which).select_related("user", "customer")
    return memberships.order_by("customer__name", "pk")


def _listed(found: dict[str, dict[int, Customer]]) -> dict[str, list[Customer]]:
    return defaultdict(list, {key: list(some.values()) for key, some in found.items()})
