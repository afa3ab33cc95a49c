"""Puts several files into one PDF, each photo on a page of its own.

Runs within ``portal.inspection``, in its process, on files that have been inspected before. A photo
stays as it is, bit for bit; only when all together would be too large, photos are made smaller,
step by step and no more than needed.
"""

import contextlib
import io
import json
from typing import Any, BinaryIO

PDF, JPEG = "application/pdf", "image/jpeg"
MAX_PAGES = 100
# A4 in points.
PAPER = (595.28, 841.89)
# Longest side in pixels, and quality of the JPEG; the first leaves everything as it is.
STEPS: tuple[tuple[int, int] | None, ...] = (None, (2600, 85), (2000, 80), (1600, 70), (1200, 60))


class TooLarge(Exception):
    """Even with small photos."""


class TooManyPages(Exception):
    """More than a document has."""


def together(stream: BinaryIO) -> bytes:
    """One PDF of what ``stream`` holds: a line of JSON, then the files one after the other.

    The line: ``{"limit": bytes, "files": [{"type": str, "size": bytes, "turned": degrees}]}``.
    """
    order = json.loads(stream.readline())
    files = [(each["type"], each["turned"], stream.read(each["size"])) for each in order["files"]]
    has_photos = any(type_ != PDF for type_, _turned, _data in files)
    steps = STEPS if has_photos else STEPS[:1]
    if has_photos and sum(len(data) for _type, _turned, data in files) > order["limit"]:
        steps = STEPS[1:]
    for step in steps:
        book = bound(files, step)
        if len(book) <= order["limit"]:
            return book
    raise TooLarge


def bound(files: list[tuple[str, int, bytes]], step: tuple[int, int] | None) -> bytes:
    import pikepdf

    with contextlib.ExitStack() as opened:
        book = opened.enter_context(pikepdf.new())
        for type_, turned, data in files:
            sheet = data if type_ == PDF else sheet_of(data, type_, step)
            # Stays open until the book is written: pages are copied late.
            source = opened.enter_context(pikepdf.open(io.BytesIO(sheet)))
            if len(book.pages) + len(source.pages) > MAX_PAGES:
                raise TooManyPages
            for page in source.pages:
                if turned:
                    page.rotate(turned, relative=True)
                book.pages.append(page)
        out = io.BytesIO()
        # The same files make the same book, so that one sent twice is known as such.
        book.save(
            out,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
    return out.getvalue()


def sheet_of(data: bytes, type_: str, step: tuple[int, int] | None) -> bytes:
    """A photo on a page of paper, lying if the photo lies."""
    import img2pdf

    made = img2pdf.convert(
        smaller(data, step) if step else opaque(data, type_),
        layout_fun=img2pdf.get_layout_fun(PAPER, fit=img2pdf.FitMode.into, auto_orient=True),
        rotation=img2pdf.Rotation.ifvalid,
        nodate=True,
        producer="",
    )
    return bytes(made)


def opaque(data: bytes, type_: str) -> bytes:
    """A PDF of this kind holds nothing transparent: white shows through instead."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None
    if type_ == JPEG:
        return data
    with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
        if not image.has_transparency_data:
            return data
        return saved(on_white(image), "PNG", icc_profile=image.info.get("icc_profile"))


def smaller(data: bytes, step: tuple[int, int]) -> bytes:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None
    side, quality = step
    with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as image:
        profile = image.info.get("icc_profile")
        # Lets a large JPEG be decoded at a fraction of its size.
        image.draft(None, (side, side))
        upright = ImageOps.exif_transpose(image)
        if upright.has_transparency_data:
            upright = on_white(upright)
        if upright.mode not in ("L", "RGB"):
            profile = profile if upright.mode == "P" else None
            upright = upright.convert("RGB")
        upright.thumbnail((side, side))
        return saved(upright, "JPEG", quality=quality, icc_profile=profile)


def on_white(image: Any) -> Any:
    from PIL import Image

    picture = image.convert("RGBA")
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture).convert("RGB")


def saved(image: Any, format_: str, **options: Any) -> bytes:
    out = io.BytesIO()
    # What is known about the photo is not to go along.
    image.info = {}
    image.save(out, format_, **options)
    return out.getvalue()
