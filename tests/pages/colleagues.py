"""What tests of people share."""

from django.utils import timezone

from compliance.models import Customer, Event, User
from tests.factories import make_user

NEW = {"email": "Cleo@acme.example", "name": "Cleo Curie", "role": "viewer", "language": "fr"}


def address(company: Customer, member: User | None = None, page: str = "") -> str:
    where = f"{member.memberships.get(customer=company).public_id}/" if member else ""
    return f"/people/{company.public_id}/{where}{page}"


def colleague(acme: Customer, email: str = "cleo@acme.example", **fields: str) -> User:
    """Somebody who has been here."""
    user = make_user(email, customer=acme, **fields)
    user.memberships.update(joined_at=timezone.now())
    return user


def kinds() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("kind", flat=True))
