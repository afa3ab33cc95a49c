"""An installation with a look of its own, by settings alone."""

import io
import re
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core import mail
from django.test import Client, RequestFactory
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from compliance import notifications
from portal.brand import current
from portal.brand.color import Color, contrast, from_oklch, least_contrast, oklch, parse
from portal.brand.palette import DARK, DEFAULT, EDGE, LIGHT, TEXT, light_accents, palette
from portal.record import Record, printed
from portal.views.errors import server_error
from tests.factories import german_renewal, make_customer, make_user, noon
from tests.portal.test_checks import configured, found  # noqa: F401 (a fixture)

CSS = Path(__file__).resolve().parent.parent.parent / "static" / "portal.css"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 10">{inside}</svg>'
SQUARE = SVG.format(width=10, inside='<rect width="10" height="10"/>')
WIDE = SVG.format(width=60, inside='<rect width="60" height="10"/>')
HUES = [
    "#0d5c63", "#ffcc00", "#e30613", "#0057b8", "#7b2d8b", "#ff00ff", "#00ff00", "#00ffff",
    "#0000ff", "#808080", "#000000", "#ffffff", "#f6f5f1", "#1c2326", "#8b4513", "#ff8800",
]  # fmt: skip


def color(text: str) -> Color:
    found = parse(text)
    assert found, text
    return found


def colors(texts: tuple[str, ...]) -> tuple[Color, ...]:
    return tuple(color(text) for text in texts)


# --- Contrast ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#000000", 21.0),
        ("#777777", "#ffffff", 4.48),  # WCAG's own example of what does not quite do
        ("#767676", "#ffffff", 4.54),
        ("#ff0000", "#ffffff", 4.00),
        ("#0000ff", "#ffffff", 8.59),
        ("#ffcc00", "#ffffff", 1.51),
        ("#123456", "#123456", 1.0),
    ],
)
def test_contrast_is_as_the_standard_has_it(one: str, other: str, expected: float) -> None:
    assert contrast(color(one), color(other)) == pytest.approx(expected, abs=0.006)


@pytest.mark.parametrize("text", HUES)
def test_a_colour_comes_back_from_oklch_as_it_was(text: str) -> None:
    assert str(from_oklch(*oklch(color(text)))) == text


@pytest.mark.parametrize("text", HUES)
def test_whatever_the_colour_everything_can_be_read_in_both_themes(text: str) -> None:
    both = palette(color(text))

    for accents, grounds in ((both.light, LIGHT), (both.dark, DARK)):
        ground = (*colors(grounds), accents.wash)
        assert least_contrast(accents.accent, ground) >= TEXT > EDGE
        assert least_contrast(accents.strong, ground) >= TEXT
        assert least_contrast(accents.on, (accents.accent, accents.strong)) >= TEXT
        assert accents.strong != accents.accent


def test_a_colour_that_does_is_not_touched_and_one_that_does_not_moves_no_further_than_needed() -> (
    None
):
    assert str(light_accents(color("#0057b8")).accent) == "#0057b8"

    used = light_accents(color("#ff8800")).accent
    assert least_contrast(used, colors(LIGHT)) < TEXT + 0.1
    assert oklch(used)[2] == pytest.approx(oklch(color("#ff8800"))[2], abs=0.05)


def test_the_grounds_and_the_default_are_those_of_the_stylesheet() -> None:
    light, _media, dark = CSS.read_text().partition("@media (prefers-color-scheme: dark)")
    names = ("paper", "surface", "sunken", "needs-wash", "bad-wash", "info-wash", "quiet-wash")

    for css, grounds in ((light, LIGHT), (dark.partition("/* --- Elements")[0], DARK)):
        tokens = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+);", css))
        tokens = {name: re.sub("^#(.)(.)(.)$", r"#\1\1\2\2\3\3", v) for name, v in tokens.items()}
        assert grounds == tuple(tokens[name] for name in (*names, "good-wash"))
    assert f"--accent: {DEFAULT};" in light


# --- What the check says ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "id_", "words"),
    [
        ({"BRAND_COLOR": "teal"}, "E020", "BRAND_COLOR should look like #0d5c63"),
        ({"BRAND_COLOR_DARK": "#12345"}, "E020", "BRAND_COLOR_DARK should look like"),
        ({"BRAND_COLOR": "red;}*{display:none"}, "E020", "six hexadecimal digits"),
        (
            {"BRAND_COLOR": "#ffcc00"},
            "W020",
            "#ffcc00 on the page's #e9e8e3 has a contrast of 1.2:1, and text needs 4.5:1, and the "
            "edge of a button 3:1. Pages, mails and records use #806504 instead",
        ),
        ({"BRAND_COLOR": "e30613"}, "W020", "has a contrast of 4.0:1, and text needs 4.5:1. Pages"),
        ({"BRAND_COLOR_DARK": "#0d5c63"}, "W020", "BRAND_COLOR_DARK is hard to read: #0d5c63"),
        ({"BRAND_LOGO": "/nowhere/logo.svg"}, "E021", "can't be read: No such file"),
        ({"SUPPORT_PHONE": "call us"}, "E022", "SUPPORT_PHONE should look like"),
        ({"SUPPORT_URL": "javascript:alert(1)"}, "E023", "SUPPORT_URL should look like"),
    ],
)
def test_the_check_says_it_with_figures(
    configured: Settings,  # noqa: F811
    changes: dict[str, Any],
    id_: str,
    words: str,
) -> None:
    messages = found(configured, **changes)

    assert [message.id for message in messages] == [f"portal.{id_}"]
    assert words in messages[0].msg


def test_a_dark_logo_alone_is_not_shown(configured: Settings, tmp_path: Path) -> None:  # noqa: F811
    messages = found(configured, BRAND_LOGO_DARK=written(tmp_path, SQUARE))

    assert [message.id for message in messages] == ["portal.W021"]
    assert current().files == {}


def written(folder: Path, contents: str | bytes, name: str = "logo") -> str:
    file = folder / name
    file.write_bytes(contents.encode() if isinstance(contents, str) else contents)
    return str(file)


def picture(kind: str, width: int = 80, height: int = 80) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(data, kind)
    return data.getvalue()


def inside(text: str) -> str:
    return SVG.format(width=10, inside=text)


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        (inside("<script>alert(1)</script>"), "has a <script>"),
        (inside("<foreignObject/>"), "has a <foreignObject>"),
        (inside('<rect onload="alert(1)"/>'), "has a script in onload"),
        (inside('<a href="https://elsewhere.example"/>'), "has a <a>"),
        (inside('<image href="https://elsewhere.example/x.png"/>'), "leads to somewhere else"),
        (inside('<use xmlns:x="http://www.w3.org/1999/xlink" x:href="//e.example"/>'), "leads to"),
        (inside('<use href="data:image/svg+xml,x"/>'), "leads to somewhere else in href"),
        (inside("<style>@import 'https://e.example'</style>"), "somewhere else in its <style>"),
        (inside('<rect fill="url(https://e.example)"/>'), "leads to somewhere else in fill"),
        (inside('<set attributeName="href" to="javascript:alert(1)"/>'), "has a script in to"),
        ('<!DOCTYPE svg [<!ENTITY a "b">]>' + SQUARE, "has a DOCTYPE"),
        ('<?xml-stylesheet href="https://e.example"?>' + SQUARE, "asks for a stylesheet"),
        (SQUARE.replace('viewBox="0 0 10 10"', ""), "give it a viewBox"),
        (SQUARE.replace("0 0 10 10", "0 0 0 0"), "give it a viewBox"),
        (SQUARE.replace("0 0 10 10", "0 0 9000 10"), "much longer in one direction"),
        ("<svg", "is no SVG that can be read"),
        ("<html/>", "is no SVG"),
        ("hello", "is no SVG, PNG, JPEG or WebP"),
        (picture("GIF"), "is no SVG, PNG, JPEG or WebP"),
        (picture("PNG")[:60], "is no SVG, PNG, JPEG or WebP"),
        (picture("PNG", 3000, 2000), "has 3000 times 2000 pixels"),
        (SQUARE + " " * 50_000, "has 49 KB, and every page waits for it: at most 40 KB"),
    ],
)
def test_a_logo_that_is_more_than_a_picture_is_refused_and_left_out(
    configured: Settings,  # noqa: F811
    tmp_path: Path,
    contents: str | bytes,
    words: str,
) -> None:
    messages = found(configured, BRAND_LOGO=written(tmp_path, contents))

    assert [message.id for message in messages] == ["portal.E021"]
    assert words in messages[0].msg
    assert current().logo is None


# --- What customers see -----------------------------------------------------------------------


def test_a_colour_comes_with_a_small_stylesheet_after_ours_that_is_kept_for_ever(
    client: Client, settings: Settings
) -> None:
    settings.BRAND_COLOR = "#7b2d8b"

    page = client.get("/sign-in/").content.decode()
    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
    answer = client.get(sheets[1])

    assert sheets[0].endswith("portal.css")
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in answer
    assert answer.content.startswith(b":root{--accent:#7b2d8b;")
    assert b"@media (prefers-color-scheme: dark){:root{--accent:#" in answer.content
    assert len(answer.content) < 300
    settings.BRAND_COLOR = "#0057b8"
    assert client.get(sheets[1]).status_code in (302, 404)


def test_without_a_colour_nothing_more_is_asked_for(client: Client) -> None:
    page = client.get("/sign-in/").content.decode()

    assert "/brand/" not in page
    assert page.count('rel="stylesheet"') == 1
    assert "fill='%230d5c63'" in page


@pytest.mark.parametrize(
    ("contents", "kind", "alternative", "is_icon"),
    [
        (SQUARE, "image/svg+xml", "", True),
        (WIDE, "image/svg+xml", "Nummernamt", False),
        (picture("PNG"), "image/png", "", True),
        (picture("JPEG", 300, 60), "image/jpeg", "Nummernamt", False),
        (picture("WEBP"), "image/webp", "", True),
    ],
)
def test_a_logo_takes_the_place_of_the_tick(
    client: Client,
    settings: Settings,
    tmp_path: Path,
    contents: str | bytes,
    kind: str,
    alternative: str,
    is_icon: bool,
) -> None:
    settings.BRAND_NAME = "Nummernamt"
    settings.BRAND_LOGO = written(tmp_path, contents)

    page = client.get("/sign-in/").content.decode()
    image = re.search(r'<img src="([^"]+)" width="\d+" height="40" alt="([^"]*)">', page)
    assert image
    answer = client.get(image[1])

    assert answer["Content-Type"] == kind
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert image[2] == alternative
    assert page.count(">Nummernamt<") == (0 if alternative else 1)
    assert (f'rel="icon" href="{image[1]}"' in page) is is_icon


def test_a_logo_may_have_a_twin_for_dark_screens(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.BRAND_LOGO = written(tmp_path, SQUARE)
    settings.BRAND_LOGO_DARK = written(tmp_path, WIDE, "dark")

    page = client.get("/sign-in/").content.decode()

    dark = re.search(r'<source srcset="([^"]+)" media="\(prefers-color-scheme: dark\)"', page)
    assert dark
    assert client.get(dark[1]).content.decode() == WIDE


def test_the_page_for_a_fault_of_ours_has_the_look_as_well(settings: Settings) -> None:
    settings.BRAND_NAME, settings.BRAND_COLOR = "Nummernamt", "#7b2d8b"
    settings.SUPPORT_PHONE = "+49 30 901820"

    page = server_error(RequestFactory().get("/")).content.decode()

    sheet = current().stylesheet
    assert sheet
    assert sheet.url in page
    assert "Nummernamt" in page
    assert 'href="tel:+4930901820"' in page


def test_every_page_names_the_ways_to_help(client: Client, settings: Settings) -> None:
    settings.SUPPORT_PHONE = "+49 30 90 18 20"
    settings.SUPPORT_URL = "https://help.example.com/numbers"

    page = client.get("/sign-in/").content.decode()

    assert '<a class="nowrap" href="tel:+4930901820">+49 30 90 18 20</a>' in page
    assert '<a href="https://help.example.com/numbers">' in page


@pytest.mark.django_db
def test_mails_have_the_colour_and_the_telephone(settings: Settings) -> None:
    settings.BRAND_COLOR, settings.SUPPORT_PHONE = "#7b2d8b", "+49 30 901820"
    acme, now = make_customer("Acme GmbH"), timezone.now()
    make_user("ada@acme.example", customer=acme)
    german_renewal(acme, now=now, days=3)

    notifications.tell(now=now)

    text, page = str(mail.outbox[0].body), str(mail.outbox[0].alternatives[0].content)
    assert "background:#7b2d8b;color:#ffffff" in page
    assert "border-bottom:4px solid #7b2d8b" in page
    assert "Or call +49 30 901820." in page
    assert "Or call +49 30 901820." in text


def test_the_record_has_the_colour_and_a_picture_of_the_logo(
    settings: Settings, tmp_path: Path
) -> None:
    record = Record(
        reference="CMP-123456",
        title="Germany",
        facts=(),
        parts=(),
        note="",
        answers=(),
        timeline=(),
        printed_at="today",
    )
    settings.BRAND_COLOR = "#ff0000"
    settings.BRAND_LOGO = written(tmp_path, picture("PNG"))

    with pikepdf.open(io.BytesIO(printed(record, brand=current(), now=noon()))) as paper:
        drawn = paper.pages[0].Contents.read_bytes().decode("latin-1")
        assert len(paper.pages[0].Resources.XObject) == 1

    band = re.search(r"([\d.]+) ([\d.]+) ([\d.]+) rg", drawn)
    assert band
    assert Color(*(round(255 * float(part)) for part in band.groups())) == (
        current().palette.light.accent
    )
