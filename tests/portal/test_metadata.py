"""What a PDF says about itself is not kept, its pages are to the byte, a signed one is as it is."""

import io

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pikepdf import Array, Dictionary, Name

from portal.files import checked
from tests.portal import specimens as made

AUTHOR = "Ada Ackermann"
XMP = f'<?xpacket begin=""?><x:xmpmeta>{AUTHOR}</x:xmpmeta><?xpacket end="w"?>'.encode()


def kept(data: bytes) -> bytes:
    return checked(SimpleUploadedFile("letter.pdf", data, content_type="application/pdf")).data


def xmp(document: pikepdf.Pdf) -> pikepdf.Stream:
    return document.make_stream(XMP, Type=Name.Metadata, Subtype=Name.XML)


def informed(document: pikepdf.Pdf) -> None:
    document.docinfo["/Author"] = AUTHOR
    document.docinfo["/Title"] = f"A letter by {AUTHOR}"


def described(document: pikepdf.Pdf) -> None:
    document.Root.Metadata = xmp(document)


def described_picture(document: pikepdf.Pdf) -> None:
    picture = document.make_stream(
        bytes(100 * 100),
        Type=Name.XObject, Subtype=Name.Image, Width=100, Height=100,
        ColorSpace=Name.DeviceGray, BitsPerComponent=8, Metadata=xmp(document),
    )  # fmt: skip
    document.pages[0].Resources.XObject = Dictionary(I=picture)


def signed(document: pikepdf.Pdf) -> None:
    informed(document)
    signature = Dictionary(
        Type=Name.Sig, Filter=Name("/Adobe.PPKLite"), ByteRange=Array([0, 10, 20, 30])
    )
    field = Dictionary(FT=Name.Sig, T=pikepdf.String("Signature"), V=signature)
    fields = Array([document.make_indirect(field)])
    document.Root.AcroForm = Dictionary(SigFlags=3, Fields=fields)


def streams(data: bytes) -> list[bytes]:
    with pikepdf.open(io.BytesIO(data)) as document:
        return [page.Contents.read_raw_bytes() for page in document.pages]


@pytest.mark.parametrize("change", [informed, described, described_picture])
@pytest.mark.parametrize("packed", [True, False])
def test_author_and_title_are_not_kept_and_the_pages_are(
    change: made.Change, *, packed: bool
) -> None:
    modes = pikepdf.ObjectStreamMode
    original = made.pdf(
        pages=3, change=change, object_stream_mode=modes.generate if packed else modes.disable
    )
    clean = kept(original)

    with pikepdf.open(io.BytesIO(clean)) as document:
        assert "/Info" not in document.trailer
        assert "/Metadata" not in document.Root
        everything = b"".join(thing.unparse(resolved=True) for thing in document.objects)
        everything += b"".join(
            thing.read_bytes() for thing in document.objects if isinstance(thing, pikepdf.Stream)
        )
    assert AUTHOR.encode() not in everything
    assert AUTHOR.encode() not in clean
    assert streams(clean) == streams(original)


def test_the_same_file_is_the_same_each_time_and_clean_after_once() -> None:
    original = made.pdf(change=informed)
    assert kept(original) == kept(original) != original
    assert kept(kept(original)) == kept(original)


def test_a_file_that_says_nothing_about_itself_is_not_written_anew() -> None:
    original = made.pdf(pages=2)
    assert kept(original) == original


def test_a_signed_file_is_kept_as_it_is() -> None:
    original = made.pdf(change=signed)
    assert AUTHOR.encode() in original
    assert kept(original) == original
