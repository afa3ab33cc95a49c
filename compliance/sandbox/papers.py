"""Small valid files for the seeded documents: a PDF with a few lines, and a picture of a card."""

import io
from collections.abc import Sequence
from functools import lru_cache

from PIL import Image, ImageDraw


@lru_cache(maxsize=128)
def pdf(*lines: str) -> bytes:
    """One page with the lines on it, in the standard font that every reader has."""
    commands = "BT /F1 14 Tf 72 770 Td 22 TL " + " ".join(f"({_text(line)}) '" for line in lines)
    content = f"{commands} ET".encode("latin-1", "replace")
    return _assemble(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /Font << /F1 5 0 R >> >> >>",
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        ]
    )


@lru_cache(maxsize=128)
def png(*lines: str) -> bytes:
    image = Image.new("RGB", (640, 400), "#f4f1e8")
    draw = ImageDraw.Draw(image)
    draw.rectangle((20, 20, 619, 379), outline="#5b6770", width=3)
    draw.rectangle((50, 90, 210, 300), fill="#b8c4cc")
    for row, line in enumerate(lines):
        draw.text((240, 90 + row * 30), line, fill="#1d2a33")
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _text(line: str) -> str:
    for mark in ("\\", "(", ")"):
        line = line.replace(mark, f"\\{mark}")
    return line


def _assemble(objects: Sequence[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for offset in offsets:
        out += b"%010d 00000 n \n" % offset
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )
    return bytes(out)
