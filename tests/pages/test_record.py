"""The record of what was sent: a PDF with its words, and without a byte of any document."""

from datetime import datetime
from io import BytesIO

import pikepdf
import pytest
from django.test import Client
from pypdf import PdfReader

from compliance.models import Customer, Renewal, User
from tests.factories import ALL_FINE, german_renewal, make_event
from tests.pages.reading import links, words

HASH = "ab" * 32


@pytest.fixture
def sent(acme: Customer, ada: User, now: datetime) -> Renewal:
    renewal = german_renewal(acme, now=now, state="in_review", results=ALL_FINE, submitted_at=now)
    saved = {"task": "business_name_info", "fields": ["issue_date"], "file": HASH}
    make_event(
        renewal, "answer-saved", at=now, by=ada, type="commercial_registrar_excerpt", **saved
    )
    make_event(renewal, "sent", at=now, by=ada)
    return renewal


def url(renewal: Renewal) -> str:
    return f"/r/{renewal.reference}/record/"


def text(data: bytes) -> str:
    """Every character that is drawn; spaces left out."""
    return "".join("".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages).split())


def test_it_says_what_was_sent_by_whom_and_when(client: Client, sent: Renewal) -> None:
    response = client.get(url(sent))

    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'attachment; filename="{sent.reference}.pdf"'
    assert "no-store" in response["Cache-Control"]
    found = text(response.content)
    for expected in (
        sent.reference,
        "Acme GmbH",
        "Germany - local numbers",
        "+49 30 901820",
        "HRB 1234",
        "Business registration number",
        "3 February 2025",
        "Commercial register extract - Ada Ackermann",
        HASH,
        "Ada Ackermann sent your update for checking",
    ):
        assert expected.replace(" ", "") in found, expected


def test_after_the_end_it_says_what_when_and_with_which_file_but_no_value(
    client: Client, sent: Renewal, now: datetime
) -> None:
    Renewal.objects.filter(pk=sent.pk).update(
        state="completed", ended_at=now, key=None, evaluation=None
    )
    sent.items.update(sealed=b"")

    found = text(client.get(url(sent)).content)

    assert "HRB1234" not in found
    assert "erasedherewhentheupdateended" in found
    assert "dateofissue" in found
    assert HASH in found


def test_after_a_rejection_values_that_may_differ_are_left_out(
    client: Client, sent: Renewal
) -> None:
    Renewal.objects.filter(pk=sent.pk).update(state="rejected")

    found = text(client.get(url(sent)).content)

    assert "HRB1234" not in found
    assert "maydifferfromthosethatweresent" in found


@pytest.mark.parametrize(
    "name", ["Żółć Ελλάδα Їжак Straße Ő", "株式会社アクメ", "北京有限公司", "서울 주식회사"]
)
def test_names_are_drawn_in_their_own_script(
    client: Client, sent: Renewal, acme: Customer, name: str
) -> None:
    Customer.objects.filter(pk=acme.pk).update(name=name)

    assert name.replace(" ", "") in text(client.get(url(sent)).content)


def test_a_script_that_the_fonts_lack_breaks_nothing(
    client: Client, sent: Renewal, acme: Customer
) -> None:
    Customer.objects.filter(pk=acme.pk).update(name="ๆๆ \U0001f600")

    assert client.get(url(sent)).content.startswith(b"%PDF")


def test_a_long_story_goes_on_over_several_pages(
    client: Client, sent: Renewal, ada: User, now: datetime
) -> None:
    for _number in range(120):
        make_event(sent, "answer-saved", at=now, by=ada, type="business", fields=["email"])

    with pikepdf.open(BytesIO(client.get(url(sent)).content)) as pdf:
        assert len(pdf.pages) > 3


def test_both_pages_lead_to_it(client: Client, sent: Renewal) -> None:
    for page in ("", "sent/"):
        found = links(client.get(f"/r/{sent.reference}/{page}"))
        assert found["Save a record (PDF)"] == url(sent)


def test_before_anything_was_sent_there_is_none(
    client: Client, acme: Customer, now: datetime
) -> None:
    renewal = german_renewal(acme, now=now)

    assert "Save a record (PDF)" not in links(client.get(f"/r/{renewal.reference}/"))
    assert "Nothing has been sent yet." in words(client.get(url(renewal), follow=True))


def test_it_is_the_companys_own(bob: Client, vera: Client, sent: Renewal) -> None:
    assert bob.get(url(sent)).status_code == 404
    assert vera.get(url(sent)).status_code == 200
