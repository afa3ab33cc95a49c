"""Checks an uploaded file before it is kept: what it is, whether it can be read, and that it
carries nothing but a document. The bytes are looked into by ``portal.inspection`` in a process
that has no access to anything and is killed when it takes too long.
"""

import json
import logging
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from threading import BoundedSemaphore
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from compliance.answers import File
from compliance.wording import labels
from portal import scanner

logger = logging.getLogger(__name__)

INSPECTION = Path(__file__).with_name("inspection.py")
# The time on the processor is limited inside; on a busy machine a good file has to wait for it.
INSPECTION_SECONDS = 30
TOGETHER_SECONDS = 45
# Each may take a gigabyte of memory for a moment.
_at_once = BoundedSemaphore(2)
WAIT_SECONDS = 30

ENDINGS = {
    "application/pdf": {".pdf"},
    "image/jpeg": {".jpg", ".jpeg", ".jpe", ".jfif"},
    "image/png": {".png"},
}
NAMES = {"application/pdf": "PDF", "image/jpeg": "JPG", "image/png": "PNG"}
# By how many degrees, clockwise, a file can be turned.
TURNS = ("0", "90", "180", "270")


class Unacceptable(Exception):
    """The file can't be taken. ``sentence`` tells the customer why and what to do.

    ``code`` is one of empty, too-large, type, password, damaged, active, pages, tiny, again,
    harmful, unchecked.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code, sentence)
        self.code = code
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True, kw_only=True)
class Page:
    """A checked file on its way into a document of several, ``turned`` clockwise by degrees."""

    file: File
    turned: int


def checked(uploaded: "UploadedFile[bytes]") -> File:
    """The file, fit to be kept and sent.

    :raises Unacceptable: with the sentence to show next to the field.
    """
    return looked_at(uploaded)[0]


def looked_at(uploaded: "UploadedFile[bytes]") -> tuple[File, list[str]]:
    """The same, and what makes it doubtful whether a person can read it: a code each, for
    :mod:`portal.wording.doubts`.

    :raises Unacceptable: with the sentence to show next to the field.
    """
    # The handler keeps no byte of a file that is too large, but it has counted them.
    if (uploaded.size or 0) > settings.MAX_UPLOAD_BYTES:
        raise too_large()
    data = uploaded.read()
    if not data:
        raise Unacceptable("empty", _("The selected file is empty."))
    name = uploaded.name or ""
    verdict, cleaned = _child(data, str(settings.MAX_UPLOAD_BYTES), seconds=INSPECTION_SECONDS)
    type_ = verdict["type"]
    if verdict.get("was_heic"):
        name = f"{PurePosixPath(name).stem or 'photo'}.jpg"
    ending = PurePosixPath(name).suffix.lower()
    if len(cleaned) > settings.MAX_UPLOAD_BYTES:
        raise too_large()
    if ending and ending not in ENDINGS[type_]:
        raise Unacceptable(
            "type",
            _(
                "The selected file is named %(ending)s but is a %(type)s. "
                "Save it again as a PDF, JPG or PNG, then select it."
            )
            % {"ending": ending[:10], "type": NAMES[type_]},
        )
    _scan(data)
    return File(name=name, type=type_, data=cleaned), verdict.get("doubts", [])


def _scan(data: bytes) -> None:
    """As it came: what was cut off it was in it."""
    if not scanner.is_there():
        return
    try:
        scanner.check(data)
    except scanner.Harmful as found:
        logger.warning("The virus scanner found %s in an upload, which was not kept.", found)
        raise Unacceptable("harmful", _refusal("harmful", "")) from found
    except scanner.NotChecked as why:
        logger.error("The virus scanner did not answer (%s): an upload was not kept.", why)
        raise Unacceptable("unchecked", _refusal("unchecked", "")) from why


def together(pages: Sequence[Page]) -> File:
    """One PDF of all of them, in this order, named after the first.

    :raises Unacceptable: they are too large or too many.
    """
    order = {
        "limit": settings.MAX_UPLOAD_BYTES,
        "files": [
            {"type": page.file.type, "size": len(page.file.data), "turned": page.turned}
            for page in pages
        ],
    }
    head = json.dumps(order).encode() + b"\n"
    data = b"".join([head, *(page.file.data for page in pages)])
    verdict, bound = _child(data, "together", seconds=TOGETHER_SECONDS)
    name = PurePosixPath(pages[0].file.name).stem or "document"
    return File(name=f"{name}.pdf", type=verdict["type"], data=bound)


def too_large() -> Unacceptable:
    return Unacceptable(
        "too-large",
        _("The selected file must be smaller than %(size)s MB.") % {"size": max_megabytes()},
    )


def max_megabytes() -> str:
    return labels.megabytes(settings.MAX_UPLOAD_BYTES)


def _child(data: bytes, *wanted: str, seconds: float) -> tuple[dict[str, Any], bytes]:
    """What the inspecting program says about ``data``, and the bytes that it made of it."""
    if not _at_once.acquire(timeout=WAIT_SECONDS):
        raise Unacceptable("again", _refusal("again", ""))
    try:
        # No environment: the keys of the installation are none of its business.
        answer = subprocess.run(  # noqa: S603 (our own program)
            [sys.executable, "-I", "-B", str(INSPECTION), *wanted],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            timeout=seconds,
            check=True,
        ).stdout
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        # A file that makes the reading program hang or die is broken at best.
        raise Unacceptable("damaged", _refusal("damaged", "")) from error
    except OSError as error:
        raise Unacceptable("again", _refusal("again", "")) from error
    finally:
        _at_once.release()
    verdict_line, _newline, cleaned = answer.partition(b"\n")
    verdict = json.loads(verdict_line)
    if "code" in verdict:
        raise Unacceptable(verdict["code"], _refusal(verdict["code"], verdict["detail"]))
    return verdict, cleaned


def _refusal(code: str, detail: str) -> str:
    match code, detail:
        case "type", "heic":
            return _(
                "The selected file is a HEIC photo, which can't be read here. Take the photo again "
                "from this page, or open it, choose Share or Export, and save it as JPG."
            )
        case "type", "office":
            return _(
                "The selected file is a text or table document. "
                "Open it, save it as PDF, and select the PDF."
            )
        case "type", _other:
            return _("The selected file must be a PDF, JPG or PNG.")
        case "password", _other:
            return _(
                "The selected file is password protected. "
                "Print it to a new PDF without a password, and select that."
            )
        case "active", _other:
            return _(
                "The selected file contains attachments, scripts or forms that run by themselves. "
                "Print it to a new PDF, and select that."
            )
        case "pages", "together":
            return _(
                "The selected files have more than 100 pages together. "
                "Select only the pages that are needed."
            )
        case "pages", _other:
            return _(
                "The selected file has more than 100 pages. Select only the pages that are needed."
            )
        case "too-large", "together":
            return _(
                "The selected files must be smaller than %(size)s MB together. "
                "Select only the pages that are needed."
            ) % {"size": max_megabytes()}
        case "too-large", _other:
            return _("The selected photo has more than 40 megapixels. Make it smaller.")
        case "tiny", _other:
            return _(
                "The selected picture is too small to be read. "
                "Take it again, with the document filling the picture."
            )
        case "harmful", _other:
            return _(
                "The selected file was not kept, because something harmful was found in it. "
                "Scan the document again, or print it to a new PDF, and select the new file."
            )
        case "unchecked", _other:
            return _(
                "The selected file was not kept, because files can't be checked for viruses at "
                "the moment. Try again in a few minutes."
            )
        case "again", _other:
            return _("The selected file could not be uploaded. Try again.")
        case _:
            return _(
                "The selected file is damaged and could not be opened. "
                "Save or scan it again, and select the new file."
            )
