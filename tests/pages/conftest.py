"""The cast, and browsers that they are signed in with."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone

from compliance.models import Customer, Membership, User
from tests.factories import make_customer, make_user


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def acme(db: None) -> Customer:
    return make_customer("Acme GmbH")


@pytest.fixture
def ada(acme: Customer) -> User:
    return make_user("ada@acme.example", name="Ada Ackermann", customer=acme)


@pytest.fixture
def signed_in(db: None) -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def client(ada: User, signed_in: Callable[[User], Client]) -> Client:
    """Ada's."""
    return signed_in(ada)


@pytest.fixture
def bob(signed_in: Callable[[User], Client]) -> Client:
    """Acts for another company."""
    return signed_in(make_user("bob@other.example", customer=make_customer("Other Ltd")))


@pytest.fixture
def vera(acme: Customer, signed_in: Callable[[User], Client]) -> Client:
    """Ada's colleague, who may only look."""
    role = Membership.Role.VIEWER
    return signed_in(make_user("vera@acme.example", customer=acme, role=role))
