"""The page of one task: what it asks, what it says about bad input, and that nothing is lost."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from compliance.models import Answer, Customer, Regulation, Renewal, Upload, User
from tests.factories import (
    ADDRESS_FINE,
    ADDRESS_MISSING,
    ALL_FINE,
    DETAILS_FINE,
    EVERY_KIND,
    EXTRACT_DIFFERS,
    failing,
    german_renewal,
    made_for_it,
    make_answer,
    make_bundle,
    make_item,
    make_regulation,
    make_renewal,
    make_user,
    result,
    sid,
)
from tests.pages.reading import field, heading, links, page, problems, title, values, words
from tests.portal import specimens

DETAILS = {"f-business_registration_number": "HRB 98765", "f-email": "office@acme.example"}
# Day 3 of last month: never to come, and never too old.
ISSUED = (datetime.now(UTC).replace(day=1) - timedelta(days=1)).date().replace(day=3)
EXTRACT = {
    "f-business_name": "Acme GmbH",
    "f-issue_date-d": "3",
    "f-issue_date-m": str(ISSUED.month),
    "f-issue_date-y": str(ISSUED.year),
}


@pytest.fixture
def fixing(acme: Customer, now: datetime) -> Renewal:
    return german_renewal(acme, now=now)


@pytest.fixture
def kinds(acme: Customer, now: datetime) -> Renewal:
    """Asks for a whole person, with a field of every kind."""
    regulation = make_regulation(EVERY_KIND, country="AU", end_user_type="individual")
    bundle = make_bundle(acme, now=now, days=20, regulation=regulation)
    names = EVERY_KIND["end_user"][0]["fields"]
    everything = result(
        "individual_info",
        "individual",
        "Your details",
        code=22214,
        invalid=[failing(name, name) for name in names],
    )
    renewal = make_renewal(bundle, now=now, results=[everything])
    make_item(renewal, "business_address", {"address_sids": [sid("AD")]})
    made_for_it(renewal, now=now)
    return renewal


def whole_person(**changes: str) -> dict[str, str]:
    return {
        "version": "0",
        "f-first_name": "Mia",
        "f-comments": "",
        "f-email": "mia@example.com",
        "f-phone_number": "02 5550 1234",
        "f-birth_date-d": "12",
        "f-birth_date-m": "4",
        "f-birth_date-y": "1984",
        "f-nationality": "AU",
        "f-is_subassigned": "NO",
        "f-address_sids-pick": "0",
    } | changes


def url(renewal: Renewal, task: str = "details", query: str = "") -> str:
    return f"/r/{renewal.reference}/{task}/{query}"


def pdf(name: str = "extract.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, specimens.pdf(), content_type="application/pdf")


def saved(renewal: Renewal, task: str = "details") -> Answer:
    return renewal.answers.get(task=task)


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


# --- What is refused, in words ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "where", "sentence"),
    [
        ({"f-first_name": ""}, "#f-first_name", "Enter your first name"),
        ({"f-first_name": "   "}, "#f-first_name", "Enter your first name"),
        (
            {"f-first_name": "Mi\x07a"},
            "#f-first_name",
            "The first name contains a character that cannot be printed. "
            "Type it again instead of pasting it.",
        ),
        (
            {"f-first_name": "Mia\u202eliame"},
            "#f-first_name",
            "The first name contains a character that cannot be printed. "
            "Type it again instead of pasting it.",
        ),
        (
            {"f-first_name": "x" * 10_000},
            "#f-first_name",
            "The first name must be 250 characters or fewer. It has 10000.",
        ),
        (
            {"f-comments": "x" * 10_000},
            "#f-comments",
            "The comments must be 2000 characters or fewer. It has 10000.",
        ),
        (
            {"f-email": "mia at example"},
            "#f-email",
            "Enter an e-mail address in the correct format, like name@example.com",
        ),
        ({"f-phone_number": "12"}, "#f-phone_number", "Enter a phone number, like +61 2 1234 5678"),
        (
            {"f-phone_number": "MIA"},
            "#f-phone_number",
            "Enter a phone number, like +61 2 1234 5678",
        ),
        ({"f-birth_date-m": ""}, "#f-birth_date-d", "The date of birth must include a month"),
        (
            {"f-birth_date-d": "31", "f-birth_date-m": "2"},
            "#f-birth_date-d",
            "The date of birth must be a real date, like 27 3 2024",
        ),
        (
            {"f-birth_date-y": "84"},
            "#f-birth_date-d",
            "The year of the date of birth must have 4 numbers, like 2024",
        ),
        (
            {"f-birth_date-y": "9" * 30},
            "#f-birth_date-d",
            "The date of birth must be a real date, like 27 3 2024",
        ),
        ({"f-nationality": "XX"}, "#f-nationality", "Select a country for “Nationality”"),
        (
            {"f-is_subassigned": "MAYBE"},
            "#f-is_subassigned-0",
            "Choose an answer to “Do you give the numbers on to other companies?”",
        ),
        ({"f-address_sids-pick": ""}, "#f-address_sids-0", "Choose an address"),
        ({"f-address_sids-pick": "7"}, "#f-address_sids-0", "Choose an address"),
        ({"f-address_sids-pick": "-1"}, "#f-address_sids-0", "Choose an address"),
        ({"f-address_sids-pick": "²"}, "#f-address_sids-0", "Choose an address"),
    ],
)
def test_bad_input_gets_a_sentence_and_nothing_typed_is_lost(
    changes: Mapping[str, str], where: str, sentence: str, client: Client, kinds: Renewal
) -> None:
    typed = whole_person(**changes)
    response = client.post(url(kinds), typed)

    assert response.status_code == 422
    assert problems(response) == {where: sentence}
    assert title(response).startswith("Error: ")
    tree = page(response)
    assert tree.xpath(f"//*[@id='{where[1:]}']")
    assert sentence in " ".join(tree.xpath("//p[@class='error-message']")[0].text_content().split())
    untouched = {name: value for name, value in typed.items() if name not in changes}
    assert untouched.items() <= values(response).items()
    assert not kinds.answers.filter(task="details").exists()


def test_the_parts_of_an_address_are_each_asked_for(client: Client, kinds: Renewal) -> None:
    typed = whole_person(**{"f-address_sids-pick": "new", "f-address_sids-iso_country": "ZZ"})
    response = client.post(url(kinds), typed)

    assert problems(response) == {
        "#f-address_sids-customer_name": "Enter the name of the person or business at this address",
        "#f-address_sids-street": "Enter the street and house number",
        "#f-address_sids-city": "Enter the town or city",
        "#f-address_sids-postal_code": "Enter the postal code",
        "#f-address_sids-iso_country": "Select the country of the address",
    }


def test_a_form_of_nothing_gets_every_sentence(client: Client, kinds: Renewal) -> None:
    response = client.post(url(kinds), {})

    assert list(problems(response)) == [
        "#f-first_name",
        "#f-email",
        "#f-phone_number",
        "#f-birth_date-d",
        "#f-nationality",
        "#f-is_subassigned-0",
        "#f-address_sids-0",
    ]


def test_a_version_that_is_no_number_does_no_harm(client: Client, fixing: Renewal) -> None:
    response = client.post(url(fixing), {"version": "'; drop", **DETAILS})

    assert response.status_code == 422
    assert not fixing.answers.exists()


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (b"", "empty.pdf", "The selected file is empty."),
        (b"MZ\x90\x00" * 100, "extract.pdf", "The selected file must be a PDF, JPG or PNG."),
        (b"%PDF-1.7\nnothing", "extract.pdf", "The selected file is damaged"),
    ],
)
def test_a_file_that_cannot_be_taken_gets_a_sentence_and_keeps_what_was_typed(
    data: bytes, name: str, sentence: str, client: Client, fixing: Renewal
) -> None:
    upload = SimpleUploadedFile(name, data, content_type="application/pdf")
    response = client.post(
        url(fixing, "business_name_info"), {"version": "0", **EXTRACT, "file": upload}
    )

    assert response.status_code == 422
    assert problems(response)["#file"].startswith(sentence)
    assert EXTRACT.items() <= values(response).items()
    assert not fixing.answers.exists()


def test_a_file_over_the_limit_gets_a_sentence_and_keeps_what_was_typed(
    client: Client, fixing: Renewal, settings: LazySettings
) -> None:
    settings.MAX_UPLOAD_BYTES = 200_000
    upload = SimpleUploadedFile("big.pdf", b"%PDF-1.7" + b"0" * 300_000)
    response = client.post(
        url(fixing, "business_name_info"), {"version": "0", **EXTRACT, "file": upload}
    )

    assert response.status_code == 422
    assert problems(response) == {"#file": "The selected file must be smaller than 0.2 MB."}
    assert EXTRACT.items() <= values(response).items()


def test_a_bad_file_leaves_the_kept_one_alone(client: Client, fixing: Renewal) -> None:
    where = url(fixing, "business_name_info")
    client.post(where, {"version": "0", **EXTRACT, "file": pdf("good.pdf")})

    bad = SimpleUploadedFile("bad.pdf", b"MZ" * 100)
    client.post(where, {"version": "1", **EXTRACT, "file": bad})

    assert saved(fixing, "business_name_info").file_name == "good.pdf"


def test_a_document_without_a_file_is_asked_for_by_name(client: Client, fixing: Renewal) -> None:
    response = client.post(url(fixing, "business_name_info"), {"version": "0", **EXTRACT})

    assert problems(response) == {"#file": "Select your commercial register extract"}


def test_what_has_passed_is_not_judged_again(client: Client, acme: Customer, now: datetime) -> None:
    regulation = make_regulation(EVERY_KIND, country="AU", end_user_type="individual")
    bundle = make_bundle(acme, now=now, days=20, regulation=regulation)
    only_email = result(
        "individual_info",
        "individual",
        "Your details",
        code=22215,
        invalid=[failing("email", "Email")],
    )
    renewal = make_renewal(bundle, now=now, results=[only_email])
    odd = {"phone_number": "call Mia", "birth_date": "long ago", "nationality": "Australian"}
    make_item(renewal, "individual", odd)

    form = values(client.get(url(renewal)))
    response = client.post(url(renewal), {**form, "f-email": "mia@example.com"})

    assert response.status_code == 302
    assert saved(renewal).values() == {"email": "mia@example.com"}


# --- Two people, two tabs, a stale page -------------------------------------------------------


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
