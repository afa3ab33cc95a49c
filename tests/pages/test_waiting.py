"""One registration's page while somebody else has to do something, and when all is done."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from compliance.models import Customer, Renewal, User
from tests.factories import (
    ALL_FINE,
    german_renewal,
    make_bundle,
    make_event,
    make_regulation,
    make_renewal,
)
from tests.pages.reading import heading, page, shown, words


def test_the_form_is_being_prepared(client: Client, acme: Customer, now: datetime) -> None:
    bundle = make_bundle(acme, now=now, days=30)
    renewal = make_renewal(bundle, now=now, state="detected", results=None, opened_at=now)

    assert "Getting your form ready. This takes a few seconds." in shown(client, renewal)


def test_a_country_stands_in_a_sentence_as_people_say_it(
    client: Client, acme: Customer, now: datetime
) -> None:
    bundle = make_bundle(acme, now=now, days=30, regulation=make_regulation(country="GB"))
    renewal = make_renewal(bundle, now=now, state="detected", results=None)
    response = client.get(f"/r/{renewal.reference}/")

    assert heading(response) == "Update your registration for the United Kingdom"
    assert "United Kingdom - local numbers" in words(response)


def test_after_a_minute_of_preparing_nobody_has_to_wait(
    client: Client, acme: Customer, now: datetime
) -> None:
    bundle = make_bundle(acme, now=now, days=30)
    opened = now - timedelta(seconds=61)
    renewal = make_renewal(bundle, now=now, state="detected", results=None, opened_at=opened)

    text = shown(client, renewal)

    assert "This is taking longer than usual." in text
    assert "You can close this page; we will e-mail you when it is ready." in text


def test_being_checked_says_what_happens_next_and_when_we_looked(
    client: Client, acme: Customer, now: datetime
) -> None:
    looked = now - timedelta(minutes=5)
    renewal = german_renewal(
        acme, now=now, state="in_review", results=ALL_FINE, submitted_at=now, looked_at=looked
    )

    text = shown(client, renewal)

    assert "Your update is being checked." in text
    assert "Last looked: 5 minutes ago" in text
    assert "Your phone numbers stay as they are." in text


def test_provisionally_approved_is_still_being_checked(
    client: Client, acme: Customer, now: datetime
) -> None:
    status = "provisionally-approved"
    renewal = german_renewal(acme, now=now, state="in_review", results=ALL_FINE, copy_status=status)

    text = shown(client, renewal)

    assert "Provisionally approved. The last checks are still running." in text


def test_a_review_of_twice_the_usual_length_is_called_long(
    client: Client, acme: Customer, now: datetime
) -> None:
    sent = now - timedelta(days=2, minutes=1)
    renewal = german_renewal(acme, now=now, state="in_review", results=ALL_FINE, submitted_at=sent)

    assert "This is taking longer than usual." in shown(client, renewal)


@pytest.mark.parametrize("state", ["approved", "replaced"])
def test_finishing_up_asks_for_nothing(
    state: str, client: Client, acme: Customer, now: datetime
) -> None:
    text = shown(client, german_renewal(acme, now=now, state=state, results=ALL_FINE))

    assert "Approved - finishing up" in text
    assert "Approved. We are updating your registration now." in text


def test_up_to_date_says_that_the_deadline_is_gone(
    client: Client, acme: Customer, now: datetime
) -> None:
    renewal = make_renewal(make_bundle(acme, now=now), now=now, state="completed")
    response = client.get(f"/r/{renewal.reference}/")

    assert heading(response) == "Your registration for Germany"
    assert "Your registration is up to date" in words(response)
    assert "no longer applies. Your phone numbers did not change." in words(response)


def test_expired_with_a_step_by_hand_is_never_a_dead_end(
    client: Client, acme: Customer, now: datetime
) -> None:
    bundle = make_bundle(acme, now=now, days=-1)
    renewal = make_renewal(bundle, now=now, state="detected", results=None, trouble="no-copy")

    text = shown(client, renewal)

    assert "This registration expired on" in text
    assert "We need to do one step by hand" in text
    assert "We have been told and will contact you, as a rule within one working day." in text


def test_trouble_of_ours_is_not_the_customers(
    client: Client, acme: Customer, now: datetime
) -> None:
    renewal = german_renewal(
        acme, now=now, state="approved", results=ALL_FINE, trouble="date-still-there"
    )

    text = shown(client, renewal)

    assert "We need to do one step by hand." in text
    assert "date-still-there" not in text


def test_an_old_address_leads_to_what_is_open_now(
    client: Client, acme: Customer, now: datetime
) -> None:
    bundle = make_bundle(acme, now=now, days=20)
    old = make_renewal(bundle, now=now, state="completed")
    new = make_renewal(bundle, now=now)

    response = client.get(f"/r/{old.reference}/")

    assert response["Location"] == f"/r/{new.reference}/"


def test_the_timeline_tells_what_the_customer_may_know(
    client: Client, ada: User, fixing: Renewal, now: datetime
) -> None:
    make_event(fixing, "opened", at=now - timedelta(hours=3))
    make_event(fixing, "needs-info", at=now - timedelta(hours=2), things=2)
    make_event(fixing, "answer-saved", at=now - timedelta(hours=1), by=ada)
    make_event(fixing, "a-kind-of-tomorrow", at=now)

    found = page(client.get(f"/r/{fixing.reference}/")).xpath("//ol[@class='timeline']/li")
    told = [" ".join(li.text_content().split()) for li in found]

    assert [told[0][-19:], told[1][-23:], told[2][-17:]] == [
        "You saved an answer",
        "We found 2 things to fix"[-23:],
        "your registration",
    ]
    assert len(told) == 3
