"""The list of registrations."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from compliance.models import Customer, Membership, User
from tests.factories import (
    ALL_FINE,
    german_renewal,
    make_account,
    make_answer,
    make_bundle,
    make_customer,
    make_regulation,
    make_renewal,
    make_user,
)
from tests.pages.reading import links, page, words


def titles(client: Client) -> list[str]:
    tree = page(client.get("/"))
    return [" ".join(e.text_content().split()) for e in tree.xpath("//h3")]


def test_what_needs_the_customer_comes_first_by_its_send_by_date(
    client: Client, acme: Customer, now: datetime
) -> None:
    def add(country: str, days: float | None, state: str = "needs_info") -> None:
        regulation = make_regulation(country=country)
        bundle = make_bundle(acme, now=now, days=days, regulation=regulation)
        if days is not None:
            make_renewal(bundle, now=now, state=state)

    add("FR", None)
    add("IE", 9, "in_review")
    add("DE", 40)
    add("GB", 12)
    add("AU", 20, "ready")

    assert titles(client) == [
        "United Kingdom - local numbers",
        "Australia - local numbers",
        "Germany - local numbers",
        "Ireland - local numbers",
        "France - local numbers",
    ]


def test_the_banner_is_about_the_worst(client: Client, acme: Customer, now: datetime) -> None:
    german_renewal(acme, now=now, days=30)
    german_renewal(acme, now=now, days=-1)

    response = client.get("/")

    assert "2 registrations need your attention" in words(response)
    assert "this registration has expired, and its numbers may stop working" in words(response)
    assert len(page(response).xpath("//*[contains(@class, 'banner-')]")) == 1


def test_a_late_registration_is_to_be_sent_now(
    client: Client, acme: Customer, now: datetime
) -> None:
    german_renewal(acme, now=now, days=1)

    assert "it is later than we recommend. Send your update now." in words(client.get("/"))


def test_both_dates_are_in_the_customers_time_zone(
    client: Client, acme: Customer, now: datetime
) -> None:
    renewal = german_renewal(acme, now=now, days=30)
    until = renewal.valid_until.replace(month=7, day=1, hour=23, minute=30, year=now.year + 1)
    renewal.valid_until = until
    renewal.save()

    text = words(client.get("/"))

    assert f"2 July {now.year + 1}, 01:30 (Europe/Berlin)" in text
    assert "Send by" in text


def test_a_card_leads_to_its_registration_with_one_button(
    client: Client, acme: Customer, now: datetime
) -> None:
    renewal = german_renewal(acme, now=now, state="ready", results=ALL_FINE)

    found = links(client.get("/"))

    assert found["Check and send: Germany - local numbers"] == f"/r/{renewal.reference}/"


def test_numbers_are_printed_for_people(client: Client, acme: Customer, now: datetime) -> None:
    bundle = make_bundle(acme, now=now, days=30)
    bundle.numbers = ["+4930901820", "+442079460958", "+15005550006", "+33144556677"]
    bundle.save()

    assert "+49 30 901820, +44 20 7946 0958, +1 500-555-0006 and 1 more" in words(client.get("/"))


def test_the_company_is_named_to_a_person_who_acts_for_several(
    client: Client, ada: User, acme: Customer, now: datetime
) -> None:
    german_renewal(acme, now=now)
    assert "Acme GmbH" not in words(client.get("/"))

    kite = make_customer("Kite & Co")
    Membership.objects.create(user=ada, customer=kite)
    german_renewal(kite, now=now)

    assert "Acme GmbH" in words(client.get("/"))
    assert "Kite & Co" in words(client.get("/"))


def test_everything_up_to_date_says_so_and_when_it_was_last_checked(
    client: Client, acme: Customer, now: datetime
) -> None:
    account = make_account(is_main=True, polled_at=now)
    make_bundle(acme, now=now, account=account)

    text = words(client.get("/"))

    assert "Everything is up to date" in text
    assert "There is nothing you need to do. We will e-mail you if the rules change." in text
    assert "Last checked" in text
    assert "Up to date (1)" in text


def test_a_company_without_anything_due_has_nothing_to_do(bob: Client) -> None:
    assert "Everything is up to date" in words(bob.get("/"))


def test_a_person_without_a_company_is_told_whom_to_ask(client: Client, db: None) -> None:
    client.force_login(make_user("stranger@nowhere.example"))
    text = words(client.get("/"))

    assert "No registrations yet" in text
    assert "If a colleague manages them, ask them to add you" in text


def test_other_peoples_registrations_are_not_listed(
    bob: Client, acme: Customer, now: datetime
) -> None:
    german_renewal(acme, now=now)

    assert "Germany" not in words(bob.get("/"))


def test_a_new_deadline_is_being_prepared_and_asks_nothing(
    client: Client, acme: Customer, now: datetime
) -> None:
    make_bundle(acme, now=now, days=30)

    text = words(client.get("/"))

    assert "Getting ready" in text
    assert "We are preparing your form and will e-mail you when it is ready." in text
    assert "need your attention" not in text


def test_a_saved_answer_shows_as_being_checked(
    client: Client, acme: Customer, now: datetime
) -> None:
    make_answer(german_renewal(acme, now=now), now=now)

    assert "Saved, checking" in words(client.get("/"))


def test_when_the_provider_is_away_the_page_says_what_is_still_possible(
    client: Client, acme: Customer, now: datetime
) -> None:
    account = make_account(is_main=True, unreachable_since=now - timedelta(minutes=5))
    make_bundle(acme, now=now, days=30, account=account)

    text = words(client.get("/"))

    assert "We cannot fetch the latest status right now." in text
    assert "You can keep working; we will send it as soon as the connection is back." in text


@pytest.mark.usefixtures("attendance_unnoted")
@pytest.mark.parametrize("count", [1, 25])
def test_the_list_takes_five_queries_whatever_its_length(
    count: int,
    client: Client,
    acme: Customer,
    now: datetime,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(count):
        state = ("needs_info", "copied", "ready", "in_review")[number % 4]
        make_answer(german_renewal(acme, now=now, days=10 + number, state=state), now=now)

    # The first request of a session notes when it began.
    client.get("/session/")
    with django_assert_num_queries(5):
        client.get("/")


def test_signing_in_comes_first(db: None) -> None:
    assert Client().get("/").status_code == 302


def test_staff_find_the_way_to_the_admin(signed_in: Callable[[User], Client], db: None) -> None:
    ops = signed_in(make_user("ops@example.com", staff=True))

    assert links(ops.get("/"))["Support"] == "/admin/"


def test_the_banner_of_what_can_only_be_done_by_us_says_how(
    client: Client, acme: Customer, now: datetime
) -> None:
    make_bundle(acme, now=now, days=-3)

    text = " ".join(
        page(client.get("/"))
        .xpath("//section[@aria-labelledby='banner-title']")[0]
        .text_content()
        .split()
    )

    assert "has expired, and its numbers may stop working. Write to us" in text
