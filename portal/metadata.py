"""Takes out of a PDF what it says about itself: author, title, programs and dates, in the document
information and as XMP, of the whole and of each picture in it. For ``portal.inspection``, in its
process.
"""

import io
from collections.abc import Iterator

import pikepdf

INFORMATION, XMP = "/Info", "/Metadata"


def without_metadata(document: pikepdf.Pdf) -> bytes | None:
    """The same pages, stream for stream; None if the file can stay as it is.

    A signed file stays as it is: a signature covers every byte, and would be broken. Who signs a
    document wants to be known by it.
    """
    described = [thing for thing in dictionaries(document) if XMP in thing]
    if not (described or INFORMATION in document.trailer) or is_signed(document):
        return None
    for thing in described:
        del thing[XMP]
    if INFORMATION in document.trailer:
        del document.trailer[INFORMATION]
    out = io.BytesIO()
    document.save(
        out,
        compress_streams=False,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        object_stream_mode=pikepdf.ObjectStreamMode.preserve,
        # The same file gives the same bytes each time.
        deterministic_id=True,
    )
    return out.getvalue()


def is_signed(document: pikepdf.Pdf) -> bool:
    """Each signature, whatever its kind, says which bytes it covers."""
    return any("/ByteRange" in thing for thing in dictionaries(document))


def dictionaries(document: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Of all objects, also of streams."""
    for thing in document.objects:
        if isinstance(thing, pikepdf.Stream):
            yield thing.stream_dict
        elif isinstance(thing, pikepdf.Dictionary):
            yield thing
            # A field may hold its signature itself.
            value = thing.get("/V")
            if isinstance(value, pikepdf.Dictionary) and not value.is_indirect:
                yield value
