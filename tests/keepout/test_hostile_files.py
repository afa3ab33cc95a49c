"""Hostile files and two thousand mutations: none is taken that should not be, none kills a process,
and each that is refused is refused in a sentence.

Nothing here may depend on chance: the mutations are the same in every run.
"""

import io
from random import Random

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from portal import files, inspection
from portal.files import Unacceptable, checked
from tests.keepout import many
from tests.keepout.hostile import HOSTILE
from tests.portal import specimens as made
from tests.portal.test_files import BAD, GOOD

MUTATIONS, SEED = 2_000, 20261121
# Beyond this, mutating it takes long and finds nothing that a small one does not.
LARGEST = 60_000
TOKENS = (
    *(b"/JS", b"/JavaScript", b"/OpenAction", b"/Length 999999999", b"stream\n", b"endobj"),
    *(b"/Kids [ 1 0 R ]", b"\xff\xd8\xff", b"\xff\xd9", b"\xff\xda\x00\x02", b"\xff\xc0"),
    *(b"IEND", b"\x00\x00\x00\x00", b"\x7f\xff\xff\xff", b"%%EOF", b"<script>", b"acTL", b"iCCP"),
)
# What does something in a PDF; read here in another way than by portal.active.
DOES_SOMETHING = (
    *(b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFiles", b"/EF", b"/RichMediaContent"),
    *(b"/SubmitForm", b"/XFA", b"/ImportData", b"/GoToE", b"/Rendition", b"/RichMediaExecute"),
)


def sentence(found: many.Found) -> str:
    return files._refusal(found.verdict["code"], found.verdict["detail"])


def test_the_corpus_is_refused_each_in_a_sentence() -> None:
    corpus = {**HOSTILE, **{name: make for name, (_code, make) in BAD.items()}}
    # Refused for what it is called, which the inspection does not know.
    renamed = {"pdf-as-photo.jpg", "photo-as-pdf.pdf", "photo-as-picture.png"}
    names = [name for name in corpus if name not in {*renamed, "photo.exe", "photo.jpg.exe"}]
    found = dict(zip(names, many.inspected([corpus[name]() for name in names]), strict=True))
    assert len(found) >= 100
    assert [name for name, each in found.items() if each.is_taken] == []
    for name, each in found.items():
        if each.verdict["code"] != "empty":
            assert sentence(each).startswith("The selected "), name


@pytest.mark.parametrize("name", ["giant-progressive.jpg", "update-behind.pdf", "bom-before-pdf"])
def test_each_kind_is_refused_by_the_whole_way_too(name: str) -> None:
    with pytest.raises(Unacceptable, match="The selected "):
        checked(SimpleUploadedFile("document.pdf", HOSTILE[name]()))


def test_names_in_hexadecimal_are_read() -> None:
    (found,) = many.inspected([HOSTILE["escaped-names.pdf"]()])
    assert found.verdict["code"] == "active"


# --- Mutations -----------------------------------------------------------------------------------


def originals() -> list[bytes]:
    """Good ones and bad ones, of every kind, with marks in them that must be gone afterwards."""
    more = (made.jpeg_with_place, made.png_with_texts, made.phone_photo, made.heic)
    every = [
        *(make() for make, _type in GOOD.values()),
        *(make() for _code, make in BAD.values()),
        *(make() for make in (*HOSTILE.values(), *more)),
    ]
    return [data for data in every if 0 < len(data) < LARGEST]


def mutated(random: Random, data: bytes, other: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(out) + 1)
        match random.randrange(7):
            case 0:  # some bytes are others
                for _each in range(random.randint(1, 8)):
                    out[random.randrange(len(out))] = random.randrange(256)
            case 1:  # a bit is turned
                out[at % len(out)] ^= 1 << random.randrange(8)
            case 2:
                del out[at:]
            case 3:
                del out[at : at + random.randint(1, 200)]
            case 4:
                out[at:at] = random.choice(TOKENS)
            case 5:  # the end of another file
                out[at:] = other[random.randrange(len(other)) :]
            case _:  # a part stands there twice
                out[at:at] = out[at : at + random.randint(1, 500)]
        if not out:
            return b"\x00"
    return bytes(out)


def test_two_thousand_mutations_are_taken_rightly_or_refused_in_a_sentence() -> None:
    random = Random(SEED)  # noqa: S311 (it is to be the same each time)
    seeds = originals()
    mutants = [
        mutated(random, random.choice(seeds), random.choice(seeds)) for _ in range(MUTATIONS)
    ]
    found = many.inspected(mutants)
    assert len(found) == MUTATIONS
    taken = [each for each in found if each.is_taken]
    for each in found:
        if not each.is_taken:
            assert each.kept == b""
            assert sentence(each).startswith("The selected ")
    # Enough of both, else the mutations are too coarse or too fine to show anything.
    assert len(taken) > MUTATIONS / 50
    assert len(taken) < MUTATIONS / 2
    for each in taken:
        judge(each)
    again = many.inspected([each.kept for each in taken])
    assert [each.kept for each in again] == [each.kept for each in taken]


def judge(found: many.Found) -> None:
    """What was taken is what it is said to be, whole, and carries nothing else."""
    type_, kept = found.verdict["type"], found.kept
    assert inspection.SIGNATURES[next(s for s in inspection.SIGNATURES if kept.startswith(s))] == (
        type_
    )
    if type_ == inspection.PDF:
        with pikepdf.open(io.BytesIO(kept), attempt_recovery=False) as document:
            assert 0 < len(document.pages) <= inspection.MAX_PAGES
            assert not document.is_encrypted
            for thing in document.objects:
                head = thing.stream_dict if isinstance(thing, pikepdf.Stream) else thing
                if not isinstance(head, pikepdf.Object):
                    continue  # a number, or nothing
                names = set(head.unparse().replace(b"[", b" ").split())
                assert not names & set(DOES_SOMETHING), head
        return
    with Image.open(io.BytesIO(kept), formats=["JPEG", "PNG"]) as image:
        image.load()
        assert min(image.size) >= inspection.MIN_SIDE
        assert image.size[0] * image.size[1] <= inspection.MAX_PIXELS
    assert b"Canary" not in kept
    end = b"\xff\xd9" if type_ == inspection.JPEG else b"IEND\xaeB`\x82"
    assert kept.endswith(end)
