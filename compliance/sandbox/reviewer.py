"""The automatic reviewer: looks at each document of a bundle as a careful person would, and says
what is wrong with it in the codes of a real review (18001 and up).
"""

import io
import re
from datetime import date

import pikepdf
from PIL import Image, ImageStat

from compliance.sandbox.lifecycle import Verdict
from compliance.sandbox.records import Bundle, Document
from compliance.sandbox.state import State

SMALLEST_SIDE = 200

_EXPIRY = re.compile(r"expir|valid_until|valid_to")
LARGEST_AREA = 60_000_000

# A page this plain carries nothing to read: the difference between its lightest and darkest dots.
_BLANK_CONTRAST = 8


def look_at(state: State, bundle: Bundle) -> list[Verdict]:
    """The documents to reject, each with code and reason; empty when all is well."""
    today = state.clock.now().date()
    verdicts = []
    for document in state.documents_of(bundle):
        content = state.blobs.get(document.file) if document.file else None
        fault = examine(document, content, today)
        if fault is not None:
            verdicts.append(Verdict(document.sid, fault[0], fault[1]))
    return verdicts


def examine(document: Document, content: bytes | None, today: date) -> tuple[int, str] | None:
    """Code and reason of the first fault that a reader would stumble over."""
    for name, value in document.attributes.items():
        if _EXPIRY.search(name) and _is_past(value, today):
            return 18003, "The document had expired when it was looked at."
    if content is None:
        if needs_file(document.type):
            return 18002, "No file came with the document, so there is nothing to read."
        return None
    if not content:
        return 18002, "The file is empty."
    if b"%PDF" in content[:1024]:
        return _examine_pdf(content)
    return _examine_image(content)


def needs_file(document_type: str) -> bool:
    """Types that only carry an address are validated by themselves, without a paper."""
    return document_type != "address" and not document_type.endswith("_address")


def _is_past(value: object, today: date) -> bool:
    try:
        return date.fromisoformat(str(value)[:10]) < today
    except ValueError:
        return False


def _examine_pdf(content: bytes) -> tuple[int, str] | None:
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            if pdf.is_encrypted:
                return 18002, "The PDF is protected, so it cannot be read."
            if any(_shows_something(page) for page in pdf.pages):
                return None
            return 18002, "The pages of the PDF are blank."
    except pikepdf.PasswordError:
        return 18002, "The PDF asks for a password, so it cannot be read."
    except pikepdf.PdfError:
        return 18024, "The file is damaged: it does not open as a PDF."


def _shows_something(page: pikepdf.Page) -> bool:
    if "/Annots" in page:
        return True
    if "/Contents" not in page:
        return False
    shows = {"Tj", "TJ", "'", '"', "Do", "INLINE IMAGE", "sh", "S", "s", "f", "F", "f*", "B", "b"}
    return any(
        str(instruction.operator) in shows for instruction in pikepdf.parse_content_stream(page)
    )


def _examine_image(content: bytes) -> tuple[int, str] | None:
    try:
        with Image.open(io.BytesIO(content)) as image:
            if image.width * image.height > LARGEST_AREA:
                return 18024, "The picture is too large to be opened."
            image.load()
            if min(image.size) < SMALLEST_SIDE:
                return 18002, "The picture is too small to read."
            (darkest, lightest), *_ = ImageStat.Stat(image.convert("L")).extrema
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return 18024, "The picture is too large to be opened."
    except (OSError, ValueError, SyntaxError):
        return 18024, "The file is damaged, or is not what its name says."
    if lightest - darkest < _BLANK_CONTRAST:
        return 18002, "The picture is blank."
    return None
