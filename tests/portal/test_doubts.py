"""What the dates of a document say before it is sent."""

from datetime import date

import pytest

from portal.wording.doubts import about_dates

TODAY = date(2026, 11, 21)
RECENT = "An extract that is not older than three months and names the company"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"expiration_date": "2026-11-20"}, "expired on 20 November 2026"),
        ({"expiration_date": "2026-11-21"}, ""),
        ({"issue_date": "2026-08-20"}, "older than 3 months"),
        ({"issue_date": "2026-08-21"}, ""),
        ({"issue_date": "2026-11-20"}, ""),
        ({"issue_date": "some day", "expiration_date": ""}, ""),
        ({}, ""),
    ],
)
def test_a_date_is_judged_by_the_day(values: dict[str, str], words: str) -> None:
    found = about_dates(values, demands=[RECENT], today=TODAY)

    assert len(found) == bool(words)
    assert words in "".join(found)


@pytest.mark.parametrize(
    ("demand", "months"),
    [
        ("Not older than six months", 6),
        ("Issued in the last 3 months", 3),
        ("issued within the last 12 months", 12),
        ("Must be within 1 month", 1),
    ],
)
def test_the_age_is_read_out_of_prose(demand: str, months: int) -> None:
    found = about_dates({"issue_date": "2020-01-01"}, demands=[demand], today=TODAY)

    assert f"older than {months} month{'s' if months > 1 else ''}," in found[0]


def test_without_a_demand_no_age_is_too_old() -> None:
    demands = ["Names the company", "Valid for 24 hours"]

    assert about_dates({"issue_date": "1990-01-01"}, demands=demands, today=TODAY) == []
