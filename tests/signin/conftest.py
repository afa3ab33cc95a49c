"""Who signs in."""

import pytest
from django.core.cache import cache

from compliance.models import Customer, Membership, User


@pytest.fixture(autouse=True)
def alone() -> None:
    """Throttled by no earlier test."""
    cache.clear()


@pytest.fixture
def ada() -> User:
    user = User.objects.create_user("ada@acme.example", name="Ada Stern")
    customer = Customer.objects.create(name="Acme GmbH", time_zone="Europe/Berlin")
    Membership.objects.create(user=user, customer=customer)
    return user


@pytest.fixture
def ops() -> User:
    return User.objects.create_superuser("ops@demo.example")
