"""A value that must be the same in the details and on a document is set in both places at once."""

from datetime import datetime

import pytest
from django.test import Client

from compliance.models import Answer, Customer, Renewal, User
from tests.factories import (
    ADDRESS_FINE,
    DETAILS_FINE,
    EXTRACT_DIFFERS,
    german_renewal,
    make_answer,
)
from tests.pages.reading import page, problems, values, words

ON_DOCUMENT, IN_DETAILS = "Acme Deutschland GmbH", "Acme GmbH"


@pytest.fixture
def differing(acme: Customer, now: datetime) -> Renewal:
    return german_renewal(acme, now=now, results=(DETAILS_FINE, EXTRACT_DIFFERS, ADDRESS_FINE))


def url(renewal: Renewal) -> str:
    return f"/r/{renewal.reference}/business_name_info/"


def choose(client: Client, renewal: Renewal, use: str, **more: str) -> int:
    sent = values(client.get(url(renewal))) | {"f-business_name-use": use} | more
    return client.post(url(renewal), sent).status_code


def names(renewal: Renewal) -> dict[str, str]:
    return {answer.task: answer.values()["business_name"] for answer in renewal.answers.all()}


def test_both_values_and_a_third_way_are_offered_and_none_is_picked(
    client: Client, differing: Renewal
) -> None:
    response = client.get(url(differing))

    text = words(response)
    assert f"Use “{ON_DOCUMENT}” in both places" in text
    assert f"Use “{IN_DETAILS}” in both places" in text
    assert "Neither: I will type it" in text
    assert page(response).xpath("//input[@name='f-business_name-use'][@checked]") == []
    for radio in page(response).xpath("//input[@type='radio']"):
        assert page(response).xpath(f"//label[@for='{radio.get('id')}']")


def test_the_documents_value_goes_into_the_details_too(client: Client, differing: Renewal) -> None:
    assert choose(client, differing, "document") == 302

    assert names(differing) == {"business_name_info": ON_DOCUMENT, "details": ON_DOCUMENT}
    details = differing.answers.get(task="details")
    assert details.values() == {"business_name": ON_DOCUMENT}
    assert details.changes_sid == differing.items.get(type="business").sid


def test_the_value_of_the_details_leaves_the_details_alone(
    client: Client, differing: Renewal
) -> None:
    assert choose(client, differing, "details") == 302

    assert names(differing) == {"business_name_info": IN_DETAILS}


def test_what_is_typed_goes_to_both_places(client: Client, differing: Renewal) -> None:
    assert choose(client, differing, "typed", **{"f-business_name": "Acme Holding SE"}) == 302

    assert names(differing) == dict.fromkeys(["business_name_info", "details"], "Acme Holding SE")


def test_a_choice_has_to_be_made(client: Client, differing: Renewal) -> None:
    response = client.post(url(differing), values(client.get(url(differing))))

    assert response.status_code == 422
    assert problems(response) == {"#f-business_name-use-0": "Choose which business name is right"}
    assert page(response).get_element_by_id("f-business_name-use-0") is not None
    assert not differing.answers.exists()


def test_the_third_way_needs_something_typed(client: Client, differing: Renewal) -> None:
    sent = values(client.get(url(differing))) | {"f-business_name-use": "typed"}

    response = client.post(url(differing), sent)

    assert list(problems(response)) == ["#f-business_name"]
    assert page(response).get_element_by_id("f-business_name-error") is not None


def test_what_else_was_saved_of_the_details_stays(
    client: Client, differing: Renewal, ada: User, now: datetime
) -> None:
    end_user = differing.items.get(type="business").sid
    make_answer(differing, values={"email": "new@acme.example"}, now=now, changes_sid=end_user)

    choose(client, differing, "document")

    assert differing.answers.get(task="details").values() == {
        "email": "new@acme.example",
        "business_name": ON_DOCUMENT,
    }


def test_details_that_changed_meanwhile_are_not_overwritten(
    client: Client, differing: Renewal, now: datetime
) -> None:
    sent = values(client.get(url(differing))) | {"f-business_name-use": "document"}
    end_user = differing.items.get(type="business").sid
    make_answer(differing, values={"business_name": "Acme AG"}, now=now, changes_sid=end_user)

    response = client.post(url(differing), sent)

    assert response.status_code == 409
    assert "Use “Acme AG” in both places" in words(response)
    assert names(differing) == {"details": "Acme AG"}
    again = client.post(url(differing), values(response))
    assert again.status_code == 302
    assert names(differing)["details"] == ON_DOCUMENT


def test_a_second_click_changes_nothing(client: Client, differing: Renewal) -> None:
    sent = values(client.get(url(differing))) | {"f-business_name-use": "document"}

    assert client.post(url(differing), sent).status_code == 302
    assert client.post(url(differing), sent).status_code == 302

    assert set(Answer.objects.values_list("version", flat=True)) == {1}
