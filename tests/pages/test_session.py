"""A session ends when nobody is there, says so before, and takes nothing typed with it."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from compliance.models import Renewal, User
from tests.factories import make_user
from tests.pages.reading import field, page

TYPED = {"version": "0", "f-email": "half@", "f-business_registration_number": "HRB 9"}


def pass_time(client: Client, *, since: str = "seen_at", **span: float) -> None:
    client.get("/session/")
    session = client.session
    session[since] = (timezone.now() - timedelta(**span)).timestamp()
    session.save()


def is_signed_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def test_an_idle_customer_is_signed_out_after_half_an_hour(client: Client) -> None:
    pass_time(client, minutes=29)
    assert is_signed_in(client)

    pass_time(client, minutes=30, seconds=1)
    assert not is_signed_in(client)


def test_idle_staff_are_signed_out_after_a_quarter(signed_in: Callable[[User], Client]) -> None:
    ops = signed_in(make_user("ops@example.com", staff=True))
    pass_time(ops, minutes=14)
    assert is_signed_in(ops)

    pass_time(ops, minutes=15, seconds=1)
    assert not is_signed_in(ops)


def test_nobody_stays_signed_in_for_longer_than_twelve_hours(client: Client) -> None:
    pass_time(client, since="started_at", hours=11, minutes=59)
    assert is_signed_in(client)

    pass_time(client, since="started_at", hours=12, seconds=1)
    assert not is_signed_in(client)


def test_looking_at_a_page_counts_and_what_a_script_asks_does_not(
    client: Client, fixing: Renewal
) -> None:
    def left() -> int:
        seconds: int = client.get("/session/").json()["seconds"]
        return seconds

    pass_time(client, minutes=20)
    client.get(f"/r/{fixing.reference}/status/")
    client.post(f"/r/{fixing.reference}/details/draft/", {}, headers={"accept": "application/json"})
    assert left() <= 600

    client.get(f"/r/{fixing.reference}/")
    assert left() > 1700


def test_typing_counts(client: Client, fixing: Renewal) -> None:
    pass_time(client, minutes=20)

    client.post(
        f"/r/{fixing.reference}/details/draft/", TYPED, headers={"accept": "application/json"}
    )

    assert client.get("/session/").json()["seconds"] > 1700


def test_a_button_keeps_the_session(client: Client) -> None:
    pass_time(client, minutes=29)
    response = client.post("/session/", headers={"accept": "application/json"})
    assert response.json()["seconds"] > 1700

    pass_time(client, minutes=29)
    assert client.post("/session/").headers["Location"] == "/"
    assert client.get("/session/").json()["seconds"] > 1700


@pytest.mark.parametrize("where", ["", "draft/"])
def test_what_was_sent_after_the_end_is_there_after_signing_in(
    client: Client, ada: User, fixing: Renewal, where: str
) -> None:
    url = f"/r/{fixing.reference}/details/"
    client.get(url)
    pass_time(client, minutes=31)

    response = client.post(url + where, TYPED)

    assert response.status_code == 302
    target = urlsplit(response.headers["Location"])
    assert parse_qs(target.query)["next"] == [url]
    assert not fixing.answers.exists()
    client.force_login(ada)
    assert field(client.get(url), "f-email").get("value") == "half@"


def test_a_form_without_a_page_leads_to_the_page_around_it(client: Client, ada: User) -> None:
    people = f"/people/{ada.customers.get().public_id}/{ada.memberships.get().public_id}/"
    for where, around in (
        (f"{people}invite/", people),
        ("/settings/sign-out-elsewhere/", "/settings/"),
    ):
        pass_time(client, minutes=31)
        response = client.post(where)
        client.force_login(ada)

        assert parse_qs(urlsplit(response.headers["Location"]).query)["next"] == [around]
        assert client.get(around).status_code == 200


def test_the_end_of_a_session_does_not_open_what_is_not_ones_own(
    bob: Client, fixing: Renewal
) -> None:
    pass_time(bob, minutes=31)

    bob.post(f"/r/{fixing.reference}/details/", TYPED)

    assert not fixing.drafts.exists()


def test_the_warning_is_in_every_page_and_hidden_until_it_is_time(client: Client) -> None:
    (warning,) = page(client.get("/")).xpath("//*[@id='session']")

    assert warning.get("hidden") is not None
    assert 1700 < int(warning.get("data-seconds")) <= 1800
    assert warning.xpath(".//form[@action='/session/']//button")
    assert not page(Client().get("/accounts/login/", follow=True)).xpath("//*[@id='session']")
