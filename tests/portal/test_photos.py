"""Photos from phones: HEIC becomes JPEG, and what nobody could read is said early."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from portal.files import Unacceptable, looked_at
from portal.wording import doubts
from tests.portal import specimens as made


def upload(name: str, data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def sheet(width: int = 1600, height: int = 1200) -> Image.Image:
    """A written page on an even table."""
    image = Image.new("RGB", (width, height), (150, 140, 130))
    draw = ImageDraw.Draw(image)
    draw.rectangle((width // 4, height // 8, width * 3 // 4, height * 7 // 8), fill="white")
    for line in range(height // 6, height * 5 // 6, 40):
        words = "Extract from the register of companies 12345"
        draw.text((width // 4 + 20, line), words, fill="black", font_size=24)
    return image


def doubted(image: Image.Image) -> list[str]:
    return looked_at(upload("photo.jpg", made.jpeg(image, quality=88)))[1]


# --- HEIC -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["IMG_0001.HEIC", "IMG_0001.heif", "IMG_0001.jpg", "IMG_0001"])
def test_an_iphones_photo_is_kept_as_jpeg(name: str) -> None:
    file, _doubts = looked_at(upload(name, made.heic()))

    assert (file.name, file.type) == ("IMG_0001.jpg", "image/jpeg")
    with Image.open(io.BytesIO(file.data)) as photo:
        assert (photo.format, photo.size) == ("JPEG", made.picture().size)


def test_an_iphones_photo_is_upright_and_loses_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "Canary"
    original = made.heic(exif=exif.tobytes())
    assert b"Canary" in original

    data = looked_at(upload("a.heic", original))[0].data

    assert b"Canary" not in data
    with Image.open(io.BytesIO(data)) as photo:
        width, height = made.picture().size
        assert photo.size == (height, width)
        assert not photo.getexif()


@override_settings(MAX_UPLOAD_BYTES=150_000)
def test_an_iphones_photo_is_made_small_enough() -> None:
    image = Image.effect_noise((600, 450), 40).convert("RGB")

    assert len(looked_at(upload("a.heic", made.heic(image, quality=30)))[0].data) <= 150_000


@pytest.mark.parametrize("cut", [30, 200, -100])
def test_a_broken_one_is_refused_in_words(cut: int) -> None:
    with pytest.raises(Unacceptable) as refusal:
        looked_at(upload("a.heic", made.heic()[:cut]))

    assert refusal.value.code in ("type", "damaged")


# --- Early warnings ---------------------------------------------------------------------------


def test_a_clear_photo_raises_no_doubt() -> None:
    assert doubted(sheet()) == []


def test_a_letter_raises_no_doubt() -> None:
    assert looked_at(upload("letter.pdf", made.pdf()))[1] == []


@pytest.mark.parametrize(
    ("image", "code"),
    [
        (sheet().filter(ImageFilter.GaussianBlur(9)), "blurred"),
        (ImageEnhance.Brightness(sheet()).enhance(0.15), "dark"),
        (Image.new("RGB", (1600, 1200), "white"), "blank"),
        (Image.effect_noise((1600, 1200), 2).convert("RGB"), "blank"),
        (sheet(500, 400), "small"),
    ],
    ids=["blurred", "dark", "white", "scanned-empty", "small"],
)
def test_a_poor_photo_is_taken_with_a_word_about_it(image: Image.Image, code: str) -> None:
    assert doubted(image) == [code]
    assert len(doubts.sentence(code)) > 40


@pytest.mark.parametrize("side", [599, 600])
def test_small_is_less_than_600_pixels(side: int) -> None:
    assert ("small" in doubted(sheet(side, 450))) == (side < 600)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "LA", "I;16"])
def test_a_picture_of_every_kind_can_be_judged(mode: str) -> None:
    image = Image.new("I;16", (700, 700)) if mode == "I;16" else sheet().convert(mode)

    found = looked_at(upload("a.png", made.png(image)))[1]

    assert found == ([] if mode != "I;16" else ["blank"])
