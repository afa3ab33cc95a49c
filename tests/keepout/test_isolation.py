"""Who gets what at every address there is, by every method; and that strangers learn nothing."""

import re
from collections.abc import Callable
from importlib import import_module
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from compliance.callback_address import callback_url
from compliance.models import Customer, Membership, Renewal, User
from tests.desk.test_roles import everything
from tests.factories import make_customer, make_user
from tests.keepout.doors import (
    DOORS,
    NAMELESS,
    OTHERS,
    OUTSIDE,
    ROLES,
    STAFF,
    STRANGER,
    doors,
)
from tests.pages.device import Device
from tests.portal import specimens

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.keepout.demo_urls")]

# Of the right form, and of nobody.
NOBODYS = {
    "reference": "CMP-222222",
    "company": UUID(int=7),
    "person": UUID(int=7),
    "pk": 999_999,
    "token": "no-other-link-of-ours",
}


def sent() -> list[dict[str, Any]]:
    """What an editor could send, to whichever page."""
    return [
        {},
        {"version": "0", "f-business_name": "Mallory Ltd", "as": "trade_license", "sure": "1"},
        {"role": "viewer", "mails": "no", "email": "m@x.example", "name": "M", "language": "en"},
        {"in": "CMP-222222/details", "reuse": "x", "discard": "1", "remove": "x", "again": "1"},
        {"file": SimpleUploadedFile("letter.pdf", specimens.pdf())},
    ]


@pytest.fixture
def vera_user(acme: Customer) -> User:
    return make_user("vera@acme.example", customer=acme, role=Membership.Role.VIEWER)


@pytest.fixture
def people(ada: User, vera_user: User) -> dict[str, User | None]:
    """One of each role. The company is Ada's."""
    import_module("compliance.migrations.0005_roles").make_roles(apps, None)
    found: dict[str, User | None] = {
        "anonymous": None,
        "deactivated": make_user("gone@acme.example", customer=ada.customers.get()),
        "other": make_user("bob@other.example", customer=make_customer("Other Ltd")),
        "support": make_user("sue@demo.example", staff=True),
        "auditor": make_user("aud@demo.example", staff=True),
        "admin": User.objects.create_superuser("root@demo.example"),
        "viewer": vera_user,
        "editor": ada,
    }
    for role, group in (("support", "Support"), ("auditor", "Auditor")):
        user = found[role]
        assert user is not None
        user.groups.add(Group.objects.get(name=group))
    return found


@pytest.fixture
def visitor(people: dict[str, User | None], settings: Any) -> Callable[[str], Client]:
    """A browser of somebody of that role."""
    settings.TWILIO_BASE_URL = "http://localhost:1"
    settings.STAFF_SECOND_FACTOR = False

    def visit(role: str) -> Client:
        cache.clear()
        client, user = Client(), people[role]
        if user is not None:
            # A page may have changed what a session is bound to.
            client.force_login(User.objects.get(pk=user.pk))
        if role == "deactivated":
            User.objects.filter(email="gone@acme.example").update(is_active=False)
        return client

    return visit


@pytest.fixture
def holes(fixing: Renewal, ada: User, vera_user: User) -> dict[str, Any]:
    """What stands in the addresses: Ada's, and of her company."""
    client = Client()
    client.force_login(ada)
    Device().add(client)
    return {
        "reference": fixing.reference,
        "task_key": "business_name_info",
        "company": ada.customers.get().public_id,
        "person": vera_user.memberships.get().public_id,
        "pk": Authenticator.objects.get().pk,
        "token": "no-link-of-ours",
    }


def address_of(name: str, pattern: Any, holes: dict[str, Any]) -> str:
    if name == "twilio-callback":
        renewal = Renewal.objects.get(reference=holes["reference"])
        return callback_url(renewal).removeprefix("http://localhost:8000")
    if name in NAMELESS.values():
        return f"/{pattern.pattern}"
    kwargs = {hole: holes[hole] for hole in pattern.pattern.converters}
    query = "?document=commercial_registrar_excerpt" if name == "file" else ""
    return reverse(name, kwargs=kwargs) + query


def ours() -> list[tuple[str, Any]]:
    return [(name, pattern) for name, pattern in doors() if name != "admin:"]


def test_every_address_is_classified() -> None:
    assert {name for name, _pattern in ours()} == set(DOORS)
    assert [name for name, _pattern in doors()].count("admin:") == 1


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_what_the_table_says(
    role: str, visitor: Callable[[str], Client], holes: dict[str, Any]
) -> None:
    wrong = []
    for name, pattern in ours():
        client = visitor(role)
        for method in (*OTHERS, "GET", "HEAD", "POST"):
            answer = client.generic(method, address_of(name, pattern, holes))
            right = DOORS[name].status(role, method)
            if answer.status_code != right:
                wrong.append(f"{method} {name}: {answer.status_code}, not {right}")
    assert not wrong, "\n".join(wrong)


# --- Strangers -----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [*STRANGER, *STAFF, *OUTSIDE])
def test_to_a_stranger_what_is_there_is_like_what_is_not(
    role: str, visitor: Callable[[str], Client], holes: dict[str, Any]
) -> None:
    """Status, body and headers are the same; a script that asks for a part learns no more."""
    client = visitor(role)
    names = {name for name, door in DOORS.items() if 404 in door.stranger and not door.outside}
    compared = 0
    for name, pattern in ours():
        if name not in names:
            continue
        for hole in set(pattern.pattern.converters) - {"task_key"}:
            there = address_of(name, pattern, holes)
            nowhere = address_of(name, pattern, {**holes, hole: NOBODYS[hole]})
            for method in ("GET", "POST"):
                for headers in ({}, {"HX-Request": "true"}, {"Accept": "application/json"}):
                    seen = [
                        shown(client.generic(method, address, headers=headers), address)
                        for address in (there, nowhere)
                    ]
                    assert seen[0] == seen[1], (method, there, nowhere)
                    compared += 1
    assert compared > 100


def shown(answer: HttpResponse, address: str) -> tuple[int, str, list[tuple[str, str]]]:
    """All that reaches a browser, apart from the address itself and what is new each time."""
    new_each_time = re.compile(
        r'((?:csrfmiddlewaretoken" value|data-seconds)="|x-csrftoken": ")\w+'
    )
    body = new_each_time.sub(r"\1", answer.content.decode()).replace(address, "")
    kept = {name: value.replace(quote(address), "") for name, value in answer.items()}
    for new in ("X-Request-ID", "Expires", "Content-Length"):
        kept.pop(new, None)
    return answer.status_code, body, sorted(kept.items())


@pytest.mark.parametrize("role", [*STRANGER, *STAFF, *OUTSIDE])
def test_what_a_stranger_sends_changes_nothing(
    role: str, visitor: Callable[[str], Client], holes: dict[str, Any], fixing: Renewal
) -> None:
    client = visitor(role)
    before = everything()
    changed = []
    for name, pattern in ours():
        if pattern.pattern.converters and name not in ("sign-in-link", "twilio-callback"):
            for data in sent():
                client.post(address_of(name, pattern, holes), data)
                if everything() != before:
                    changed.append(f"{name} {data}")
    assert changed == []


def test_a_viewer_changes_nothing_of_the_company(
    visitor: Callable[[str], Client], holes: dict[str, Any]
) -> None:
    client = visitor("viewer")
    before = everything()
    for name, pattern in ours():
        if pattern.pattern.converters and name not in ("sign-in-link", "twilio-callback"):
            for data in sent():
                client.post(address_of(name, pattern, holes), data)
    assert everything() == before


def test_what_is_sent_there_would_change_something_for_an_editor(
    visitor: Callable[[str], Client], holes: dict[str, Any]
) -> None:
    """Else the two above would be true of anything."""
    changing = set()
    for name, pattern in ours():
        if name in ("people", "task", "draft", "file", "add-person", "change-person"):
            for data in sent():
                client = visitor("editor")
                before = everything()
                client.post(address_of(name, pattern, holes), data)
                changing |= {name} if everything() != before else set()
    assert {"task", "draft", "file", "add-person", "change-person"} <= changing
