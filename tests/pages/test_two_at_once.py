"""The page of a task with two people, two tabs, a page that was open too long, and viewers."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from compliance.models import Customer, Renewal, User
from tests.factories import (
    ALL_FINE,
    german_renewal,
    make_answer,
    make_user,
)
from tests.pages.answering import DETAILS, saved, url
from tests.pages.reading import heading, page, values, words


def test_a_colleague_who_was_quicker_is_seen_and_not_overwritten(
    client: Client, acme: Customer, fixing: Renewal, now: datetime
) -> None:
    cleo = make_user("cleo@acme.example", customer=acme)
    theirs = {"business_registration_number": "HRB 1", "email": "cleo@acme.example"}
    end_user = fixing.items.get(type="business").sid
    make_answer(fixing, values=theirs, now=now, by=cleo, changes_sid=end_user)

    response = client.post(url(fixing), {"version": "0", **DETAILS})

    assert response.status_code == 409
    assert "A colleague changed this page at" in words(response)
    assert "Your colleague entered: cleo@acme.example" in words(response)
    form = values(response)
    assert form["f-email"] == "office@acme.example"
    assert saved(fixing).values() == theirs

    client.post(url(fixing), form)
    assert saved(fixing).values()["email"] == "office@acme.example"


def test_ones_own_other_window_is_called_that(
    client: Client, ada: User, fixing: Renewal, now: datetime
) -> None:
    make_answer(fixing, values={"email": "x@y.example"}, now=now, by=ada)

    response = client.post(url(fixing), {"version": "0", **DETAILS})

    assert "in another window" in words(response)


def test_a_page_that_was_open_too_long_keeps_what_was_typed(
    client: Client, fixing: Renewal
) -> None:
    Renewal.objects.filter(pk=fixing.pk).update(state="in_review")

    response = client.post(url(fixing), {"version": "0", **DETAILS})

    assert response.status_code == 409
    assert "This was not saved" in words(response)
    assert values(response)["f-email"] == "office@acme.example"
    assert not page(response).xpath("//main//button")
    assert not fixing.answers.exists()


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("copied", "In a few seconds you can go on."),
        ("in_review", "cannot be changed until there is a decision"),
        ("approved", "There is nothing left to change."),
    ],
)
def test_a_task_that_is_closed_leads_back_with_a_word(
    state: str, sentence: str, client: Client, fixing: Renewal
) -> None:
    Renewal.objects.filter(pk=fixing.pk).update(state=state)

    response = client.get(url(fixing), follow=True)

    assert response.redirect_chain == [(f"/r/{fixing.reference}/", 302)]
    assert sentence in words(response)


def test_a_task_that_is_fine_leads_back_with_a_word(
    client: Client, acme: Customer, now: datetime
) -> None:
    renewal = german_renewal(acme, now=now, state="ready", results=ALL_FINE)

    response = client.get(url(renewal), follow=True)

    assert "That part is already fine." in words(response)


def test_a_task_that_never_was_is_not_found(client: Client, fixing: Renewal) -> None:
    assert client.get(url(fixing, "no-such-task")).status_code == 404
    assert client.post(url(fixing, "no-such-task"), DETAILS).status_code == 404


def test_an_answer_after_the_end_is_shown_again_and_not_kept(
    client: Client, fixing: Renewal, now: datetime
) -> None:
    Renewal.objects.filter(pk=fixing.pk).update(state="completed", ended_at=now, key=None)

    response = client.post(url(fixing), {"version": "0", **DETAILS})

    assert response.status_code == 409
    assert values(response)["f-email"] == "office@acme.example"


# --- Viewers ----------------------------------------------------------------------------------


def test_a_viewer_may_look(vera: Client, fixing: Renewal) -> None:
    response = vera.get(url(fixing))

    assert response.status_code == 200
    assert "Only an editor of your company can save it." in words(response)
    assert not page(response).xpath("//main//button")


def test_a_viewer_may_not_save_and_learns_whom_to_ask(
    vera: Client, ada: User, fixing: Renewal
) -> None:
    response = vera.post(url(fixing), {"version": "0", **DETAILS})

    assert response.status_code == 403
    assert heading(response) == "Only an editor can save and send updates"
    assert "Ada Ackermann" in words(response)
    assert not fixing.answers.exists()


def test_when_it_was_saved_is_said(client: Client, fixing: Renewal, now: datetime) -> None:
    earlier = now - timedelta(minutes=5)
    where: Any = "commercial_registrar_excerpt"
    make_answer(fixing, "business_name_info", now=earlier, type_=where, file="Register.pdf")

    text = words(client.get(url(fixing, "business_name_info")))

    assert "Register.pdf" in text
    assert "Saved 5 minutes ago" in text
