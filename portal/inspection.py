"""Looks into an uploaded file, in a process of its own that may be killed.

Whoever wrote the file may be hostile, and the libraries that read it are large. So this program
gets nothing but the bytes: no settings, no database, no environment, a little memory and a little
time, and it may write no file. It is started by its path, ``portal.files`` tells how, and imports
nothing of ours, so that it is there within a tenth of a second.

In: the file on standard input. Out: one line of JSON, then, if the file may be kept, its bytes
without what nobody asked for (place of the photo, thumbnails, comments, author and title of a PDF,
anything behind the end).
A HEIC photo becomes a JPEG, of as many bytes at most as the argument says if that is possible.
With the argument ``together``, in: what ``portal.together`` reads, out: the PDF that it makes.
"""

import contextlib
import importlib.util
import io
import json
import resource
import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
SIGNATURES = {b"%PDF-": PDF, b"\xff\xd8\xff": JPEG, b"\x89PNG\r\n\x1a\n": PNG}

MEMORY = 1024**3
CPU_SECONDS = 5
# Twenty photos may have to be made smaller.
CPU_SECONDS_TOGETHER = 40
MAX_PIXELS = 40_000_000
# Below this, on the shorter side, no document can be read.
MIN_SIDE = 100
MAX_PAGES = 100
# A page has some tens of objects; far more than that is no document that a person made.
MAX_OBJECTS = 200_000

ORIENTATION = 0x0112


class Rejected(Exception):
    """``code`` says why, for ``portal.files`` to put into words; ``detail`` is what it is about."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


def inspect(data: bytes) -> tuple[str, bytes]:
    """The type of ``data`` by its content, and the bytes to keep.

    :raises Rejected: the file is none of ours, is broken, or carries what a document should not.
    """
    type_ = type_of(data)
    if type_ == PDF:
        return type_, inspected_pdf(data)
    cleaned = cleaned_jpeg(data) if type_ == JPEG else cleaned_png(data)
    look_at_image(cleaned, type_)
    return type_, cleaned


def type_of(data: bytes) -> str:
    for signature, type_ in SIGNATURES.items():
        if data.startswith(signature):
            return type_
    raise Rejected("type", kind_of_stranger(data))


def kind_of_stranger(data: bytes) -> str:
    """What a file that can't be taken seems to be, where a person can do something about it."""
    if data[4:8] == b"ftyp" and data[8:12] in {
        b"heic",
        b"heix",
        b"heim",
        b"heis",
        b"hevc",
        b"hevx",
        b"mif1",
        b"msf1",
        b"avif",
    }:
        return "heic"
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "office"
    if data.startswith(b"PK\x03\x04") and any(
        name in data[:4096] for name in (b"word/", b"[Content_Types].xml", b"opendocument")
    ):
        return "office"
    return ""


# --- Photos -----------------------------------------------------------------------------------


def look_at_image(data: bytes, type_: str) -> None:
    """Decode it once, whole: only that shows whether the picture is there."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # the limit below is ours
    formats = ("JPEG",) if type_ == JPEG else ("PNG",)
    try:
        with Image.open(io.BytesIO(data), formats=formats) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise Rejected("too-large", "pixels")
            image.verify()
        with Image.open(io.BytesIO(data), formats=formats) as image:
            image.load()
    except Rejected:
        raise
    except Exception as error:  # whatever a broken file makes of the library
        raise Rejected("damaged") from error
    if min(width, height) < MIN_SIDE:
        raise Rejected("tiny")


# APP0 says what a JPEG is, APP2 holds its colour profile, APP14 how its colours are stored.
# Everything else up to APP15 and the comment is about the photo, not of it.
APP1, APP2, COMMENT = 0xE1, 0xE2, 0xFE
KEPT_APPS = {0xE0, APP2, 0xEE}
START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9
# Not the progressive ones: there one bit can stand for many blocks.
PLAIN_FRAMES = {0xC0, 0xC1}
RESTARTS = range(0xD0, 0xD8)


def cleaned_jpeg(data: bytes) -> bytes:
    """The same picture, pixel for pixel, with nothing about where and with what it was taken."""
    kept = [b"\xff\xd8"]
    needed = drawn = 0
    turned = orientation_of(data)
    if turned != 1:
        kept.append(orientation_segment(turned))
    for marker, segment in jpeg_segments(data):
        is_app = 0xE0 <= marker <= 0xEF
        if marker == COMMENT or (is_app and marker not in KEPT_APPS):
            continue
        if marker == APP2 and not segment[4:].startswith(b"ICC_PROFILE\x00"):
            continue
        if marker in PLAIN_FRAMES:
            needed = least_bytes(segment)
        if marker == START_OF_SCAN:
            drawn += len(segment)
        kept.append(segment)
    if drawn < needed:
        raise Rejected("damaged")
    return b"".join(kept)


def least_bytes(frame: bytes) -> int:
    """Each block of 8 by 8 pixels takes two bits at the very least. With fewer, the picture is a
    head without a body, which the decoder would quietly fill with grey."""
    if len(frame) < 9:
        raise Rejected("damaged")
    height = int.from_bytes(frame[5:7], "big")
    width = int.from_bytes(frame[7:9], "big")
    return -(-height // 8) * -(-width // 8) // 4


def jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and bytes of each segment; a scan's picture data belong to it. Ends with the image."""
    at = 2
    while True:
        if at + 2 > len(data) or data[at] != 0xFF:
            raise Rejected("damaged")
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == END_OF_IMAGE:
            yield marker, data[at : at + 2]
            return
        if marker == 0x01 or marker in RESTARTS:
            yield marker, data[at : at + 2]
            at += 2
            continue
        if at + 4 > len(data):
            raise Rejected("damaged")
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if end < at + 4 or end > len(data):
            raise Rejected("damaged")
        if marker == START_OF_SCAN:
            end = end_of_scan(data, end)
        yield marker, data[at:end]
        at = end


def end_of_scan(data: bytes, at: int) -> int:
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise Rejected("damaged")
        following = data[at + 1]
        if following == 0xFF:
            at += 1
        elif following == 0x00 or following in RESTARTS:
            at += 2
        else:
            return at


def orientation_of(data: bytes) -> int:
    """How a viewer has to turn the photo, 1 to 8; without it a portrait would lie on its side."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None
    with contextlib.suppress(Exception), Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
        turned = image.getexif().get(ORIENTATION, 1)
        if turned in range(1, 9):
            return int(turned)
    return 1


def orientation_segment(turned: int) -> bytes:
    directory = struct.pack(">HHHIHHI", 1, ORIENTATION, 3, 1, turned, 0, 0)
    body = b"Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08" + directory
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


# What the picture is made of and what its colours mean; texts, dates and places are left out.
PNG_CHUNKS = {
    b"IHDR",
    b"PLTE",
    b"IDAT",
    b"IEND",
    b"tRNS",
    b"gAMA",
    b"cHRM",
    b"sRGB",
    b"iCCP",
    b"sBIT",
    b"bKGD",
    b"pHYs",
    b"cICP",
}


def cleaned_png(data: bytes) -> bytes:
    kept = [data[:8]]
    at = 8
    while True:
        if at + 12 > len(data):
            raise Rejected("damaged")
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if end > len(data):
            raise Rejected("damaged")
        name = data[at + 4 : at + 8]
        if name == b"acTL":
            raise Rejected("type")  # an animation
        if name in PNG_CHUNKS:
            kept.append(data[at:end])
        if name == b"IEND":
            return b"".join(kept)
        at = end


# --- PDF --------------------------------------------------------------------------------------


def inspected_pdf(data: bytes) -> bytes:
    import pikepdf

    data = cut_behind_end_of_pdf(data)
    try:
        with pikepdf.open(
            io.BytesIO(data), attempt_recovery=False, suppress_warnings=True
        ) as document:
            if document.is_encrypted:
                raise Rejected("password")
            pages = len(document.pages)
            if pages == 0:
                raise Rejected("damaged")
            if pages > MAX_PAGES:
                raise Rejected("pages")
            if len(document.objects) > MAX_OBJECTS:
                raise Rejected("damaged")
            if beside("active").runs_something(document):
                raise Rejected("active")
            return beside("metadata").without_metadata(document) or data
    except pikepdf.PasswordError as error:
        raise Rejected("password") from error
    except Rejected:
        raise
    except Exception as error:  # whatever a broken file makes of the library
        raise Rejected("damaged") from error


def cut_behind_end_of_pdf(data: bytes) -> bytes:
    """A reader looks for the end mark from behind, so what follows it belongs to nobody."""
    mark = b"%%EOF"
    at = data.rfind(mark)
    if at < 0:
        raise Rejected("damaged")
    end = at + len(mark)
    return data if not data[end:].strip() else data[:end] + b"\n"


# --- The process ------------------------------------------------------------------------------


def give_up_power(cpu_seconds: int = CPU_SECONDS) -> None:
    """From here on: this much memory and time, and no file can be written."""
    for what, limit in (
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, MEMORY),
    ):
        # macOS knows no limit of address space; the parent's clock still runs.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (limit, limit))


def beside(name: str) -> Any:
    """The module of that name in this folder, found by its place: as its own program this one
    belongs to no package, and the folder's other names are not to hide those of libraries."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def inspected(data: bytes, limit: int) -> tuple[dict[str, Any], bytes]:
    is_heic = kind_of_stranger(data) == "heic"
    type_, cleaned = inspect(converted(data, limit) if is_heic else data)
    verdict: dict[str, Any] = {"type": type_, "was_heic": is_heic}
    if type_ != PDF:
        verdict["doubts"] = doubts_about(cleaned)
    return verdict, cleaned


def converted(data: bytes, limit: int) -> bytes:
    try:
        return bytes(beside("heic").jpeg_of(data, most_pixels=MAX_PIXELS, most_bytes=limit))
    except Exception as error:  # whatever a broken file makes of the library
        raise Rejected("type", "heic") from error


def doubts_about(photo: bytes) -> list[str]:
    try:
        return list(beside("legibility").doubts_about(photo))
    except Exception:  # it is fine as such; only the guess failed
        return []


def put_together() -> tuple[dict[str, Any], bytes]:
    binder = beside("together")
    try:
        return {"type": PDF}, binder.together(sys.stdin.buffer)
    except binder.TooLarge:
        raise Rejected("too-large", "together") from None
    except binder.TooManyPages:
        raise Rejected("pages", "together") from None


def judged(look: Callable[[], tuple[dict[str, Any], bytes]]) -> tuple[dict[str, Any], bytes]:
    """What ``look`` finds; a file that it rejects, or that is too much for it, has a code."""
    try:
        return look()
    except Rejected as rejected:
        return {"code": rejected.code, "detail": rejected.detail}, b""
    except (MemoryError, RecursionError):
        return {"code": "damaged", "detail": ""}, b""


def main(*wanted: str) -> None:
    together = wanted[0] == "together"
    give_up_power(CPU_SECONDS_TOGETHER if together else CPU_SECONDS)
    if together:
        verdict, kept = judged(put_together)
    else:
        verdict, kept = judged(lambda: inspected(sys.stdin.buffer.read(), int(wanted[0])))
    sys.stdout.buffer.write(json.dumps(verdict).encode() + b"\n" + kept)


if __name__ == "__main__":
    main(*sys.argv[1:])
