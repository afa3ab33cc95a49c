"""The cast, and browsers that they are signed in with."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone

from compliance.models import Customer, Membership, Renewal, User
from tests.factories import (
    EVERY_KIND,
    failing,
    german_renewal,
    made_for_it,
    make_bundle,
    make_customer,
    make_item,
    make_regulation,
    make_renewal,
    make_user,
    result,
    sid,
)


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


@pytest.fixture
def fixing(acme: Customer, now: datetime) -> Renewal:
    return german_renewal(acme, now=now)


@pytest.fixture
def kinds(acme: Customer, now: datetime) -> Renewal:
    """Asks for a whole person, with a field of every kind."""
    regulation = make_regulation(EVERY_KIND, country="AU", end_user_type="individual")
    bundle = make_bundle(acme, now=now, days=20, regulation=regulation)
    names = EVERY_KIND["end_user"][0]["fields"]
    everything = result(
        "individual_info",
        "individual",
        "Your details",
        code=22214,
        invalid=[failing(name, name) for name in names],
    )
    renewal = make_renewal(bundle, now=now, results=[everything])
    make_item(renewal, "business_address", {"address_sids": [sid("AD")]})
    made_for_it(renewal, now=now)
    return renewal
