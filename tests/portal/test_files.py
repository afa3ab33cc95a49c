"""What a person may upload, what not, and what is said about it."""

import io
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from portal import files, inspection
from portal.files import Unacceptable, checked
from tests.patience import PATIENCE
from tests.portal import specimens as made

GOOD = {
    "photo.jpg": (made.jpeg, "image/jpeg"),
    "photo.JPEG": (made.jpeg, "image/jpeg"),
    "without-an-ending": (made.jpeg, "image/jpeg"),
    "progressive.jpg": (lambda: made.jpeg(progressive=True), "image/jpeg"),
    "grey.jpg": (lambda: made.jpeg(made.picture().convert("L")), "image/jpeg"),
    "cmyk.jpg": (lambda: made.jpeg(made.picture().convert("CMYK")), "image/jpeg"),
    "phone.jpg": (made.phone_photo, "image/jpeg"),
    "with-place.jpg": (made.jpeg_with_place, "image/jpeg"),
    "jpeg-with-zip-behind.jpg": (lambda: made.jpeg() + made.zip_with("evil"), "image/jpeg"),
    "scan.png": (made.png, "image/png"),
    "interlaced.png": (lambda: made.png(made.picture().convert("P")), "image/png"),
    "transparent.png": (lambda: made.png(made.picture().convert("RGBA")), "image/png"),
    "png-with-script-behind.png": (lambda: made.png() + b"<script>", "image/png"),
    "letter.pdf": (made.pdf, "application/pdf"),
    "hundred.pdf": (lambda: made.pdf(pages=100), "application/pdf"),
    "opens-first-page.pdf": (
        lambda: made.pdf(change=made.opens_first_page),
        "application/pdf",
    ),
    "with-a-link.pdf": (lambda: made.pdf(change=made.link_leads_to_the_web), "application/pdf"),
    "with-zeros-behind.pdf": (lambda: made.pdf() + b"\x00" * 500, "application/pdf"),
    "with-zip-behind.pdf": (lambda: made.pdf() + made.zip_with("evil"), "application/pdf"),
    "big-page-never-unfolded.pdf": (made.pdf_with_stream_bomb, "application/pdf"),
}

BAD: dict[str, tuple[str, Callable[[], bytes]]] = {
    "empty.pdf": ("empty", lambda: b""),
    "one-byte.pdf": ("type", lambda: b"%"),
    "zeros.pdf": ("type", lambda: b"\x00" * 5000),
    "text.pdf": ("type", lambda: b"I am no PDF"),
    "script.jpg": ("type", lambda: b"<script>alert(1)</script>"),
    "drawing.svg": ("type", lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>"),
    "page.html": ("type", lambda: b"<!doctype html><script>x()</script>"),
    "program-renamed.pdf": ("type", lambda: b"MZ\x90\x00" + b"\x00" * 500),
    "program-renamed.png": ("type", lambda: b"\x7fELF" + b"\x00" * 500),
    "archive.zip": ("type", lambda: made.zip_with("a.txt")),
    "letter.docx": ("type", lambda: made.zip_with("[Content_Types].xml", "word/document.xml")),
    "old-letter.doc": ("type", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600),
    "iphone.heic": ("type", lambda: b"\x00\x00\x00\x18ftypheic" + b"\x00" * 600),
    "iphone-renamed.jpg": ("type", lambda: b"\x00\x00\x00\x18ftypmif1" + b"\x00" * 600),
    "animation.gif": ("type", lambda: b"GIF89a" + b"\x00" * 600),
    "scan.tiff": ("type", lambda: b"II*\x00" + b"\x00" * 600),
    "web.webp": ("type", lambda: b"RIFF\x00\x00\x00\x00WEBPVP8 "),
    "pdf-behind-text.pdf": ("type", lambda: b"<html>" + made.pdf()),
    "pdf-as-photo.jpg": ("type", made.pdf),
    "photo-as-pdf.pdf": ("type", made.jpeg),
    "photo-as-picture.png": ("type", made.jpeg),
    "photo.exe": ("type", made.jpeg),
    "photo.jpg.exe": ("type", made.jpeg),
    "animation.png": ("type", made.animated_png),
    "head-only.pdf": ("damaged", lambda: b"%PDF-1.7\n"),
    "head-and-end.pdf": ("damaged", lambda: b"%PDF-1.7\n%%EOF"),
    "truncated.pdf": ("damaged", lambda: made.pdf()[:400]),
    "without-table.pdf": ("damaged", lambda: made.pdf().replace(b"startxref", b"startxxxx")),
    "no-pages.pdf": ("damaged", made.pdf_without_pages),
    "page-loop.pdf": ("damaged", made.pdf_with_page_loop),
    "deep.pdf": ("damaged", lambda: made.pdf(change=made.nests_deeply)),
    "object-bomb.pdf": ("damaged", made.pdf_with_object_bomb),
    "password.pdf": ("password", lambda: made.encrypted_pdf("secret")),
    "owner-password.pdf": ("password", lambda: made.encrypted_pdf("")),
    "pages.pdf": ("pages", lambda: made.pdf(pages=101)),
    "script.pdf": ("active", lambda: made.pdf(change=made.opens_with_script)),
    "direct-script.pdf": ("active", lambda: made.pdf(change=made.opens_with_direct_script)),
    "named-script.pdf": ("active", lambda: made.pdf(change=made.has_named_script)),
    "attachment.pdf": ("active", lambda: made.pdf(change=made.has_attachment)),
    "launch.pdf": ("active", lambda: made.pdf(change=made.launches)),
    "page-script.pdf": ("active", lambda: made.pdf(change=made.page_runs_script)),
    "link-script.pdf": ("active", lambda: made.pdf(change=made.link_runs_script)),
    "sending-form.pdf": ("active", lambda: made.pdf(change=made.sends_a_form)),
    "xfa.pdf": ("active", lambda: made.pdf(change=made.has_xfa)),
    "hidden-script.pdf": ("active", lambda: made.pdf(change=made.hides_script_in_arrays)),
    "head-only.jpg": ("damaged", lambda: b"\xff\xd8\xff"),
    "head-and-end.jpg": ("damaged", lambda: b"\xff\xd8\xff\xd9"),
    "head-and-program.jpg": ("damaged", lambda: b"\xff\xd8\xff\xe0MZ" + b"\x00" * 500),
    "truncated.jpg": ("damaged", lambda: made.jpeg()[: len(made.jpeg()) // 2]),
    "cut-and-closed.jpg": ("damaged", lambda: made.jpeg()[:700] + b"\xff\xd9"),
    "zero-length-segment.jpg": ("damaged", lambda: b"\xff\xd8\xff\xe0\x00\x00" + made.jpeg()),
    "head-only.png": ("damaged", lambda: made.png()[:8]),
    "truncated.png": ("damaged", lambda: made.png()[:600]),
    "wrong-checksum.png": ("damaged", lambda: made.png()[:60] + b"\x00\x01" + made.png()[62:]),
    "no-picture.png": ("damaged", lambda: made.png_of(300, 300, b"")),
    "half-a-picture.png": ("damaged", lambda: made.png_of(300, 300, b"\x78\x9c\x63\x00")),
    "huge-chunk.png": ("damaged", lambda: made.png()[:8] + b"\xff\xff\xff\xffIHDR"),
    "bomb.png": ("too-large", made.png_bomb),
    "profile-bomb.png": ("damaged", made.png_profile_bomb),
    "dot.png": ("tiny", lambda: made.png(Image.new("RGB", (1, 1)))),
    "strip.jpg": ("tiny", lambda: made.jpeg(Image.new("RGB", (900, 40)))),
}


def upload(name: str, data: bytes) -> SimpleUploadedFile:
    # The type that a browser announces counts for nothing.
    return SimpleUploadedFile(name, data, content_type="application/pdf")


@pytest.mark.parametrize("name", GOOD)
def test_a_document_is_taken(name: str) -> None:
    make, type_ = GOOD[name]

    file = checked(upload(name, make()))

    assert (file.name, file.type) == (name, type_)
    assert inspection.inspect(file.data) == (type_, file.data)  # nothing is left to clean


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_document_is_refused_in_words(name: str) -> None:
    code, make = BAD[name]

    with pytest.raises(Unacceptable) as refusal:
        checked(upload(name, make()))

    assert refusal.value.code == code
    assert refusal.value.sentence.startswith("The selected ")
    assert str(refusal.value) == refusal.value.sentence


def test_the_corpus_is_large_enough() -> None:
    assert len(BAD) >= 40


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("iphone.heic", "save it as JPG"),
        ("letter.docx", "save it as PDF"),
        ("password.pdf", "password protected"),
        ("photo-as-pdf.pdf", "is named .pdf but is a JPG"),
        ("dot.png", "too small to be read"),
    ],
)
def test_the_refusal_says_what_to_do(name: str, words: str) -> None:
    with pytest.raises(Unacceptable, match=words):
        checked(upload(name, BAD[name][1]()))


@override_settings(MAX_UPLOAD_BYTES=5 * 1024 * 1024)
def test_a_file_over_the_limit_is_refused_unread() -> None:
    big = upload("big.pdf", b"")
    big.size = 5 * 1024 * 1024 + 1

    with pytest.raises(Unacceptable, match="must be smaller than 5 MB") as refusal:
        checked(big)

    assert refusal.value.code == "too-large"


def test_a_photo_keeps_its_pixels_and_its_orientation_and_loses_the_rest() -> None:
    original = made.jpeg_with_place(orientation=6)

    cleaned = checked(upload("a.jpg", original)).data

    with Image.open(io.BytesIO(original)) as before, Image.open(io.BytesIO(cleaned)) as after:
        assert after.tobytes() == before.tobytes()
        assert dict(after.getexif()) == {0x0112: 6}
        assert after.info["icc_profile"] == before.info["icc_profile"]
    assert b"Canary" in original
    assert b"Canary" not in cleaned


def test_a_picture_loses_its_texts() -> None:
    original = made.png_with_texts()

    cleaned = checked(upload("a.png", original)).data

    with Image.open(io.BytesIO(original)) as before, Image.open(io.BytesIO(cleaned)) as after:
        assert after.tobytes() == before.tobytes()
        assert after.info["dpi"] == before.info["dpi"]
    assert b"Canary" not in cleaned


@pytest.mark.parametrize("make", [made.jpeg, made.png, made.pdf])
def test_what_hangs_behind_the_end_is_cut(make: Callable[[], bytes]) -> None:
    name = {made.jpeg: "a.jpg", made.png: "a.png", made.pdf: "a.pdf"}[make]

    original = make()

    cleaned = checked(upload(name, original + made.zip_with("canary.exe"))).data

    assert cleaned.rstrip() == original.rstrip()


def test_a_picture_with_a_text_bomb_is_kept_without_it() -> None:
    assert len(checked(upload("a.png", made.png_text_bomb())).data) < 2000


def test_a_check_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = tmp_path / "hanging.py"
    hanging.write_text(f"import time\ntime.sleep({10 * PATIENCE})")
    monkeypatch.setattr(files, "INSPECTION", hanging)
    monkeypatch.setattr(files, "INSPECTION_SECONDS", 0.5)
    began = time.monotonic()

    with pytest.raises(Unacceptable, match="damaged"):
        checked(upload("a.png", made.png()))

    assert time.monotonic() - began < PATIENCE


def test_a_check_that_dies_is_a_damaged_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dying = tmp_path / "dying.py"
    dying.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)")
    monkeypatch.setattr(files, "INSPECTION", dying)

    with pytest.raises(Unacceptable, match="damaged"):
        checked(upload("a.png", made.png()))


def test_a_check_that_cannot_start_asks_to_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")

    with pytest.raises(Unacceptable) as refusal:
        checked(upload("a.png", made.png()))

    assert refusal.value.code == "again"


def test_the_check_sees_nothing_of_the_installation_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nosy = tmp_path / "nosy.py"
    nosy.write_text(
        f"import os, sys; sys.path.insert(0, {str(inspection.__file__.rsplit('/', 1)[0])!r})\n"
        "import inspection\n"
        "inspection.give_up_power()\n"
        "assert not [name for name in os.environ if 'KEY' in name], os.environ\n"
        "assert 'django' not in sys.modules\n"
        "try:\n"
        f"    with open({str(tmp_path / 'leak')!r}, 'wb') as leak: leak.write(b'x')\n"
        'except OSError: print(\'{"type": "kept"}\')\n'
    )
    monkeypatch.setattr(files, "INSPECTION", nosy)
    monkeypatch.setitem(files.ENDINGS, "kept", {".png"})

    assert checked(upload("a.png", made.png())).type == "kept"


def test_as_many_pages_as_are_taken_are_not_too_much_to_check() -> None:
    assert checked(upload("a.pdf", made.pdf(pages=100))).type == "application/pdf"


@settings(max_examples=300)
@given(data=st.data())
def test_a_mutated_file_is_taken_or_refused_and_nothing_else(data: st.DataObject) -> None:
    original = data.draw(
        st.sampled_from([made.jpeg_with_place(), made.png_with_texts(), made.pdf(pages=2)])
    )
    mutated = bytearray(original)
    for at in data.draw(st.lists(st.integers(4, len(original) - 1), min_size=1, max_size=6)):
        mutated[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(original)) | st.none())

    try:
        type_, kept = inspection.inspect(bytes(mutated[:cut]))
    except inspection.Rejected:
        return

    assert type_ in inspection.SIGNATURES.values()
    assert len(kept) <= len(mutated) + 64
