"""A file is nowhere in the plain but in memory, is kept with its answer or not at all, and loses
what is about it without losing anything of it.
"""

import io
import os
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from threading import get_ident
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from compliance import answers
from compliance.models import Answer, Event, Renewal, StagedFile, Upload
from portal import inspection
from portal.files import checked
from tests.pages.test_uploads import EXTRACT, TASK, staged, url
from tests.portal import specimens as made
from tests.world import World

# More than Django's own handlers keep in memory.
LARGE = made.jpeg() + bytes(3_000_000)
_opened: list[str] = []
_watched: int | None = None


MAKES_A_FILE = ("os.mkdir", "os.rename", "os.link", "os.symlink", "tempfile.mkstemp")


def _watch(event: str, args: tuple[Any, ...]) -> None:
    if _watched != get_ident():
        return
    if event == "open" and isinstance(args[0], str | bytes) and _writes(args):
        _opened.append(os.fsdecode(args[0]))
    elif event in MAKES_A_FILE and "__pycache__" not in str(args):
        _opened.append(f"{event} {args}")


def _writes(args: tuple[Any, ...]) -> bool:
    path = os.fsdecode(args[0])
    # Python keeps what it has compiled of a module that is imported for the first time.
    ours = path != os.devnull and "__pycache__" not in path
    return ours and bool(args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


@cache
def _hook() -> None:
    """Python lets nobody take one away again, so there is one, switched on and off."""
    sys.addaudithook(_watch)


@pytest.fixture
def written() -> Iterator[list[str]]:
    """The files that this thread opens to write while a test runs."""
    global _watched
    _hook()
    _opened.clear()
    _watched = get_ident()
    yield _opened
    _watched = None


def large(name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, LARGE)


def test_the_watch_sees_what_is_written(tmp_path: Path, written: list[str]) -> None:
    (tmp_path / "seen").write_text("x")
    assert written == [str(tmp_path / "seen")]


def test_an_upload_opens_no_file(client: Client, fixing: Renewal, written: list[str]) -> None:
    answer = client.post(url(fixing), {"file": large()})
    assert answer.status_code == 200
    answer = client.post(f"/r/{fixing.reference}/{TASK}/", {**EXTRACT, "file": [large(), large()]})
    assert answer.status_code in (302, 422)
    assert StagedFile.objects.exists() or fixing.answers.exists()
    assert written == []


def test_one_that_is_too_large_opens_none_either(
    client: Client, fixing: Renewal, written: list[str]
) -> None:
    huge = SimpleUploadedFile("huge.jpg", made.jpeg() + bytes(6_000_000))
    assert client.post(url(fixing), {"file": huge}).status_code == 422
    assert written == []


# --- With its answer or not at all ---------------------------------------------------------------


def test_what_fails_behind_the_file_takes_the_file_back(
    client: Client, fixing: Renewal, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = staged(client, fixing)
    create = Event.objects.create

    def fail(**fields: Any) -> Event:
        if fields["kind"] == "answer-saved":
            assert Upload.objects.exists()
            raise ConnectionError
        return create(**fields)

    monkeypatch.setattr(Event.objects, "create", fail)
    with pytest.raises(ConnectionError):
        client.post(f"/r/{fixing.reference}/{TASK}/", {**EXTRACT, "page": token})
    assert not Upload.objects.exists()
    assert not Answer.objects.exists()
    assert StagedFile.objects.get().token == token


def test_once_twilio_has_it_no_byte_is_left(world: World) -> None:
    renewal = world.prepared("acme-de-papers")
    letter = made.pdf(pages=3)
    tasks = answers.checklist_of(renewal).tasks
    (document,) = [task for task in tasks if task.kind == "document"]
    world.save("acme-de-papers", document, file=letter)
    kept = Upload.objects.get()
    assert letter[:200] not in bytes(kept.sealed)
    assert answers.saving.bytes_of(kept.answer) == letter
    world.work("acme-de-papers")
    answer = Answer.objects.get(task=document.key)
    assert answer.state == Answer.State.DELIVERED
    assert (bytes(answer.sealed), Upload.objects.count()) == (b"", 0)


# --- What is about it ----------------------------------------------------------------------------

MARK = b"Canary"


def _segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body


def with_segments(data: bytes) -> bytes:
    """A mark in each segment that a JPEG can have about itself."""
    about = [
        _segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x>" + MARK + b"</x>"),
        _segment(0xED, b"Photoshop 3.0\x008BIM" + MARK),
        _segment(0xE2, b"MPF\0" + MARK),
        _segment(0xFE, MARK),
        *(_segment(marker, MARK) for marker in (0xE1, *range(0xE3, 0xEE), 0xEF)),
    ]
    return data[:2] + b"".join(about) + data[2:]


JPEGS: dict[str, Callable[[], bytes]] = {
    "plain": made.jpeg,
    "progressive": lambda: made.jpeg(progressive=True),
    "optimized": lambda: made.jpeg(optimize=True, quality=35),
    "grey": lambda: made.jpeg(made.picture().convert("L")),
    "cmyk": lambda: made.jpeg(made.picture().convert("CMYK")),
    "subsampled": lambda: made.jpeg(subsampling=2),
    "with restarts": lambda: made.jpeg(restart_marker_rows=1),
    "of odd size": lambda: made.jpeg(made.picture(601, 403)),
}


def drawn(data: bytes) -> list[bytes]:
    """The tables, the frame and the scans: of these alone the coefficients are made."""
    return [
        segment
        for marker, segment in inspection.jpeg_segments(data)
        if not (0xE0 <= marker <= 0xEF or marker == inspection.COMMENT)
    ]


@pytest.mark.parametrize("name", JPEGS)
def test_a_photo_keeps_each_coefficient_and_loses_what_is_about_it(name: str) -> None:
    plain = JPEGS[name]()
    marked = with_segments(plain)
    assert marked.count(MARK) >= 15
    cleaned = inspection.cleaned_jpeg(marked)
    assert MARK not in cleaned
    assert drawn(cleaned) == drawn(marked)
    with Image.open(io.BytesIO(plain)) as before, Image.open(io.BytesIO(cleaned)) as after:
        assert (after.mode, after.size) == (before.mode, before.size)
        assert after.tobytes() == before.tobytes()


@pytest.mark.parametrize("turned", range(1, 9))
def test_a_photo_stays_turned_as_it_was(turned: int) -> None:
    cleaned = checked(SimpleUploadedFile("a.jpg", made.jpeg_with_place(turned))).data
    with Image.open(io.BytesIO(cleaned)) as after:
        assert after.getexif().get(0x0112, 1) == turned
    assert MARK not in cleaned


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_picture_keeps_each_pixel_and_loses_what_is_about_it(mode: str) -> None:
    image = made.picture().convert("L" if mode == "I;16" else mode)
    plain = made.png(image.convert("I;16") if mode == "I;16" else image)
    about = [
        made.chunk(b"tEXt", b"Author\0" + MARK),
        made.chunk(b"iTXt", b"Place\0\0\0\0\0" + MARK),
        made.chunk(b"eXIf", b"MM\x00*" + MARK),
        made.chunk(b"tIME", bytes(7)),
        made.chunk(b"prVt", MARK),
    ]
    cleaned = inspection.cleaned_png(plain[:33] + b"".join(about) + plain[33:])
    assert cleaned == plain
    with Image.open(io.BytesIO(plain)) as before, Image.open(io.BytesIO(cleaned)) as after:
        assert after.tobytes() == before.tobytes()
