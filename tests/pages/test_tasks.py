"""The page of one task: what it asks and what is saved."""

from datetime import datetime

from django.test import Client

from compliance.models import Answer, Customer, Regulation, Renewal, Upload, User
from tests.factories import (
    ADDRESS_FINE,
    ADDRESS_MISSING,
    ALL_FINE,
    DETAILS_FINE,
    EXTRACT_DIFFERS,
    german_renewal,
    made_for_it,
)
from tests.pages.answering import DETAILS, EXTRACT, ISSUED, pdf, saved, url, whole_person
from tests.pages.reading import field, heading, links, page, problems, values, words

# --- What is asked ----------------------------------------------------------------------------


def test_only_what_fails_is_open_and_the_rest_is_folded_away(
    client: Client, fixing: Renewal
) -> None:
    response = client.get(url(fixing))

    assert heading(response) == "Business details"
    folded = page(response).xpath("//details[not(@open)]//input/@name")
    assert folded == ["f-business_name", "f-first_name", "f-last_name"]
    assert field(response, "f-email").get("autocomplete") == "email"
    assert "The rules now ask for this." in words(response)


def test_every_control_has_a_label_and_its_texts(client: Client, kinds: Renewal) -> None:
    tree = page(client.get(url(kinds)))

    for control in tree.xpath(
        "//main//form//*[@name and not(@type='hidden') and not(self::button)]"
    ):
        assert tree.xpath(f"//label[@for='{control.get('id')}']"), control.get("name")
    for group in tree.xpath("//fieldset"):
        assert group.find("legend") is not None
    for element in tree.xpath("//*[@aria-describedby]"):
        for described in element.get("aria-describedby").split():
            assert tree.xpath(f"//*[@id='{described}']"), described


def test_no_identifier_of_the_provider_is_on_the_page(client: Client, kinds: Renewal) -> None:
    source = client.get(url(kinds)).content.decode()

    for item in kinds.items.all():
        assert item.sid not in source
        assert item.contents()["attributes"]["address_sids"][0] not in source


def test_values_that_differ_are_shown_side_by_side(
    client: Client, acme: Customer, now: datetime
) -> None:
    results = (DETAILS_FINE, EXTRACT_DIFFERS, ADDRESS_FINE)
    renewal = german_renewal(acme, now=now, results=results)

    text = words(client.get(url(renewal, "business_name_info")))

    assert "The business name on the document must be the same as in your details." in text
    assert "On the document Acme Deutschland GmbH" in text
    assert "In your details Acme GmbH" in text


def test_a_missing_document_offers_the_other_ones(client: Client, fixing: Renewal) -> None:
    response = client.get(url(fixing, "business_name_info"))

    assert "Upload your commercial register extract" in words(response)
    assert links(response)["Trade license"] == "?as=trade_license"
    other = client.get(url(fixing, "business_name_info", "?as=trade_license"))
    assert "Upload your trade license" in words(other)
    assert "f-issue_date-d" not in values(other)


def test_an_unknown_choice_of_document_shows_the_proposed_one(
    client: Client, fixing: Renewal
) -> None:
    response = client.get(url(fixing, "business_name_info", "?as=%27%22%3E"))

    assert "Upload your commercial register extract" in words(response)


def test_an_address_is_chosen_or_typed(client: Client, acme: Customer, now: datetime) -> None:
    results = (*ALL_FINE[:2], ADDRESS_MISSING)
    renewal = german_renewal(acme, now=now, results=results)
    made_for_it(renewal, now=now)

    response = client.get(url(renewal, "business_address_info"))

    assert "The address already on this registration" in words(response)
    assert "Choose an address in Germany" in words(response)
    assert field(response, "f-address_sids-street").get("autocomplete") == "address-line1"
    assert 'type="file"' not in response.content.decode()


def test_the_address_of_the_original_is_not_exchanged(
    client: Client, acme: Customer, now: datetime
) -> None:
    results = (*ALL_FINE[:2], ADDRESS_MISSING)
    renewal = german_renewal(acme, now=now, results=results)
    where = url(renewal, "business_address_info")

    response = client.get(where)

    assert "Has the address itself changed? Write to us" in words(response)
    assert not page(response).xpath("//input[@value='new'] | //input[@type='text']")
    parts = {"street": "2 Elsewhere", "city": "Bonn", "postal_code": "53111", "iso_country": "DE"}
    typed = {f"f-address_sids-{name}": value for name, value in parts.items()}
    response = client.post(where, {"version": "0", "f-address_sids-pick": "new", **typed})
    assert problems(response) == {"#f-address_sids-0": "Choose an address"}
    client.post(where, {"version": "0", "f-address_sids-pick": "0"})
    held = renewal.items.get(type="business_address").contents()["attributes"]["address_sids"]
    assert saved(renewal, "business_address_info").values() == {"address_sids": {"sid": held[0]}}


def test_where_the_original_has_none_in_the_country_another_is_entered(
    client: Client, acme: Customer, now: datetime
) -> None:
    renewal = german_renewal(acme, now=now, results=(*ALL_FINE[:2], ADDRESS_MISSING))
    regulation = Regulation.objects.get()
    regulation.requirements["supporting_document"][0][1]["description"] = "A local address."
    regulation.save()
    item = renewal.items.get(type="business_address")
    (held,) = item.contents()["attributes"]["address_sids"]
    parts = {"street": "8 rue des Essais", "city": "Paris", "iso_country": "FR"}
    contents = {"attributes": {"address_sids": [held]}, "addresses": {held: parts}}
    item.sealed = renewal.seal(contents, about=item.sid)
    item.save()

    response = client.get(url(renewal, "business_address_info"))

    assert page(response).xpath("//input[@name='f-address_sids-pick' and @value='new']")


# --- What is saved ----------------------------------------------------------------------------


def test_an_answer_is_saved_and_the_list_comes_back(
    client: Client, ada: User, fixing: Renewal
) -> None:
    response = client.post(url(fixing), {"version": "0", **DETAILS}, follow=True)

    assert response.redirect_chain == [(f"/r/{fixing.reference}/", 302)]
    assert "Saved: Business details" in words(response)
    answer = saved(fixing)
    assert answer.state == Answer.State.WAITING
    assert answer.saved_by == ada
    assert answer.values() == {
        "business_registration_number": "HRB 98765",
        "email": "office@acme.example",
    }


def test_what_was_folded_away_is_saved_when_it_was_changed(client: Client, fixing: Renewal) -> None:
    form = values(client.get(url(fixing)))

    client.post(url(fixing), {**form, **DETAILS, "f-last_name": "Neumann"})

    assert saved(fixing).values() == {
        "business_registration_number": "HRB 98765",
        "email": "office@acme.example",
        "last_name": "Neumann",
    }


def test_every_kind_of_field_is_saved_in_the_providers_form(client: Client, kinds: Renewal) -> None:
    client.post(url(kinds), whole_person())

    values_ = saved(kinds).values()
    address = values_.pop("address_sids")
    assert values_ == {
        "first_name": "Mia",
        "comments": "",
        "email": "mia@example.com",
        "phone_number": "+61255501234",
        "birth_date": "1984-04-12",
        "nationality": "AU",
        "is_subassigned": "NO",
    }
    held = kinds.items.get().contents()["attributes"]["address_sids"]
    assert address == {"sid": held[0]}


def test_a_new_address_is_saved_in_parts(client: Client, kinds: Renewal) -> None:
    typed = {
        "f-address_sids-pick": "new",
        "f-address_sids-customer_name": "Mia Wilson",
        "f-address_sids-street": "15 Specimen Street",
        "f-address_sids-city": "Sydney",
        "f-address_sids-postal_code": "2000",
        "f-address_sids-iso_country": "AU",
    }

    client.post(url(kinds), whole_person(**typed))

    assert saved(kinds).values()["address_sids"] == {
        "customer_name": "Mia Wilson",
        "street": "15 Specimen Street",
        "street_secondary": "",
        "city": "Sydney",
        "region": "Sydney",
        "postal_code": "2000",
        "iso_country": "AU",
    }


def test_a_document_is_saved_with_its_file(client: Client, fixing: Renewal) -> None:
    where = url(fixing, "business_name_info")

    client.post(where, {"version": "0", **EXTRACT, "file": pdf("Handelsregister.pdf")})

    answer = saved(fixing, "business_name_info")
    assert (answer.file_name, answer.file_type) == ("Handelsregister.pdf", "application/pdf")
    assert Upload.objects.get().answer == answer
    assert answer.values() == {"business_name": "Acme GmbH", "issue_date": ISSUED.isoformat()}


def test_another_document_is_saved_as_what_it_is(client: Client, fixing: Renewal) -> None:
    where = url(fixing, "business_name_info", "?as=trade_license")

    client.post(where, {"version": "0", "f-business_name": "Acme GmbH", "file": pdf()})

    assert saved(fixing, "business_name_info").type == "trade_license"


def test_a_file_that_was_kept_is_shown_and_need_not_come_again(
    client: Client, fixing: Renewal, now: datetime
) -> None:
    where = url(fixing, "business_name_info")
    client.post(where, {"version": "0", **EXTRACT, "file": pdf("Handelsregister.pdf")})

    response = client.get(where)
    assert "Handelsregister.pdf 1 KB" in words(response)
    assert "Replace the file" in words(response)
    form = values(response) | {"f-issue_date-d": "4"}
    form.pop("file", None)
    client.post(where, form)

    answer = saved(fixing, "business_name_info")
    assert answer.version == 2
    assert answer.values()["issue_date"] == ISSUED.replace(day=4).isoformat()
    assert answer.file_name == "Handelsregister.pdf"
    assert Upload.objects.filter(answer=answer).exists()


def test_the_kept_file_of_another_document_does_not_count(client: Client, fixing: Renewal) -> None:
    client.post(url(fixing, "business_name_info"), {"version": "0", **EXTRACT, "file": pdf()})

    where = url(fixing, "business_name_info", "?as=trade_license")
    response = client.post(where, {"version": "1", "f-business_name": "Acme GmbH"})

    assert problems(response) == {"#file": "Select your trade license"}


def test_what_was_saved_before_is_shown_again(
    client: Client, fixing: Renewal, now: datetime
) -> None:
    client.post(url(fixing), {"version": "0", **DETAILS})

    form = values(client.get(url(fixing)))

    assert form["f-email"] == "office@acme.example"
    assert form["version"] == "1"


def test_the_same_page_sent_twice_is_one_answer(client: Client, fixing: Renewal) -> None:
    where = url(fixing, "business_name_info")
    for _click in range(2):
        response = client.post(where, {"version": "0", **EXTRACT, "file": pdf()})

    assert response.status_code == 302
    assert saved(fixing, "business_name_info").version == 1


def test_what_is_fine_can_be_changed_on_purpose(
    client: Client, acme: Customer, now: datetime
) -> None:
    renewal = german_renewal(acme, now=now, state="ready", results=ALL_FINE)
    where = url(renewal, "details", "?change=1")

    form = values(client.get(where))
    assert form["f-business_name"] == "Acme GmbH"
    client.post(where, {**form, "f-last_name": "Neumann"})

    assert saved(renewal).values()["last_name"] == "Neumann"
