"""The admin is shut to all but staff, by every method. What each of the staff gets there is in
``tests.desk.test_roles``, whose addresses these are.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from compliance.models import Customer, Membership, User
from tests.desk.test_roles import (
    ELSEWHERE,
    MODELS,
    TABLE,
    address_of,
    addresses,
    everything,
    rows,
)
from tests.factories import make_customer, make_user
from tests.keepout.doors import METHODS

__all__ = ["rows"]
pytestmark = pytest.mark.django_db

VISITORS: dict[str, Callable[[], User | None]] = {
    "anonymous": lambda: None,
    "other": lambda: make_user("bob@other.example", customer=make_customer("Other Ltd")),
    "viewer": lambda: make_user(
        "vera@acme.example", customer=Customer.objects.get(), role=Membership.Role.VIEWER
    ),
    "editor": lambda: User.objects.get(email="ada@acme.example"),
    "nobody's": lambda: make_user("new@acme.example"),
    "deactivated staff": lambda: make_user("gone@demo.example", staff=True),
    "deactivated administrator": lambda: User.objects.create_superuser("root@demo.example"),
}


@pytest.mark.parametrize("visitor", VISITORS)
def test_it_is_shut(visitor: str, rows: dict[str, int], settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False
    client, user = Client(), VISITORS[visitor]()
    if user is not None:
        client.force_login(user)
        User.objects.filter(pk=user.pk).update(is_active="deactivated" not in visitor)
    before, wrong = everything(), []
    for name, holes in addresses():
        if name in ELSEWHERE or name == "jsi18n":
            continue
        for method in METHODS:
            answer = client.generic(method, address_of(name, holes, rows))
            location = answer.get("Location", "")
            if answer.status_code != 302 or not location.startswith(("/admin/login/", "/sign-in/")):
                wrong.append(f"{method} {name}: {answer.status_code}")
    assert wrong == []
    assert everything() == before


def test_staff_without_their_second_factor_are_sent_to_show_it(
    rows: dict[str, int], settings: Any
) -> None:
    """By whatever method, at each address that there is, and at those that there are not."""
    settings.STAFF_SECOND_FACTOR = True
    client = Client()
    client.force_login(User.objects.create_superuser("root@demo.example"))
    before, wrong = everything(), []
    found = [(name, address_of(name, holes, rows)) for name, holes in addresses() if name in TABLE]
    found += [("nothing", "/admin/no/such/page/"), ("nothing", "/admin/r/1/")]
    for name, address in found:
        for method in METHODS:
            answer = client.generic(method, address)
            if answer.status_code != 302 or not answer["Location"].startswith("/sign-in/second/?"):
                wrong.append(f"{method} {name}: {answer.status_code}")
    assert wrong == []
    assert everything() == before
    assert len(found) > len(MODELS)


def test_an_odd_method_is_no_error(rows: dict[str, int], settings: Any) -> None:
    """Django's own pages take whatever is no POST for a GET."""
    settings.STAFF_SECOND_FACTOR = False
    client = Client()
    client.force_login(User.objects.create_superuser("root@demo.example"))
    before, wrong = everything(), []
    for name, holes in addresses():
        if name not in ELSEWHERE:
            answer = client.put(address_of(name, holes, rows))
            if answer.status_code >= 500:
                wrong.append(f"{name}: {answer.status_code}")
    assert wrong == []
    assert everything() == before
