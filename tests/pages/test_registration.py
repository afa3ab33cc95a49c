"""One registration's page while it is the customer's turn."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from compliance.models import Customer, Renewal
from tests.factories import (
    ALL_FINE,
    DETAILS_FINE,
    SOME_OPEN,
    german_renewal,
    make_answer,
    make_item,
)
from tests.pages.reading import heading, links, shown, words

# --- What is to be done -----------------------------------------------------------------------


def test_the_task_list_says_what_is_needed(client: Client, fixing: Renewal) -> None:
    response = client.get(f"/r/{fixing.reference}/")

    assert heading(response) == "Update your registration for Germany"
    text = words(response)
    assert "Business details 2 things to fix" in text
    assert "Proof of the business name Document needed" in text
    assert "Check and send Cannot start yet" in text
    assert "Already fine (1)" in text
    assert links(response)["Business details"] == f"/r/{fixing.reference}/details/"
    assert f"name the reference {fixing.reference}" in text


def test_the_deadline_stands_in_a_box_with_both_dates(client: Client, fixing: Renewal) -> None:
    text = shown(client, fixing)

    assert "Send by" in text
    assert "Checking usually takes 1 working day." in text
    assert "The registration expires on" in text
    assert "(Europe/Berlin), in 20 days." in text


def test_past_its_send_by_date_it_is_late_but_never_blocked(
    client: Client, acme: Customer, now: datetime
) -> None:
    text = shown(client, german_renewal(acme, now=now, days=1))

    assert "It is later than we recommend: send it now" in text
    assert "Checking may finish after" in text
    assert "Business details" in text


def test_past_its_deadline_it_has_expired_and_can_still_be_sent(
    client: Client, acme: Customer, now: datetime
) -> None:
    renewal = german_renewal(acme, now=now, days=-1)
    response = client.get(f"/r/{renewal.reference}/")

    text = words(response)
    assert "This registration expired on" in text
    assert "The numbers on it may stop working." in text
    assert "You can still send your update" in text
    assert "Business details" in links(response)


def test_an_answer_on_its_way_is_saved_and_being_checked(
    client: Client, fixing: Renewal, now: datetime
) -> None:
    make_answer(fixing, now=now)

    text = shown(client, fixing)

    assert "Business details Saved, checking" in text
    assert "Your answers are saved. We are checking them now." in text


def test_a_refused_answer_shows_the_providers_sentence(
    client: Client, fixing: Renewal, now: datetime
) -> None:
    make_answer(fixing, now=now, state="refused", refused_code=22211, refusal="No such name.")

    assert "We saved your answer, but it was not accepted: “No such name.”" in shown(client, fixing)


def test_an_answer_whose_object_is_gone_is_asked_for_again(
    client: Client, fixing: Renewal, now: datetime
) -> None:
    make_answer(fixing, now=now, state="refused", refused_code=20404)

    assert "what it was about has changed meanwhile" in shown(client, fixing)


def test_a_refused_change_to_what_was_fine_is_still_to_be_seen(
    client: Client, acme: Customer, now: datetime
) -> None:
    renewal = german_renewal(acme, now=now, state="ready", results=ALL_FINE)
    make_answer(renewal, now=now, state="refused", refused_code=22211, refusal="No such name.")

    response = client.get(f"/r/{renewal.reference}/")

    assert links(response)["Business details"] == f"/r/{renewal.reference}/details/?change=1"


def test_what_is_done_counts_and_is_listed_as_completed(
    client: Client, acme: Customer, now: datetime
) -> None:
    results = (DETAILS_FINE, *SOME_OPEN[1:])
    renewal = german_renewal(acme, now=now, results=results)
    make_answer(renewal, now=now, state="delivered", delivered_at=now)

    text = shown(client, renewal)

    assert "Action needed - 1 of 2 done" in text
    assert "Business details Completed" in text


def test_with_nothing_to_fix_one_button_is_enough(
    client: Client, acme: Customer, now: datetime
) -> None:
    renewal = german_renewal(acme, now=now, state="ready", results=ALL_FINE)
    response = client.get(f"/r/{renewal.reference}/")

    assert "Your details already meet the new rules" in words(response)
    assert links(response)["Check and send"] == f"/r/{renewal.reference}/send/"
    assert "Something has changed" in links(response)


def test_a_viewer_sees_everything_but_cannot_send(
    vera: Client, acme: Customer, now: datetime
) -> None:
    renewal = german_renewal(acme, now=now, state="ready", results=ALL_FINE)
    response = vera.get(f"/r/{renewal.reference}/")

    assert "Only an editor of your company can send it." in words(response)
    assert "Check and send" not in links(response)


# --- What a reviewer said ---------------------------------------------------------------------


def refused(acme: Customer, now: datetime, **fields: Any) -> Renewal:
    renewal = german_renewal(
        acme, now=now, state="rejected", results=ALL_FINE, rejections=1, **fields
    )
    extract = renewal.items.get(type="commercial_registrar_excerpt")
    extract.delete()
    return renewal


def test_a_refused_document_shows_our_words_and_the_reviewers(
    client: Client, acme: Customer, now: datetime
) -> None:
    renewal = refused(acme, now)
    make_item(
        renewal,
        "commercial_registrar_excerpt",
        {"business_name": "Acme GmbH"},
        refused_at=now,
        reason="The seal is missing.",
        codes=[18002],
    )

    text = shown(client, renewal)

    assert "Changes needed" in text
    assert "One document was not accepted. Everything else is fine and stays as it is." in text
    assert "The document cannot be read." in text
    assert "The reviewer wrote: “The seal is missing.”" in text


def test_a_number_that_nobody_knows_leaves_the_reviewers_own_sentence(
    client: Client, acme: Customer, now: datetime
) -> None:
    renewal = refused(acme, now)
    document = "commercial_registrar_excerpt"
    make_item(renewal, document, refused_at=now, reason="Something new.", codes=[18777])

    response = client.get(f"/r/{renewal.reference}/business_name_info/")

    assert "What the reviewer wrote: “Something new.”" in words(response)
    assert "Reference 18777" in words(response)


def test_a_rejection_without_details_says_so(client: Client, acme: Customer, now: datetime) -> None:
    text = shown(client, refused(acme, now))

    assert "The reviewer did not accept your update and gave no details." in text


def test_after_the_third_rejection_a_person_is_offered(
    client: Client, acme: Customer, now: datetime
) -> None:
    renewal = refused(acme, now)
    renewal.rejections = 3
    renewal.save()

    assert "Would it help to talk it through?" in shown(client, renewal)


# --- Not yours --------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["", "status/", "send/", "sent/", "details/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_somebody_elses_registration_is_not_found(
    where: str, method: str, bob: Client, fixing: Renewal
) -> None:
    ask: Callable[[str], Any] = getattr(bob, method)
    response = ask(f"/r/{fixing.reference}/{where}")

    assert response.status_code in (404, 405)
    if method == "get" or where in ("send/", "details/"):
        assert response.status_code == 404


def test_a_reference_that_does_not_exist_is_not_found(client: Client) -> None:
    response = client.get("/r/CMP-NNNNNN/")

    assert response.status_code == 404


def test_no_page_is_kept_by_a_cache(client: Client, fixing: Renewal) -> None:
    assert "no-store" in client.get(f"/r/{fixing.reference}/")["Cache-Control"]


def test_customers_never_meet_the_providers_words(
    client: Client, fixing: Renewal, now: datetime
) -> None:
    source = client.get(f"/r/{fixing.reference}/").content.decode().lower()

    for word in ("bundle", "evaluation", "end-user", "copy_sid", "twilio-"):
        assert word not in source
    for item in fixing.items.all():
        assert item.sid not in source
