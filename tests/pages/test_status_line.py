"""The line of a registration's page that moves by itself."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from compliance.models import Account, Customer, Renewal
from tests.factories import (
    ALL_FINE,
    german_renewal,
    make_answer,
)
from tests.pages.reading import links, page


def status(client: Client, renewal: Renewal, seen: str = "") -> Any:
    url = f"/r/{renewal.reference}/status/"
    return client.get(f"{url}?seen={seen}" if seen else url, headers={"HX-Request": "true"})


def polled(client: Client, renewal: Renewal) -> tuple[str, str]:
    """What the page asks for, and how often."""
    region = page(client.get(f"/r/{renewal.reference}/")).get_element_by_id("status")
    return region.get("data-hx-get") or "", region.get("data-hx-trigger") or ""


def test_the_page_asks_at_once_after_saving_and_every_two_seconds_after_a_moment(
    client: Client, fixing: Renewal, now: datetime
) -> None:
    make_answer(fixing, now=now + timedelta(minutes=1))
    url, trigger = polled(client, fixing)
    assert url.startswith(f"/r/{fixing.reference}/status/?seen=checking")
    assert trigger == "every 100ms"
    assert client.get(url).status_code == 204

    # It is at Twilio, and is being checked there.
    fixing.answers.update(state="delivered")
    Renewal.objects.filter(pk=fixing.pk).update(state="copied")
    url, trigger = polled(client, fixing)
    assert trigger == "every 100ms"

    fixing.answers.update(saved_at=now - timedelta(minutes=1))

    assert polled(client, fixing)[1] == "every 2000ms"
    slower = client.get(url)
    assert slower.status_code == 200
    assert "every 2000ms" in slower.content.decode()
    assert client.get(url.replace("=100", "=2000")).status_code == 204


def test_the_page_asks_every_five_seconds_while_a_reviewer_has_it(
    client: Client, acme: Customer, now: datetime
) -> None:
    renewal = german_renewal(acme, now=now, state="in_review", results=ALL_FINE)

    assert polled(client, renewal)[1] == "every 5000ms"


def test_the_page_asks_for_nothing_when_it_is_the_customers_turn(
    client: Client, fixing: Renewal
) -> None:
    assert polled(client, fixing) == ("", "")


def test_as_long_as_nothing_happens_there_is_nothing_to_swap(
    client: Client, fixing: Renewal, now: datetime
) -> None:
    make_answer(fixing, now=now)
    url, _trigger = polled(client, fixing)

    assert client.get(url).status_code == 204


def test_the_asking_stops_when_it_is_the_customers_turn(client: Client, fixing: Renewal) -> None:
    assert status(client, fixing).status_code == 286


def test_when_the_stage_changes_the_whole_region_is_replaced(
    client: Client, fixing: Renewal, now: datetime
) -> None:
    answer = make_answer(fixing, now=now)
    url, _trigger = polled(client, fixing)
    answer.delete()

    response = client.get(url)

    assert response.status_code == 286
    assert response["HX-Retarget"] == "#registration"
    assert response["HX-Reswap"] == "outerHTML"
    assert "Business details" in response.content.decode()


@pytest.fixture
def reviewed(acme: Customer, now: datetime) -> Renewal:
    """It was looked at three minutes ago."""
    looked = now - timedelta(minutes=3)
    return german_renewal(
        acme, now=now, state="in_review", results=ALL_FINE, submitted_at=now, looked_at=looked
    )


def test_a_reviewed_page_learns_when_we_last_looked(client: Client, reviewed: Renewal) -> None:
    url, _trigger = polled(client, reviewed)

    response = client.get(url)

    assert response.status_code == 200
    assert "Last looked: 3 minutes ago" in response.content.decode()
    assert "HX-Retarget" not in response


def test_a_poll_looks_at_all_that_is_being_reviewed(
    client: Client, reviewed: Renewal, now: datetime
) -> None:
    Account.objects.update(polled_at=now - timedelta(minutes=1))
    url, _trigger = polled(client, reviewed)

    assert "Last looked: 1 minute ago" in client.get(url).content.decode()

    Account.objects.update(polled_at=now - timedelta(minutes=4))

    assert "Last looked: 3 minutes ago" in client.get(url).content.decode()


def test_the_status_line_has_a_link_for_those_without_javascript(
    client: Client, fixing: Renewal, now: datetime
) -> None:
    make_answer(fixing, now=now)

    found = links(client.get(f"/r/{fixing.reference}/"))

    assert found["Refresh this page"] == f"/r/{fixing.reference}/"


@pytest.mark.parametrize("page_of_it", ["/", "/r/{}/", "/r/{}/status/?seen=nothing"])
def test_an_answer_that_arrives_while_a_page_is_read_is_not_asked_for_again(
    page_of_it: str, client: Client, fixing: Renewal, now: datetime
) -> None:
    make_answer(fixing, now=now)
    arrived = False

    def arrives(run: Callable[..., Any], sql: str, *more: Any) -> Any:
        """Between the first that is read of renewals and what is read after it."""
        nonlocal arrived
        result = run(sql, *more)
        if not arrived and 'FROM "compliance_renewal"' in sql:
            arrived = True
            fixing.answers.update(state="delivered", delivered_at=now)
            Renewal.objects.filter(pk=fixing.pk).update(state="copied", evaluated_hash="known")
        return result

    with connection.execute_wrapper(arrives):
        answer = client.get(page_of_it.format(fixing.reference), headers={"HX-Request": "true"})

    assert arrived
    assert answer.status_code == 200
    assert "Action needed" not in answer.content.decode()
    assert ("data-hx-get" in answer.content.decode()) == (page_of_it != "/")
