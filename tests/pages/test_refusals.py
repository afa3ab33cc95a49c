"""What the page of a task can't take: it says what to do, and nothing typed is lost."""

from collections.abc import Mapping
from datetime import datetime

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from compliance.models import Customer, Renewal
from tests.factories import (
    EVERY_KIND,
    failing,
    make_bundle,
    make_item,
    make_regulation,
    make_renewal,
    result,
)
from tests.pages.answering import DETAILS, EXTRACT, pdf, saved, url, whole_person
from tests.pages.reading import page, problems, title, values, words


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
        (
            {"f-birth_date-y": "1850"},
            "#f-birth_date-d",
            "The date of birth must be that of a living person, like 27 3 1984",
        ),
        (
            {"f-birth_date-y": "2150"},
            "#f-birth_date-d",
            "The date of birth must be that of a living person, like 27 3 1984",
        ),
        (
            {"f-first_name": "Mia 😀"},
            "#f-first_name",
            "The first name contains a picture (😀). Use letters, numbers and punctuation only.",
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


def test_what_is_asked_otherwise_by_now_is_not_saved_as_something_else(
    client: Client, fixing: Renewal
) -> None:
    where = url(fixing, "business_name_info")
    typed = {"version": "0", "as": "shareholders_list", **EXTRACT, "file": pdf()}

    response = client.post(where, typed, follow=True)

    assert response.redirect_chain == [(where, 302)]
    assert "What is asked for here has changed" in words(response)
    assert values(response)["f-business_name"] == EXTRACT["f-business_name"]
    assert not fixing.answers.exists()


def test_the_page_posts_what_it_asked_for(client: Client, fixing: Renewal) -> None:
    where = url(fixing, "business_name_info", "?as=trade_license")
    form = values(client.get(where))
    assert form["as"] == "trade_license"

    client.post(url(fixing, "business_name_info"), {**form, "file": pdf()})

    assert saved(fixing, "business_name_info").type == "trade_license"
