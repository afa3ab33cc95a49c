"""The logo: a file of the installation, looked at once before anybody is shown it."""

import io
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree

from PIL import Image, UnidentifiedImageError

MOST_BYTES = 40 * 1024
MOST_PIXELS = 4_000_000
HEIGHT = 40
# Wider than this many times its height, it is taken for one that says the name.
WORDMARK = 2.0
TYPES = {"SVG": "image/svg+xml", "PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
ACTIVE = {"script", "foreignObject", "iframe", "handler", "listener", "a"}


class Unusable(Exception):
    """The text says why, as the end of a sentence that begins with the setting's name."""


@dataclass(frozen=True, kw_only=True)
class Logo:
    data: bytes
    content_type: str
    # Of its width to its height.
    ratio: float

    @property
    def url(self) -> str:
        ending = self.content_type.partition("/")[2].partition("+")[0]
        return f"/brand/{sha256(self.data).hexdigest()[:16]}.{ending}"

    @property
    def height(self) -> int:
        return HEIGHT

    @property
    def width(self) -> int:
        return max(1, round(HEIGHT * self.ratio))

    @property
    def is_picture(self) -> bool:
        return self.content_type != TYPES["SVG"]

    @property
    def says_the_name(self) -> bool:
        return self.ratio > WORDMARK


def read_logo(path: Path) -> Logo:
    """:raises Unusable: it can't be read, is none, is too large, or does more than be looked at."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Unusable(f"can't be read: {error.strerror}") from error
    if len(data) > MOST_BYTES:
        size = f"{len(data) / 1024:.0f} KB"
        raise Unusable(f"has {size}, and every page waits for it: at most {MOST_BYTES // 1024} KB")
    kind, width, height = _drawing(data) if _is_xml(data) else _picture(data)
    if not 0.1 <= width / height <= 12:
        raise Unusable("is much longer in one direction than in the other")
    return Logo(data=data, content_type=TYPES[kind], ratio=width / height)


def _is_xml(data: bytes) -> bool:
    return data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def _picture(data: bytes) -> tuple[str, float, float]:
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as image:
            width, height = image.size
            kind = str(image.format)
            if width * height > MOST_PIXELS:
                raise Unusable(f"has {width} times {height} pixels, far more than are shown")
            image.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise Unusable("is no SVG, PNG, JPEG or WebP that can be read") from error
    return kind, width, height


def _drawing(data: bytes) -> tuple[str, float, float]:
    """An SVG that is nothing but a drawing: an address bar shows it as a page of ours."""
    # Entities can grow without end, so they are refused before anything is read.
    if b"<!DOCTYPE" in data.upper() or b"<!ENTITY" in data.upper():
        raise Unusable("has a DOCTYPE, which an SVG needs for nothing: take it out")
    if b"<?xml-stylesheet" in data.lower():
        raise Unusable("asks for a stylesheet: save it as plain SVG")
    try:
        root = ElementTree.fromstring(data)  # noqa: S314 (has no entities)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise Unusable(f"is no SVG that can be read: {error}") from error
    if _local(root.tag) != "svg":
        raise Unusable("is no SVG")
    for element in root.iter():
        _refuse_what_acts(element)
    return ("SVG", *_size(root))


def _refuse_what_acts(element: ElementTree.Element) -> None:
    name = _local(element.tag)
    if name in ACTIVE:
        raise Unusable(f"has a <{name}>, and a logo is only to be looked at")
    if name == "style":
        _refuse_addresses(element.text or "", "its <style>")
    for attribute, value in element.attrib.items():
        called = _local(attribute)
        if called.lower().startswith("on"):
            raise Unusable(f"has a script in {called}, and a logo is only to be looked at")
        if called in ("href", "src") and not re.match(r"\s*(#|data:image/(png|jpeg|webp))", value):
            raise Unusable(f"leads to somewhere else in {called}: only what is inside is shown")
        if called in ("to", "values", "from") and "script:" in value:
            raise Unusable(f"has a script in {called}, and a logo is only to be looked at")
        _refuse_addresses(value, called)


def _refuse_addresses(text: str, where: str) -> None:
    if "@import" in text or re.search(r"url\(\s*['\"]?\s*(?!['\"]?\s*#)[^\s)]", text):
        raise Unusable(f"leads to somewhere else in {where}: only what is inside is shown")


def _size(root: ElementTree.Element) -> tuple[float, float]:
    numbers = re.findall(r"-?[\d.]+(?:e-?\d+)?", root.get("viewBox", ""))
    if len(numbers) != 4:
        numbers = [root.get("width", ""), root.get("height", "")]
        numbers = [number.removesuffix("px") for number in numbers]
    try:
        width, height = float(numbers[-2]), float(numbers[-1])
    except ValueError as error:
        raise Unusable("says no size: give it a viewBox") from error
    if not (0 < width < 1e6 and 0 < height < 1e6):
        raise Unusable("says no size: give it a viewBox")
    return width, height


def _local(name: object) -> str:
    """Without its namespace. A comment has no name."""
    return name.rpartition("}")[2] if isinstance(name, str) else ""
