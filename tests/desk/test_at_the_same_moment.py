"""Two who do the same, or the opposite, at the same moment. One is held in the midst of it, the
other comes, and then both go on."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from compliance import onboarding, people
from compliance.models import Customer, Membership, User
from compliance.onboarding import Company, Contact, Impossible
from tests.factories import make_customer, make_user

pytestmark = [
    pytest.mark.skipif(
        connection.vendor == "sqlite",
        reason="SQLite lets one write at a time, from the first statement on",
    ),
    pytest.mark.django_db(transaction=True),
]

PATIENCE_SECONDS = 60
DREW = {"email": "drew@both.example", "name": "Drew", "role": "viewer", "language": "en"}


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def at_once(first: Callable[[], Any], second: Callable[[], Any]) -> list[Exception]:
    """``second`` comes while ``first`` is done and not committed. What went wrong for either."""
    problems: list[Exception] = []

    def run() -> None:
        try:
            second()
        except Exception as error:
            problems.append(error)
        finally:
            connection.close()

    other = threading.Thread(target=run)
    try:
        with transaction.atomic():
            first()
            other.start()
            deadline = time.monotonic() + PATIENCE_SECONDS
            while other.is_alive() and not somebody_waits():
                assert time.monotonic() < deadline
                time.sleep(0.01)
    except Exception as error:
        problems.append(error)
    other.join(PATIENCE_SECONDS)
    assert not other.is_alive()
    return problems


@pytest.fixture
def editors() -> tuple[User, User, Membership]:
    """Of two companies; Drew is new on the list of the first."""
    ada = make_user("ada@acme.example", customer=make_customer("Acme"))
    bob = make_user("bob@kite.example", customer=make_customer("Kite"))
    drew = people.add(ada.customers.get(), **DREW, by=ada, now=timezone.now())
    return ada, bob, drew


@pytest.mark.parametrize("removal_first", [True, False])
def test_who_is_removed_here_and_added_there_is_there(
    editors: tuple[User, User, Membership], removal_first: bool
) -> None:
    ada, bob, drew = editors
    now = timezone.now()

    def remove() -> None:
        people.remove(Membership.objects.get(pk=drew.pk), by=ada, now=now)

    def add() -> None:
        people.add(bob.customers.get(), **DREW, by=bob, now=now)

    assert at_once(*((remove, add) if removal_first else (add, remove))) == []
    memberships = Membership.objects.filter(user__email=DREW["email"])
    assert [one.customer for one in memberships] == [bob.customers.get()]


def test_a_double_press_brings_in_one_company(db: None) -> None:
    ops = User.objects.create_superuser("ops@demo.example")
    company = Company(name="Acme GmbH", contacts=(Contact(email="ada@acme.example"),))

    def bring_in() -> None:
        onboarding.carry_out(company, by=ops, now=timezone.now())

    [problem] = at_once(bring_in, bring_in)
    assert isinstance(problem, Impossible)
    assert Customer.objects.count() == Membership.objects.count() == 1
