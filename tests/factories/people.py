"""Companies and those who act for them."""

from compliance.models import Customer, Membership, User
from tests.factories.sids import numbers


def make_user(
    email: str = "",
    *,
    name: str = "",
    staff: bool = False,
    customer: Customer | None = None,
    role: str = Membership.Role.EDITOR,
) -> User:
    user = User.objects.create_user(
        email or f"person-{next(numbers)}@example.com", name=name, is_staff=staff
    )
    if customer is not None:
        Membership.objects.create(user=user, customer=customer, role=role)
    return user


def make_customer(name: str = "Acme GmbH", *, time_zone: str = "Europe/Berlin") -> Customer:
    return Customer.objects.create(name=name, time_zone=time_zone)
