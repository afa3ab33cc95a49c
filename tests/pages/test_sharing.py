"""What was answered once is offered wherever the same company is asked for the same."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from compliance.models import Answer, Customer, Event, Membership, Renewal, User
from tests.factories import (
    ADDRESS_FINE,
    ALL_FINE,
    COMPANY,
    EXTRACT_FINE,
    failing,
    german_renewal,
    make_answer,
    make_bundle,
    make_customer,
    make_event,
    make_item,
    make_regulation,
    make_renewal,
    result,
)
from tests.pages.reading import page, words

EMAIL_OPEN = result(
    "business_info",
    "business",
    "Business details",
    code=22215,
    invalid=[failing("email", "Email")],
)


@pytest.fixture
def answered(acme: Customer, ada: User, now: datetime) -> Renewal:
    """The registration number and the e-mail have been given here, and have been taken."""
    renewal = german_renewal(acme, now=now, state="ready", results=ALL_FINE)
    given(renewal, ada, now=now)
    return renewal


def given(renewal: Renewal, by: User, *, now: datetime) -> None:
    make_answer(renewal, now=now, state=Answer.State.DELIVERED, by=by)
    fields = ["business_registration_number", "email"]
    make_event(renewal, "answer-saved", at=now, by=by, task="details", fields=fields)


def other_of(
    customer: Customer,
    *,
    now: datetime,
    state: str = Renewal.State.NEEDS_INFO,
    **changes: str,
) -> Renewal:
    """Asks for the same company's e-mail."""
    regulation = make_regulation(country="FR")
    bundle = make_bundle(customer, now=now, days=20, regulation=regulation)
    results = (EMAIL_OPEN, EXTRACT_FINE, ADDRESS_FINE)
    renewal = make_renewal(bundle, now=now, state=state, results=results)
    make_item(renewal, "business", {**COMPANY, "email": "", **changes})
    return renewal


def offered(client: Client, renewal: Renewal) -> list[str]:
    response = client.get(f"/r/{renewal.reference}/")
    found: list[str] = page(response).xpath("//input[@name='in']/@value")
    return found


def use(client: Client, renewal: Renewal, *others: Renewal) -> str:
    where = f"/r/{renewal.reference}/use-elsewhere/"
    chosen = [other.reference for other in others]
    response = client.post(where, {"in": chosen}, follow=True)
    assert response.status_code == 200
    return words(response)


def test_the_same_companys_answer_is_offered_with_what_it_says(
    client: Client, answered: Renewal, acme: Customer, now: datetime
) -> None:
    other = other_of(acme, now=now)

    response = client.get(f"/r/{answered.reference}/")

    assert "Use it there too" in words(response)
    assert "France - local numbers" in words(response)
    assert "Email: ada@acme.example" in words(response)
    (tick,) = page(response).xpath("//input[@name='in']")
    assert tick.get("value") == other.reference
    assert tick.get("checked") is None
    assert page(response).xpath(f"//label[@for='{tick.get('id')}']")


def test_a_tick_saves_it_there_and_says_where_it_comes_from(
    client: Client, answered: Renewal, acme: Customer, ada: User, now: datetime
) -> None:
    other, left_out = other_of(acme, now=now), other_of(acme, now=now)

    text = use(client, answered, other)

    assert f"Used there, too: France - local numbers ({other.reference})" in text
    saved = other.answers.get()
    assert saved.values() == {"email": "ada@acme.example"}
    assert saved.changes_sid == other.items.get(type="business").sid
    event = Event.objects.get(renewal=other, kind="answer-saved")
    assert event.by == ada
    assert event.details["used_from"] == answered.reference
    timeline = words(client.get(f"/r/{other.reference}/"))
    assert f"You used your answer from {answered.reference} here" in timeline
    assert not left_out.answers.exists()
    assert offered(client, answered) == [left_out.reference]


@pytest.mark.parametrize(
    "changes",
    [
        {"business_name": "Acme Holding"},
        {"first_name": "Bea"},
        {"business_registration_number": "HRB 9"},
        {"business_name": "", "first_name": ""},
    ],
)
def test_another_company_or_person_is_not_offered(
    client: Client,
    answered: Renewal,
    acme: Customer,
    now: datetime,
    changes: Mapping[str, Any],
) -> None:
    other_of(acme, now=now, **changes)

    assert offered(client, answered) == []


def test_the_same_name_in_other_letters_is_the_same(
    client: Client, answered: Renewal, acme: Customer, now: datetime
) -> None:
    other_of(acme, now=now, business_name="ACME  GmbH")

    assert len(offered(client, answered)) == 1


def test_nothing_crosses_from_one_customer_to_another(
    client: Client, answered: Renewal, ada: User, now: datetime
) -> None:
    elsewhere = make_customer("Acme GmbH")
    Membership.objects.create(user=ada, customer=elsewhere)
    foreign = other_of(elsewhere, now=now)

    assert offered(client, answered) == []
    assert "It is not asked for there any more." in use(client, answered, foreign)
    assert not foreign.answers.exists()


@pytest.mark.parametrize("state", ["copied", "submitted", "in_review"])
def test_what_is_not_in_the_customers_hands_is_left_alone(
    client: Client, answered: Renewal, acme: Customer, now: datetime, state: str
) -> None:
    other = other_of(acme, now=now, state=state)

    assert offered(client, answered) == []
    use(client, answered, other)
    assert not other.answers.exists()


def test_what_is_on_its_way_there_is_not_overwritten(
    client: Client, answered: Renewal, acme: Customer, now: datetime
) -> None:
    other = other_of(acme, now=now)
    make_answer(other, values={"email": "new@acme.example"}, now=now)

    use(client, answered, other)

    assert other.answers.get().values() == {"email": "new@acme.example"}


def test_an_answer_that_has_not_been_taken_is_not_spread(
    client: Client, answered: Renewal, acme: Customer, now: datetime
) -> None:
    other_of(acme, now=now)
    answered.answers.update(state=Answer.State.WAITING)
    assert offered(client, answered) == []

    answered.answers.update(state=Answer.State.DELIVERED)
    Renewal.objects.filter(pk=answered.pk).update(
        state="needs_info", evaluation={"results": [EMAIL_OPEN]}
    )
    assert offered(client, answered) == []


def test_nothing_ticked_changes_nothing(
    client: Client, answered: Renewal, acme: Customer, now: datetime
) -> None:
    other = other_of(acme, now=now)

    assert "Nothing was ticked" in use(client, answered)
    assert not other.answers.exists()


def test_only_editors_of_the_company_are_asked(
    vera: Client,
    bob: Client,
    answered: Renewal,
    acme: Customer,
    now: datetime,
) -> None:
    other = other_of(acme, now=now)
    where = f"/r/{answered.reference}/use-elsewhere/"

    assert offered(vera, answered) == []
    assert vera.post(where, {"in": other.reference}).status_code == 403
    assert bob.post(where, {"in": other.reference}).status_code == 404
    assert not other.answers.exists()


def test_it_takes_a_form_to_use_it(client: Client, answered: Renewal) -> None:
    assert client.get(f"/r/{answered.reference}/use-elsewhere/").status_code == 405
