"""One registration's page, stage by stage, and the line that moves by itself."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from compliance.models import Customer, Renewal, User
from tests.factories import (
    ALL_FINE,
    DETAILS_FINE,
    SOME_OPEN,
    german_renewal,
    make_answer,
    make_bundle,
    make_event,
    make_item,
    make_regulation,
    make_renewal,
)
from tests.pages.reading import heading, links, page, words


def shown(client: Client, renewal: Renewal) -> str:
    return words(client.get(f"/r/{renewal.reference}/"))


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


# --- When it is not the customer's turn -------------------------------------------------------


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


# --- The line that moves by itself ------------------------------------------------------------


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


def test_a_reviewed_page_learns_when_we_last_looked(
    client: Client, acme: Customer, now: datetime
) -> None:
    looked = now - timedelta(minutes=3)
    renewal = german_renewal(
        acme, now=now, state="in_review", results=ALL_FINE, submitted_at=now, looked_at=looked
    )
    url, _trigger = polled(client, renewal)

    response = client.get(url)

    assert response.status_code == 200
    assert "Last looked: 3 minutes ago" in response.content.decode()
    assert "HX-Retarget" not in response


def test_the_status_line_has_a_link_for_those_without_javascript(
    client: Client, fixing: Renewal, now: datetime
) -> None:
    make_answer(fixing, now=now)

    found = links(client.get(f"/r/{fixing.reference}/"))

    assert found["Refresh this page"] == f"/r/{fixing.reference}/"


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
