"""The automatic reviewer: what it accepts and what it turns down."""

import io
from datetime import date
from typing import Any

import pikepdf
import pytest
from PIL import Image

from compliance.sandbox import Sandbox, papers, seed
from compliance.sandbox.clock import Clock
from compliance.sandbox.records import Document
from compliance.sandbox.reviewer import examine
from tests.sandbox.client import control, upload

PASSES = seed.BUNDLES["acme-de-passes"]


def picture(size: tuple[int, int], *, blank: bool = False) -> bytes:
    image = Image.new("RGB", size, "white") if blank else Image.effect_noise(size, 90)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def pdf(*, password: str = "", blank: bool = False, contents: bytes | None = b"(Acme) Tj") -> bytes:
    buffer = io.BytesIO()
    with pikepdf.open(io.BytesIO(papers.pdf("Acme"))) as document:
        page = document.pages[0]
        if contents is None:
            del page.Contents
        else:
            page.Contents = document.make_stream(b"q Q" if blank else contents)
        options = {"encryption": pikepdf.Encryption(owner="o", user=password)} if password else {}
        document.save(buffer, **options)
    return buffer.getvalue()


def looked_at(content: bytes | None, kind: str = "passport", **attributes: Any) -> int | None:
    now = Clock().now()
    document = Document("RD", "AC", "A", kind, attributes, now, now)
    fault = examine(document, content, date(2026, 11, 21))
    return fault[0] if fault else None


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (papers.pdf("Acme"), None),
        (papers.png("Ada"), None),
        (picture((400, 300)), None),
        (None, 18002),
        (b"", 18002),
        (pdf(blank=True), 18002),
        (pdf(password="secret"), 18002),
        (picture((400, 300), blank=True), 18002),
        (picture((150, 400)), 18002),
        (papers.pdf("Acme")[:100], 18024),
        (papers.png("Ada")[:200], 18024),
        (b"MZ this is a program", 18024),
        (b"junk first " + papers.pdf("Acme"), None),
        (pdf(contents=b"BT (half a str"), 18002),
        (pdf(contents=None), 18002),
        (picture((9000, 9000), blank=True), 18024),
    ],
)
def test_a_file_is_judged_by_what_can_be_read(content: bytes | None, code: int | None) -> None:
    assert looked_at(content) == code


def test_a_scan_in_a_pdf_is_something_to_read() -> None:
    buffer = io.BytesIO()
    Image.effect_noise((400, 300), 90).save(buffer, "PDF")

    assert looked_at(buffer.getvalue()) is None


@pytest.mark.parametrize("kind", ["address", "business_address", "emergency_address"])
def test_an_address_needs_no_file(kind: str) -> None:
    assert looked_at(None, kind) is None


@pytest.mark.parametrize(("day", "code"), [("2026-11-20", 18003), ("2030-01-01", None)])
def test_a_document_past_its_date_is_turned_down(day: str, code: int | None) -> None:
    assert looked_at(papers.png("Ada"), expiration_date=day) == code


def submit(sandbox: Sandbox, api: Any) -> Any:
    copy = api.bundles(api.bundles(PASSES).bundle_copies.create().sid)
    copy.update(status="pending-review")
    return copy


def test_without_an_automatic_reviewer_nothing_moves(sandbox: Sandbox, api: Any) -> None:
    copy = submit(sandbox, api)
    control(sandbox.base_url, "clock", {"advance_seconds": 86_400})

    assert copy.fetch().status == "pending-review"


def test_it_takes_its_seconds_and_approves(sandbox: Sandbox, api: Any) -> None:
    control(sandbox.base_url, "auto-review", {"seconds": 60})
    copy = submit(sandbox, api)

    assert copy.fetch().status == "in-review"
    control(sandbox.base_url, "clock", {"advance_seconds": 61})
    assert copy.fetch().status == "twilio-approved"


def with_blank_page(sandbox: Sandbox, api: Any) -> tuple[Any, str]:
    """A copy whose only paper was replaced by an upload with a blank page."""
    copy = api.bundles(api.bundles(PASSES).bundle_copies.create().sid)
    old = next(a for a in copy.item_assignments.list() if a.object_sid.startswith("RD"))
    attributes = api.supporting_documents(old.object_sid).fetch().attributes
    body = upload(
        sandbox.base_url,
        type="commercial_registrar_excerpt",
        attributes=attributes,
        file=("blank.pdf", pdf(blank=True), "application/pdf"),
    ).json()
    copy.item_assignments(old.sid).delete()
    copy.item_assignments.create(object_sid=body["sid"])
    copy.update(status="pending-review")
    return copy, body["sid"]


def test_a_careful_reviewer_turns_down_a_blank_page_and_says_so(sandbox: Sandbox, api: Any) -> None:
    control(sandbox.base_url, "auto-review", {"seconds": 0})
    copy, document = with_blank_page(sandbox, api)

    assert copy.fetch().status == "twilio-rejected"
    rejected = api.supporting_documents(document).fetch()
    assert (rejected.status, rejected.errors) == ("rejected", [{"code": 18002}])
    assert "blank" in rejected.failure_reason


def test_a_lenient_reviewer_approves_everything(sandbox: Sandbox, api: Any) -> None:
    control(sandbox.base_url, "auto-review", {"seconds": 0, "verdict": "approve"})
    copy, _ = with_blank_page(sandbox, api)

    assert copy.fetch().status == "twilio-approved"


def test_a_bundle_on_hold_waits_for_a_person(sandbox: Sandbox, api: Any) -> None:
    control(sandbox.base_url, "auto-review", {"seconds": 60})
    copy = submit(sandbox, api)
    sid = copy.fetch().sid
    control(sandbox.base_url, f"bundles/{sid}/hold")
    control(sandbox.base_url, "clock", {"advance_seconds": 3600})
    assert copy.fetch().status == "in-review"

    control(sandbox.base_url, f"bundles/{sid}/release")

    assert copy.fetch().status == "twilio-approved"


def test_a_reviewer_that_holds_only_looks(sandbox: Sandbox, api: Any) -> None:
    control(sandbox.base_url, "auto-review", {"seconds": 0, "verdict": "hold"})

    assert submit(sandbox, api).fetch().status == "in-review"
