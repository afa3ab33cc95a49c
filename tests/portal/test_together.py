"""Several files become one PDF: the same pixels, upright, in order, and no larger than allowed."""

import io
import os
from collections.abc import Sequence

import pikepdf
import pytest
from django.test import override_settings
from PIL import Image

from compliance.answers import File
from portal import inspection
from portal.files import Page, Unacceptable, together
from tests.portal import specimens as made

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"


def page(data: bytes, type_: str = JPEG, *, turned: int = 0, name: str = "front.jpg") -> Page:
    return Page(file=File(name=name, type=type_, data=data), turned=turned)


def opened(pages: Sequence[Page]) -> pikepdf.Pdf:
    file = together(pages)
    assert file.type == PDF
    # It is as good as one that came as such.
    assert inspection.inspect(file.data) == (PDF, file.data)
    return pikepdf.open(io.BytesIO(file.data))


def photos_in(document: pikepdf.Pdf) -> list[bytes]:
    return [
        image.read_raw_bytes()
        for sheet in document.pages
        for image in sheet.get_images().values()
        if image.get("/Filter") in ("/DCTDecode", ["/DCTDecode"])
    ]


def scene(width: int, height: int) -> Image.Image:
    """Somewhat as hard to compress as what a camera sees."""
    coarse = Image.effect_noise((width // 20, height // 20), 60)
    return coarse.resize((width, height)).convert("RGB")


def fat(document: pikepdf.Pdf) -> None:
    for sheet in document.pages:
        sheet.obj.Contents = document.make_stream(os.urandom(1_000))


def test_each_photo_is_a_page_in_order_and_stays_as_it_is_bit_for_bit() -> None:
    front, back = made.jpeg(), made.jpeg(made.picture(400, 600))

    document = opened([page(front), page(back, name="back.jpg")])

    assert photos_in(document) == [front, back]
    assert together([page(front), page(back)]).name == "front.pdf"


def test_a_photo_that_lies_is_shown_upright() -> None:
    cleaned = inspection.inspect(made.jpeg_with_place(orientation=6))[1]

    document = opened([page(cleaned), page(made.jpeg())])

    assert [int(sheet.get("/Rotate", 0)) for sheet in document.pages] == [90, 0]
    assert b"Canary" not in together([page(cleaned)]).data


def test_a_file_is_turned_with_all_its_pages() -> None:
    document = opened([page(made.pdf(pages=2), PDF, turned=270), page(made.jpeg(), turned=90)])

    assert [int(sheet.get("/Rotate", 0)) for sheet in document.pages] == [270, 270, 90]


def test_what_a_camera_turned_and_a_person_turned_add_up() -> None:
    cleaned = inspection.inspect(made.jpeg_with_place(orientation=6))[1]

    document = opened([page(cleaned, turned=270)])

    assert int(document.pages[0].get("/Rotate", 0)) % 360 == 0


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16"])
def test_a_picture_of_every_kind_becomes_a_page(mode: str) -> None:
    picture = Image.new("I;16", (300, 300)) if mode == "I;16" else made.picture().convert(mode)

    assert len(opened([page(made.png(picture), PNG), page(made.jpeg())]).pages) == 2


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_a_photo_of_every_kind_becomes_a_page(mode: str) -> None:
    photo = made.jpeg(made.picture().convert(mode))

    assert photos_in(opened([page(photo)])) == [photo]


def test_a_page_is_paper_and_lies_when_its_photo_does() -> None:
    document = opened([page(made.jpeg(made.picture(400, 600))), page(made.jpeg())])

    boxes = [[round(float(side)) for side in sheet.mediabox[2:]] for sheet in document.pages]
    assert boxes == [[595, 842], [842, 595]]


@override_settings(MAX_UPLOAD_BYTES=400_000)
def test_photos_are_made_smaller_when_all_together_would_be_too_large() -> None:
    photo = made.jpeg(scene(2400, 1800), quality=99)
    assert len(photo) > 400_000

    file = together([page(photo), page(made.jpeg(), turned=90)])

    assert len(file.data) <= 400_000
    first = photos_in(pikepdf.open(io.BytesIO(file.data)))[0]
    with Image.open(io.BytesIO(first)) as shrunk:
        assert max(shrunk.size) >= 1200


@override_settings(MAX_UPLOAD_BYTES=52_429)
@pytest.mark.parametrize(
    "pages",
    [
        [page(made.jpeg(Image.effect_noise((1800, 1400), 90)))],
        [page(made.pdf(pages=90, change=fat), PDF)],
    ],
    ids=["photos", "letters"],
)
def test_what_stays_too_large_is_refused_in_words(pages: list[Page]) -> None:
    with pytest.raises(Unacceptable, match=r"must be smaller than 0\.1 MB together") as refusal:
        together(pages)

    assert refusal.value.code == "too-large"


def test_more_than_a_hundred_pages_are_refused_in_words() -> None:
    with pytest.raises(Unacceptable, match="more than 100 pages together"):
        together([page(made.pdf(pages=60), PDF), page(made.pdf(pages=41), PDF)])


def test_the_same_files_make_the_same_document() -> None:
    pages = [page(made.jpeg()), page(made.png(), PNG), page(made.pdf(), PDF)]

    assert together(pages).data == together(pages).data


def test_twenty_large_photos_are_bound_in_time() -> None:
    photo = made.jpeg(scene(4000, 3000), quality=85)

    assert len(opened([page(photo)] * 20).pages) == 20
