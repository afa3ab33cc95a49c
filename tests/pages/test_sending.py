"""Check your answers, send, and the confirmation."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from compliance.models import Customer, Renewal, User
from tests.factories import ALL_FINE, german_renewal, make_answer
from tests.pages.reading import heading, links, words


@pytest.fixture
def ready(acme: Customer, now: datetime) -> Renewal:
    return german_renewal(acme, now=now, state="ready", results=ALL_FINE)


def url(renewal: Renewal, page: str = "send") -> str:
    return f"/r/{renewal.reference}/{page}/"


def state_of(renewal: Renewal) -> str:
    return Renewal.objects.get(pk=renewal.pk).state


def test_everything_on_the_registration_is_there_to_be_checked(
    client: Client, ready: Renewal
) -> None:
    response = client.get(url(ready))

    assert heading(response) == "Check your answers"
    text = words(response)
    assert "Business name Acme GmbH" in text
    assert "Date of issue 3 February 2025" in text
    assert "Address The address already on this registration" in text
    assert "File The file that we have on record" in text
    assert "For the phone numbers +49 30 901820" in text
    assert links(response)["Change: Business details"] == f"/r/{ready.reference}/details/?change=1"


def test_a_file_of_the_customers_own_is_named(
    client: Client, ready: Renewal, now: datetime
) -> None:
    extract = ready.items.get(type="commercial_registrar_excerpt")
    make_answer(
        ready,
        "business_name_info",
        now=now,
        type_=extract.type,
        state="delivered",
        file="Register.pdf",
        item_sid=extract.sid,
    )

    assert "File Register.pdf (239 KB)" in words(client.get(url(ready)))


def test_each_change_link_leads_to_a_page(client: Client, ready: Renewal) -> None:
    changes = [
        where for text, where in links(client.get(url(ready))).items() if text.startswith("Change")
    ]

    assert len(changes) == 3
    for where in changes:
        assert client.get(where).status_code == 200


def test_sending_is_confirmed(client: Client, ready: Renewal) -> None:
    response = client.post(url(ready), follow=True)

    assert response.redirect_chain == [(url(ready, "sent"), 302)]
    assert state_of(ready) == "submitted"
    assert heading(response) == "Sent for checking"
    text = words(response)
    assert f"Reference {ready.reference}" in text
    assert "Your phone numbers stay as they are." in text
    assert "You do not need to do anything." in text


def test_past_send_by_it_says_so_and_never_blocks(
    client: Client, acme: Customer, now: datetime
) -> None:
    late = german_renewal(acme, now=now, days=1, state="ready", results=ALL_FINE)

    response = client.get(url(late))

    assert "It is later than we recommend. Send it now; checking may finish after" in words(
        response
    )
    assert client.post(url(late))["Location"] == url(late, "sent")


def test_a_confirmation_opened_later_shows_the_current_state(
    client: Client, acme: Customer, now: datetime
) -> None:
    renewal = german_renewal(acme, now=now, state="rejected", results=ALL_FINE)

    assert client.get(url(renewal, "sent"))["Location"] == f"/r/{renewal.reference}/"


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("needs_info", "It cannot be sent yet."),
        ("copied", "It cannot be sent yet."),
        ("submitted", "Your update has already been sent for checking."),
        ("in_review", "Your update has already been sent for checking."),
        ("approved", "Your update has already been approved."),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stale_page_leads_back_with_a_word(
    method: str, state: str, sentence: str, client: Client, ready: Renewal
) -> None:
    Renewal.objects.filter(pk=ready.pk).update(state=state)

    response = getattr(client, method)(url(ready), follow=True)

    assert response.redirect_chain == [(f"/r/{ready.reference}/", 302)]
    assert sentence in words(response)
    assert state_of(ready) == state


def test_with_an_answer_on_its_way_it_waits(client: Client, ready: Renewal, now: datetime) -> None:
    make_answer(ready, now=now + timedelta(0))

    response = client.post(url(ready), follow=True)

    assert "Your latest answers are still being checked." in words(response)
    assert state_of(ready) == "ready"


def test_a_viewer_may_read_it_through_but_not_send(vera: Client, ada: User, ready: Renewal) -> None:
    response = vera.get(url(ready))
    assert "Only an editor of your company can send it." in words(response)
    assert not [text for text in links(response) if text.startswith("Change")]

    response = vera.post(url(ready))
    assert response.status_code == 403
    assert "Ada Ackermann" in words(response)
    assert state_of(ready) == "ready"
