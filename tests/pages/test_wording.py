"""The words, without a page around them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from compliance.models import Bundle, Regulation
from compliance.requirements import Field, Reason
from compliance.stages import Stage, dates_of
from compliance.wording import dates, labels, reasons, reviewers
from compliance.wording.registrations import country, kind_of_number, phone_number, tag
from tests.factories import noon

BERLIN = "Europe/Berlin"


def test_a_moment_names_its_time_zone() -> None:
    at = datetime(2026, 11, 28, 23, tzinfo=UTC)

    assert dates.moment(at, "Europe/London") == "Saturday 28 November 2026, 23:00 (Europe/London)"
    assert dates.moment(at, BERLIN) == "Sunday 29 November 2026, 00:00 (Europe/Berlin)"


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (noon() + timedelta(hours=1), "today"),
        (noon() - timedelta(hours=1), "earlier today"),
        # Half past eleven in the evening is tomorrow in Berlin.
        (noon() + timedelta(hours=11, minutes=30), "tomorrow"),
        (noon() - timedelta(days=1), "yesterday"),
        (noon() + timedelta(days=12), "in 12 days"),
        (noon() - timedelta(days=3), "3 days ago"),
    ],
)
def test_relative_time_counts_days_of_the_customers_calendar(at: datetime, words: str) -> None:
    assert dates.relative(at, BERLIN, now=noon()) == words


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=60), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(days=3), "3 days ago"),
    ],
)
def test_since_is_told_in_the_unit_that_fits(span: timedelta, words: str) -> None:
    assert dates.since(noon() - span, now=noon()) == words


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("VAT Number", "VAT number"),
        ("Business Name", "business name"),
        ("Proof of EU address", "proof of EU address"),
    ],
)
def test_a_label_fits_into_a_sentence(label: str, words: str) -> None:
    assert labels.in_sentence(label) == words


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("country", "DE", "Germany"),
        ("country", "Germany", "Germany"),
        ("date", "2025-02-03", "3 February 2025"),
        ("date", "long ago", "long ago"),
        ("choice", "YES", "Yes"),
        ("choice", "LIMITED_COMPANY", "Limited company"),
        ("choice", "VAT", "VAT"),
        ("phone", "+4930901820", "+49 30 901820"),
        ("address", ["AD1"], "The address already on this registration"),
        (
            "address",
            {"customer_name": "Acme", "street": "Weg 1", "city": "Bonn", "region": "Bonn",
             "postal_code": "53111", "iso_country": "DE"},
            "Acme\nWeg 1\n53111 Bonn\nGermany",
        ),
    ],
)  # fmt: skip
def test_values_are_shown_as_people_read_them(kind: str, value: object, words: str) -> None:
    field = Field(name="x", label="X", kind=kind)  # type: ignore[arg-type]

    assert labels.shown(field, value) == words


def test_a_number_that_is_none_is_shown_as_it_is() -> None:
    assert phone_number("short code 12345") == "short code 12345"


def test_a_new_type_of_number_has_a_name() -> None:
    assert kind_of_number("machine-to-machine") == "machine to machine numbers"


def test_sizes_are_told_in_the_unit_that_fits() -> None:
    assert labels.size(10) == "1 KB"
    assert labels.size(245_000) == "239 KB"
    assert labels.size(5 * 1024**2) == "5 MB"
    assert labels.size(1_300_000) == "1.2 MB"


def test_german_has_its_own_dates_numbers_and_capitals() -> None:
    at = datetime(2026, 11, 28, 23, tzinfo=UTC)

    with translation.override("de"):
        moment = "Sonntag, 29. November 2026, 00:00 Uhr (Europe/Berlin)"
        assert dates.moment(at, BERLIN) == moment
        assert dates.clock(at, BERLIN) == "00:00 Uhr"
        assert dates.value("2025-02-03") == "3. Februar 2025"
        assert dates.relative(noon() + timedelta(days=12), BERLIN, now=noon()) == "in 12 Tagen"
        assert labels.size(1_300_000) == "1,2 MB"
        assert labels.in_sentence("Vorname") == "Vorname"


@pytest.mark.parametrize(
    ("language", "code", "words"),
    [
        ("en", "GB", "the United Kingdom"),
        ("en", "DE", "Germany"),
        ("de", "GB", "das Vereinigte Königreich"),
        ("de", "LB", "den Libanon"),
        ("de", "DE", "Deutschland"),
    ],
)
def test_a_country_fits_into_a_sentence(language: str, code: str, words: str) -> None:
    with translation.override(language):
        assert country(Bundle(regulation=Regulation(iso_country=code))) == words


def test_every_known_number_of_a_reviewer_has_our_words() -> None:
    published = {
        *range(18001, 18025), *range(18036, 18040), *range(18050, 18063), 18099
    }  # fmt: skip

    assert set(reviewers.EXPLANATIONS) == published


def test_an_unknown_number_falls_back_to_the_providers_sentence() -> None:
    (why,) = reasons.of_task([Reason(kind="other", text="The seal is missing.", code=22299)])

    assert (why.sentence, why.quote, why.reference) == ("", "The seal is missing.", "22299")


def test_a_refusal_without_a_word_says_so() -> None:
    (why,) = reasons.of_task([Reason(kind="refused")])

    assert why.sentence.startswith("The reviewer gave no details.")


def test_what_is_merely_missing_needs_no_reason_of_its_own() -> None:
    assert reasons.of_task([Reason(kind="missing", text="There is no extract.")]) == ()


DAY = timedelta(days=1)
INSTANT = timedelta(seconds=1)
# A Tuesday's send-by date is three working days before: the Thursday.
SEND_BY = noon() - 5 * DAY


@pytest.mark.parametrize(
    ("stage", "now", "text", "look"),
    [
        (Stage.FIXING, SEND_BY - INSTANT, "Action needed", "needs"),
        (Stage.FIXING, SEND_BY, "Action needed", "needs"),
        (Stage.FIXING, SEND_BY + INSTANT, "Action needed", "bad"),
        (Stage.FIXING, noon() - INSTANT, "Action needed", "bad"),
        (Stage.FIXING, noon(), "Expired", "bad"),
        (Stage.READY, SEND_BY, "Ready to send", "needs"),
        (Stage.READY, noon() + INSTANT, "Expired", "bad"),
        (Stage.CHANGES, SEND_BY, "Changes needed", "bad"),
        (Stage.CHANGES, noon() + DAY, "Changes needed", "bad"),
        (Stage.REVIEWING, noon() + DAY, "Being checked", "info"),
        (Stage.PREPARING, SEND_BY, "Getting ready", "quiet"),
        (Stage.CHECKING, SEND_BY, "Saved, checking", "quiet"),
        (Stage.FINISHING, noon() + DAY, "Approved - finishing up", "info"),
        (Stage.EXPIRED, noon() + DAY, "Expired", "bad"),
    ],
)
def test_a_tag_on_both_sides_of_every_instant(
    stage: Stage, now: datetime, text: str, look: str
) -> None:
    found = tag(stage, dates_of(noon(), now=now))

    assert (found.text, found.look) == (text, look)


def test_up_to_date_is_plain_text() -> None:
    assert tag(Stage.DONE, None).look == "plain"
