"""Marked values, and a search that finds them however they are written.

A mark is a word that nobody types by chance. What can't be a word (a date, a phone number, a piece
of a file) is given as it is.
"""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import quote, quote_plus

# Capital letters would be lost in an e-mail address.
WORD = "zqkanari"
BASE64_RUN = re.compile(rb"[A-Za-z0-9+/_-]{32,}={0,2}")
ZLIB_HEADERS = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
LONGEST_INFLATED = 4_000_000
# In more than this, streams and runs are not unpacked.
UNPACKED_UP_TO = 30_000_000


@dataclass
class Canaries:
    """What was given where: a mark for each place, or a value that stands for itself."""

    given: dict[str, bytes] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(100))

    def word(self, place: str) -> str:
        """A fresh mark."""
        mark = f"{WORD}{next(self._numbers)}x"
        self.given[f"{place} {mark}"] = mark.encode()
        return mark

    def number(self, place: str) -> str:
        """Nine digits, as a company's number may have them, that stand nowhere by chance."""
        digits = f"73{next(self._numbers) * 10_007 % 10_000_000:07}"
        self.value(f"{place} {digits}", digits)
        return digits

    def value(self, place: str, value: str | bytes) -> None:
        self.given[place] = value.encode() if isinstance(value, str) else value

    def without(self, *beginnings: str) -> "Canaries":
        return Canaries({p: v for p, v in self.given.items() if not p.startswith(beginnings)})

    def found_in(self, data: bytes) -> set[str]:
        """The places whose value is in there, in any way of writing."""
        found: set[str] = set()
        for layer in layers(data):
            # What all words have in common is looked for first: mostly that is all there is to do.
            has_words = any(way in layer for way in writings(WORD.encode()))
            for place, value in self.given.items():
                if place in found or (value.startswith(WORD.encode()) and not has_words):
                    continue
                if any(way in layer for way in writings(value)):
                    found.add(place)
        return found


_known: dict[bytes, tuple[bytes, ...]] = {}


def writings(value: bytes) -> tuple[bytes, ...]:
    if value not in _known:
        _known[value] = tuple(dict.fromkeys(_writings(value)))
    return _known[value]


def _writings(value: bytes) -> Iterator[bytes]:
    yield value
    for alignment in range(3):
        # The letters at both ends depend on what stands beside it.
        coded = base64.b64encode(bytes(alignment) + value)
        inside = coded[-(-8 * alignment // 6) : len(coded.rstrip(b"=")) - 1]
        yield inside
        yield inside.translate(bytes.maketrans(b"+/", b"-_"))
    yield binascii.hexlify(value)
    yield binascii.hexlify(value).upper()
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return
    for other in (text.upper(), text.capitalize(), text.lower()):
        yield other.encode()
    yield text.encode("utf-16-le")
    yield text.encode("utf-16-be")
    yield quote(text, safe="").encode()
    yield quote_plus(text).encode()
    yield json.dumps(text)[1:-1].encode()


def layers(data: bytes, deep: int = 2) -> Iterator[bytes]:
    """As it is, and what is packed in it."""
    yield data
    if not deep or len(data) > UNPACKED_UP_TO:
        return
    for run in BASE64_RUN.finditer(data):
        for start in range(4):
            coded = run.group()[start:].rstrip(b"=")
            coded = coded[: len(coded) - (len(coded) % 4 == 1)].replace(b"-", b"+")
            try:
                inner = base64.b64decode(coded.replace(b"_", b"/") + b"=" * (-len(coded) % 4))
            except binascii.Error:
                continue
            if ZLIB_HEADERS.search(inner):
                yield from layers(inner, deep - 1)
    for header in ZLIB_HEADERS.finditer(data):
        try:
            inflated = zlib.decompressobj().decompress(data[header.start() :], LONGEST_INFLATED)
        except zlib.error:
            continue
        if len(inflated) > 8:
            yield from layers(inflated, deep - 1)
