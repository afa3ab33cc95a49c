"""Finds what a PDF does by itself: scripts, attachments, programs that it starts, forms that it
sends. For ``portal.inspection``, in its process.
"""

from typing import Any

import pikepdf

ACTIVE_KEYS = {"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/RichMediaContent", "/XFA"}
# What runs, opens, plays or sends something; moving within the document or to a web page does not.
ACTIVE_ACTIONS = {
    "/JavaScript",
    "/Launch",
    "/GoToE",
    "/ImportData",
    "/SubmitForm",
    "/Rendition",
    "/RichMediaExecute",
    "/Sound",
    "/Movie",
}
MAX_DEPTH = 60


class TooDeep(Exception):
    """Nested as no program nests that writes documents."""


def runs_something(document: pikepdf.Pdf) -> bool:
    """:raises TooDeep:"""
    return is_active_action(document.Root.get("/OpenAction")) or any(
        is_active(thing, depth=0) for thing in document.objects
    )


def is_active(thing: Any, *, depth: int) -> bool:
    """Walk what stands directly in an object; every indirect object has its own turn."""
    if depth > MAX_DEPTH:
        raise TooDeep
    if isinstance(thing, pikepdf.Array):
        return any(is_active(value, depth=depth + 1) for value in thing if is_container(value))
    if not isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        return False
    dictionary = thing.stream_dict if isinstance(thing, pikepdf.Stream) else thing
    for key, value in dictionary.items():
        if key in ACTIVE_KEYS or (key in ("/A", "/AA", "/OpenAction") and is_active_action(value)):
            return True
        if is_container(value) and is_active(value, depth=depth + 1):
            return True
    return is_active_action(dictionary) and str(dictionary.get("/Type", "/Action")) == "/Action"


def is_container(value: Any) -> bool:
    return isinstance(value, pikepdf.Array | pikepdf.Dictionary) and not value.is_indirect


def is_active_action(value: Any) -> bool:
    """An OpenAction as such is none: most programs that write a PDF ask for its first page."""
    if not isinstance(value, pikepdf.Dictionary):
        return False
    return str(value.get("/S", "")) in ACTIVE_ACTIONS
