"""What was answered once is offered wherever the same company is asked for the same."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from compliance.answers import checklist_of
from compliance.models import Answer, Customer, Event, Membership, Renewal, User
from tests.factories import (
    ADDRESS_FINE,
    ALL_FINE,
    COMPANY,
    DETAILS_FINE,
    EXTRACT_DIFFERS,
    EXTRACT_FINE,
    EXTRACT_MISSING,
    failing,
    german_renewal,
    make_account,
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
    chosen = [f"{other.reference}/details" for other in others]
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
    assert "E-mail: ada@acme.example" in words(response)
    (tick,) = page(response).xpath("//input[@name='in']")
    assert tick.get("value") == f"{other.reference}/details"
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
    assert offered(client, answered) == [f"{left_out.reference}/details"]


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
    assert vera.post(where, {"in": f"{other.reference}/details"}).status_code == 403
    assert bob.post(where, {"in": f"{other.reference}/details"}).status_code == 404
    assert not other.answers.exists()


def test_it_takes_a_form_to_use_it(client: Client, answered: Renewal) -> None:
    assert client.get(f"/r/{answered.reference}/use-elsewhere/").status_code == 405


# --- Documents --------------------------------------------------------------------------------


@pytest.fixture
def sent(acme: Customer, ada: User, now: datetime) -> Answer:
    """The extract was sent for a registration that is being checked now."""
    lender = german_renewal(acme, now=now, state="in_review", results=ALL_FINE)
    extract = lender.items.get(type="commercial_registrar_excerpt")
    answer = make_answer(
        lender,
        "business_name_info",
        now=now,
        type_=extract.type,
        state=Answer.State.DELIVERED,
        by=ada,
        item_sid=extract.sid,
        file_sha256="a" * 64,
    )
    answer.file_name = "register.pdf"
    answer.save()
    answer.refresh_from_db()
    return answer


def asking(customer: Customer, *, now: datetime, **changes: str) -> Renewal:
    """Has everything but the extract."""
    results = (DETAILS_FINE, EXTRACT_MISSING, ADDRESS_FINE)
    renewal = german_renewal(customer, now=now, results=results)
    if changes:
        renewal.items.filter(type="business").delete()
        make_item(renewal, "business", {**COMPANY, **changes})
    return renewal


def task_url(renewal: Renewal) -> str:
    return f"/r/{renewal.reference}/business_name_info/"


def ready_to_use(client: Client, renewal: Renewal) -> list[str]:
    found: list[str] = page(client.get(task_url(renewal))).xpath("//button[@name='reuse']/@value")
    return found


def test_a_document_that_was_sent_is_offered_where_one_is_asked_for(
    client: Client, sent: Answer, acme: Customer, ada: User, now: datetime
) -> None:
    other = asking(acme, now=now)
    (key,) = ready_to_use(client, other)
    text = words(client.get(task_url(other)))
    assert "You have sent one already" in text
    assert f"for Germany - local numbers ({sent.renewal.reference})" in text

    response = client.post(task_url(other), {"reuse": key, "version": "0"}, follow=True)

    assert "Saved: Proof of the business name" in words(response)
    saved = other.answers.get()
    assert (saved.reuses, saved.item_sid, saved.file_name) == (sent, sent.item_sid, "register.pdf")
    assert (saved.saved_by, saved.state) == (ada, Answer.State.WAITING)
    event = Event.objects.get(renewal=other, kind="answer-saved")
    assert event.details["used_from"] == sent.renewal.reference
    assert event.details["file"] == "a" * 64

    again = client.post(task_url(other), {"reuse": key, "version": "0"}, follow=True)
    assert "Saved: Proof of the business name" in words(again)
    assert other.answers.get().version == 1


def test_it_is_offered_from_where_it_was_sent_too(
    client: Client, sent: Answer, acme: Customer, now: datetime
) -> None:
    other = asking(acme, now=now)

    assert offered(client, sent.renewal) == [f"{other.reference}/business_name_info"]
    assert "Proof of the business name: register.pdf" in words(
        client.get(f"/r/{sent.renewal.reference}/")
    )


@pytest.mark.parametrize(
    "spoilt",
    [
        {"state": Answer.State.WAITING},
        {"changes_sid": "RD" + 32 * "1"},
        {"file_sha256": ""},
    ],
)
def test_only_papers_that_twilio_holds_are_offered(
    client: Client, sent: Answer, acme: Customer, now: datetime, spoilt: Mapping[str, Any]
) -> None:
    other = asking(acme, now=now)
    Answer.objects.filter(pk=sent.pk).update(**spoilt)

    assert ready_to_use(client, other) == []
    assert offered(client, sent.renewal) == []


@pytest.mark.parametrize(
    "changes", [{"business_name": "Acme Holding"}, {"business_registration_number": "HRB 9"}]
)
def test_nobody_elses_papers_are_offered(
    client: Client, sent: Answer, acme: Customer, now: datetime, changes: Mapping[str, str]
) -> None:
    assert ready_to_use(client, asking(acme, now=now, **changes)) == []


def test_papers_stay_with_their_customer_and_their_account(
    client: Client, sent: Answer, acme: Customer, ada: User, now: datetime
) -> None:
    elsewhere = make_customer("Acme GmbH")
    Membership.objects.create(user=ada, customer=elsewhere)
    foreign = asking(elsewhere, now=now)
    assert ready_to_use(client, foreign) == []
    other = asking(acme, now=now)
    (key,) = ready_to_use(client, other)

    response = client.post(task_url(foreign), {"reuse": key, "version": "0"}, follow=True)
    assert "can't be used here any more" in words(response)
    assert not foreign.answers.exists()

    other.bundle.account = make_account()
    other.bundle.save()
    assert ready_to_use(client, other) == []


def test_a_colleagues_answer_is_not_replaced_by_it(
    client: Client, sent: Answer, acme: Customer, now: datetime
) -> None:
    other = asking(acme, now=now)
    (key,) = ready_to_use(client, other)
    make_answer(other, "business_name_info", now=now, type_="trade_license", file="theirs.pdf")

    response = client.post(task_url(other), {"reuse": key, "version": "0"}, follow=True)

    assert "Somebody has answered that meanwhile" in words(response)
    assert other.answers.get().file_name == "theirs.pdf"


def test_a_viewer_can_not_use_it(
    vera: Client, client: Client, sent: Answer, acme: Customer, now: datetime
) -> None:
    other = asking(acme, now=now)
    (key,) = ready_to_use(client, other)

    assert ready_to_use(vera, other) == []
    assert vera.post(task_url(other), {"reuse": key, "version": "0"}).status_code == 403


def test_a_document_that_two_hold_is_replaced_and_not_corrected(
    client: Client, sent: Answer, acme: Customer, now: datetime
) -> None:
    lender = sent.renewal
    Renewal.objects.filter(pk=lender.pk).update(
        state="needs_info", evaluation={"results": [DETAILS_FINE, EXTRACT_DIFFERS, ADDRESS_FINE]}
    )
    lender.refresh_from_db()
    corrects = [bool(o.changes_sid) for t in checklist_of(lender).tasks for o in t.options]
    assert any(corrects)

    other = asking(acme, now=now)
    (key,) = ready_to_use(client, other)
    client.post(task_url(other), {"reuse": key, "version": "0"})
    assert other.answers.get().reuses == sent

    options = [option for task in checklist_of(lender).tasks for option in task.options]
    assert options
    assert not any(option.changes_sid for option in options)
