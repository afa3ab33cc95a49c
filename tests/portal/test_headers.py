"""What every answer tells the browser to refuse: over every address there is."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from compliance.models import User
from tests.factories import make_customer, make_user

pytestmark = pytest.mark.django_db

# What fits where an address has a place for something; nothing of the kind exists.
STAND_INS = {
    "reference": "CMP-AAAAAA",
    "slug": "end_user",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "int": "1",
    "string": "nothing",
    "path": "1",
}
PRECAUTIONS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Not even our own pages are told the address, which holds a secret.
LINKS = {"Referrer-Policy": "strict-origin"}
# The number of these grows with the project; far fewer would mean that they are not found.
AT_LEAST = 100


def addresses(resolver: Any = None, prefix: str = "/") -> Iterator[str]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from addresses(entry, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield prefix + filled_in(entry)


def filled_in(entry: URLPattern) -> str:
    # The admin's own expressions: an app's name, and any address as the last resort.
    route = re.sub(r"^\^?\(\?P<\w+>(\w+).*\)(/?)\$", r"\1\2", str(entry.pattern))
    for name, converter in entry.pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower()
        route = re.sub(rf"<(\w+:)?{name}>", STAND_INS[kind], route)
    return "anything" if route.startswith("(?P") else route


@pytest.fixture
def as_nobody(client: Client) -> Client:
    return client


@pytest.fixture
def as_customer(client: Client) -> Client:
    client.force_login(make_user("ada@acme.example", customer=make_customer()))
    return client


@pytest.fixture
def as_staff(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ops@demo.example"))
    return client


def test_the_addresses_are_all_of_them() -> None:
    found = set(addresses())
    assert len(found) > AT_LEAST
    assert {"/", "/r/CMP-AAAAAA/end_user/file/", "/admin/compliance/renewal/1/change/"} <= found
    assert not [path for path in found if set(path) & set("<>^$?(")]


@pytest.mark.parametrize("who", ["as_nobody", "as_customer", "as_staff"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_answer_comes_with_every_precaution(
    who: str, method: str, request: pytest.FixtureRequest
) -> None:
    client = request.getfixturevalue(who)
    for path in sorted(addresses()):
        answer = getattr(client, method)(path)
        headers = answer.headers
        expected = PRECAUTIONS | (LINKS if path.startswith("/sign-in/link/") else {})
        assert {name: headers.get(name) for name in expected} == expected, path
        assert "no-store" in headers["Cache-Control"], path
        assert "private" in headers["Cache-Control"], path
        assert "default-src 'none'" in headers["Content-Security-Policy"], path
        assert "camera=()" in headers["Permissions-Policy"], path
        is_admin = who == "as_staff" and path.startswith("/admin/")
        assert is_admin or "unsafe" not in headers["Content-Security-Policy"], path
        if path == "/sign-out/" and who != "as_nobody":
            client.force_login(User.objects.get(email__contains="@"))


def test_a_passkey_can_still_be_made_and_used(as_nobody: Client) -> None:
    allowed = as_nobody.get("/sign-in/").headers["Permissions-Policy"].split(", ")
    assert [entry for entry in allowed if not entry.endswith("=()")] == [
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
    ]


def test_files_of_ours_are_for_our_pages(as_nobody: Client) -> None:
    """They may be kept, unlike the pages, but not used by others."""
    answer = as_nobody.get("/static/portal.css")
    answer.close()
    assert answer.status_code == 200
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Permissions-Policy" not in answer.headers
    assert "no-store" not in answer.headers["Cache-Control"]
