"""A person who acts for two companies: an editor for one, a viewer for the other."""

from datetime import datetime

import pytest
from django.test import Client

from compliance.models import Customer, Membership, Renewal, User
from tests.factories import ALL_FINE, german_renewal, make_customer
from tests.pages.reading import links, words


@pytest.fixture
def kite(ada: User) -> Customer:
    """Where Ada may only look."""
    kite = make_customer("Kite & Co")
    Membership.objects.create(user=ada, customer=kite, role=Membership.Role.VIEWER)
    return kite


@pytest.fixture
def ours(acme: Customer, kite: Customer, now: datetime) -> Renewal:
    return german_renewal(acme, now=now, state="ready", results=ALL_FINE)


@pytest.fixture
def theirs(acme: Customer, kite: Customer, now: datetime) -> Renewal:
    return german_renewal(kite, now=now, state="ready", results=ALL_FINE, days=9)


def test_the_cards_and_the_banner_name_the_company(
    client: Client, ours: Renewal, theirs: Renewal
) -> None:
    response = client.get("/")

    assert "Acme GmbH" in words(response)
    assert "Germany - local numbers, Kite & Co: " in words(response)
    found = links(response)
    ours_url, theirs_url = f"/r/{ours.reference}/", f"/r/{theirs.reference}/"
    assert found["Check and send: Germany - local numbers, Acme GmbH"] == ours_url
    assert found["Check and send: Germany - local numbers, Kite & Co"] == theirs_url


@pytest.mark.parametrize("page", ["send/", "details/", "details/draft/", "details/file/"])
def test_what_they_may_for_one_they_may_not_for_the_other(
    client: Client, ours: Renewal, theirs: Renewal, page: str
) -> None:
    assert client.post(f"/r/{ours.reference}/{page}", {}).status_code != 403

    refused = client.post(f"/r/{theirs.reference}/{page}", {})

    assert refused.status_code == 403
    assert "on the registrations of Kite & Co" in words(refused)
    theirs.refresh_from_db()
    assert theirs.state == "ready"


def test_looking_is_allowed_for_both(client: Client, ours: Renewal, theirs: Renewal) -> None:
    for renewal in (ours, theirs):
        assert client.get(f"/r/{renewal.reference}/").status_code == 200
    assert "Send for checking" in words(client.get(f"/r/{ours.reference}/send/"))
    assert "Only an editor of your company" in words(client.get(f"/r/{theirs.reference}/send/"))


def test_the_answer_for_one_is_not_used_for_the_other(
    client: Client, ours: Renewal, theirs: Renewal
) -> None:
    assert client.post(f"/r/{theirs.reference}/use-elsewhere/", {}).status_code == 403
    client.post(f"/r/{ours.reference}/use-elsewhere/", {"in": f"{theirs.reference}/details"})

    assert not theirs.answers.exists()
