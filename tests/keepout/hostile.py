"""More files than ``tests.portal`` has that nobody should be able to put before a reviewer: other
kinds, polyglots, ones that lie about their size, and PDFs that hide what they do.
"""

import io
import struct
import zlib
from collections.abc import Callable

import pikepdf
from pikepdf import Array, Dictionary, Name

from tests.portal import specimens as made

JPEG = b"\xff\xd8\xff"


def _segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def jpeg_of(width: int, height: int, *, frame: int = 0xC0) -> bytes:
    """The specimen, with another size or kind of frame in its head."""
    data = bytearray(made.jpeg())
    at = data.index(b"\xff\xc0")
    data[at + 1] = frame
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def _pdf(change: Callable[[pikepdf.Pdf], None], **options: object) -> bytes:
    return made.pdf(change=change, **options)


def _root(key: str, value: Callable[[pikepdf.Pdf], object]) -> bytes:
    def change(document: pikepdf.Pdf) -> None:
        document.Root[key] = value(document)

    return _pdf(change)


def _annotation(**entries: object) -> bytes:
    def change(document: pikepdf.Pdf) -> None:
        entry = Dictionary(Type=Name.Annot, Rect=Array([0, 0, 9, 9]), **entries)
        document.pages[0].obj.Annots = Array([entry])

    return _pdf(change)


def _field_script(document: pikepdf.Pdf) -> object:
    field = Dictionary(FT=Name.Tx, T=pikepdf.String("x"), AA=Dictionary(K=made.script(document)))
    return Dictionary(Fields=Array([document.make_indirect(field)]))


def _chained(document: pikepdf.Pdf) -> object:
    return Dictionary(S=Name.GoTo, D=Array([]), Next=made.script(document))


def with_escaped_names() -> bytes:
    """Names may be written in hexadecimal; nothing moves, so the table stays right."""
    plain = made.pdf(change=made.opens_with_script)
    return plain.replace(b"/JavaScript", b"/#4aavaScript").replace(b"app.alert", b"app.ale")


def added_behind() -> bytes:
    """A harmless PDF, and behind its end an update that brings a script."""
    plain = made.pdf()
    (start,) = (int(line) for line in plain.split(b"startxref\n")[1].split(b"\n")[:1])
    with pikepdf.open(io.BytesIO(plain)) as document:
        number = document.Root.objgen[0]
        pages = document.Root.Pages.objgen[0]
    at = len(plain)
    root = (
        b"%d 0 obj\n<< /Type /Catalog /Pages %d 0 R /OpenAction << /S /JavaScript /JS (x) >> >>"
        b"\nendobj\n" % (number, pages)
    )
    table = b"xref\n%d 1\n%010d 00000 n \n" % (number, at)
    trailer = b"trailer\n<< /Size 99 /Root %d 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (
        number,
        start,
        at + len(root),
    )
    return plain + root + table + trailer


def table_in_a_circle() -> bytes:
    body = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
    return body + (
        b"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 2 /Root 1 0 R /Prev %d >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (len(body), len(body))
    )


def png_with(*chunks: bytes, width: int = 200, height: int = 200) -> bytes:
    return made.png_of(width, height, zlib.compress(bytes(200 * 601)), *chunks)


HOSTILE: dict[str, Callable[[], bytes]] = {
    # Other kinds, whatever they are called.
    "bitmap": lambda: b"BM" + bytes(600),
    "icon": lambda: b"\x00\x00\x01\x00" + bytes(600),
    "photoshop": lambda: b"8BPS" + bytes(600),
    "postscript": lambda: b"%!PS-Adobe-3.0\n(%PDF-1.4) show",
    "rich-text": lambda: b"{\\rtf1 " + bytes(600),
    "jpeg-2000": lambda: b"\x00\x00\x00\x0cjP  \r\n\x87\n" + bytes(600),
    "jpeg-xl": lambda: b"\xff\x0a" + bytes(600),
    "shell": lambda: b"#!/bin/sh\nrm -rf /\n",
    "shortcut": lambda: b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(600),
    "mach-o": lambda: b"\xcf\xfa\xed\xfe" + bytes(600),
    "class": lambda: b"\xca\xfe\xba\xbe" + bytes(600),
    "svg-in-utf-16": lambda: "<svg onload='x()'/>".encode("utf-16"),
    "xml-with-entities": lambda: b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a SYSTEM 'f'>]>",
    "tar": lambda: b"a" * 257 + b"ustar" + bytes(600),
    "seven-zip": lambda: b"7z\xbc\xaf\x27\x1c" + bytes(600),
    "avif": lambda: b"\x00\x00\x00\x18ftypavif" + bytes(600),
    # Begins as something else.
    "bom-before-pdf": lambda: b"\xef\xbb\xbf" + made.pdf(),
    "zip-before-pdf": lambda: made.zip_with("a") + made.pdf(),
    "jpeg-before-pdf": lambda: JPEG + made.pdf(),
    "png-before-jpeg": lambda: made.png()[:8] + made.jpeg(),
    "pdf-head-before-png": lambda: b"%PDF-1.7\n" + made.png(),
    # Lies about its size.
    "giant.jpg": lambda: jpeg_of(65_535, 65_535),
    "giant-progressive.jpg": lambda: jpeg_of(65_535, 65_535, frame=0xC2),
    "flat.jpg": lambda: jpeg_of(600, 0),
    "lossless.jpg": lambda: jpeg_of(600, 400, frame=0xC3),
    "differential.jpg": lambda: jpeg_of(600, 400, frame=0xC5),
    "without-frame.jpg": lambda: JPEG[:2] + _segment(0xE0, b"JFIF\0") + b"\xff\xd9",
    "comment-only.jpg": lambda: JPEG[:2] + _segment(0xFE, b"<?php x(); ?>") * 99 + b"\xff\xd9",
    "segment-beyond-the-end.jpg": lambda: JPEG + b"\xe1\xff\xff" + bytes(99),
    "wide.png": lambda: png_with(width=2**31 - 1, height=1),
    "tall.png": lambda: png_with(width=1, height=2**31 - 1),
    "nothing.png": lambda: png_with(width=0, height=0),
    "two-heads.png": lambda: png_with(made.chunk(b"IHDR", bytes(13))),
    "without-end.png": lambda: made.png()[:-12],
    "without-head.png": lambda: made.png()[:8] + made.png()[33:],
    "text-as-data.png": lambda: made.png_of(200, 200, b"<script>"),
    # A PDF that does something, hidden.
    "escaped-names.pdf": with_escaped_names,
    "update-behind.pdf": added_behind,
    "circle.pdf": table_in_a_circle,
    "in-object-streams.pdf": lambda: _pdf(
        made.opens_with_script, object_stream_mode=pikepdf.ObjectStreamMode.generate
    ),
    "root-actions.pdf": lambda: _root("/AA", lambda d: Dictionary(WC=made.script(d))),
    "field-script.pdf": lambda: _root("/AcroForm", _field_script),
    "chained-action.pdf": lambda: _root("/OpenAction", _chained),
    "rich-media.pdf": lambda: _annotation(
        Subtype=Name.RichMedia, RichMediaContent=Dictionary(Assets=Dictionary())
    ),
    "sound.pdf": lambda: _annotation(Subtype=Name.Link, A=Dictionary(S=Name.Sound)),
    "movie.pdf": lambda: _annotation(Subtype=Name.Link, A=Dictionary(S=Name.Movie)),
    "rendition.pdf": lambda: _annotation(Subtype=Name.Link, A=Dictionary(S=Name.Rendition)),
    "import.pdf": lambda: _annotation(Subtype=Name.Link, A=Dictionary(S=Name.ImportData)),
    "embedded-goto.pdf": lambda: _annotation(Subtype=Name.Link, A=Dictionary(S=Name.GoToE)),
    "attachment-annotation.pdf": lambda: _annotation(
        Subtype=Name.FileAttachment, FS=Dictionary(EF=Dictionary())
    ),
}
