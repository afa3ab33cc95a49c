"""Marked values, and a search that finds them however they are written.

A mark is a word that nobody types by chance, a day of a year that is far away, or a phone number
that nobody has. What can be none of them (a piece of a file) is given as it is.
"""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from urllib.parse import quote, quote_plus

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format

from compliance.wording import dates

# Capital letters would be lost in an e-mail address.
WORD = "zqkanari"
# Years in which nothing of ours happens. Who is born in the first is as old as a person may be.
LONG_AGO, FAR_AHEAD = datetime.now(UTC).year - 129, 2187
# Of London's numbers that are kept for fiction those from 0700: no company's of the demo.
AREA, EXCHANGE = "20", "7946"
# One of these is in each mark that is looked for in many ways of writing.
IN_COMMON = (WORD, str(LONG_AGO), str(FAR_AHEAD), EXCHANGE)
# As far as a mark reaches on both sides of it, as hexadecimal digits or in UTF-16.
REACH = 120
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

    def day(self, place: str, *, year: int = LONG_AGO) -> date:
        """A day that is looked for in every way in which a day is written."""
        number = next(self._numbers)
        # Two digits each, of which one alone can be the month: there are fewer ways to write it.
        day = date(year, 10 + number // 16 % 3, 13 + number % 16)
        for written in writings_of_day(day):
            self.value(f"{place} {written}", written)
        return day

    def phone(self, place: str) -> str:
        """As somebody types it: ``+44 20 7946 0731``."""
        # Up to 0949: 0958 stands in the pages as an example.
        groups = (AREA, EXCHANGE, f"{700 + next(self._numbers) % 250:04}")
        for between in ("", " ", "-", ".", "\u00a0"):
            # Without what may stand before it: +44, 0044, 0 or (0).
            self.value(f"{place} {between.join(groups)}", between.join(groups))
        return f"+44 {' '.join(groups)}"

    def value(self, place: str, value: str | bytes) -> None:
        self.given[place] = value.encode() if isinstance(value, str) else value

    def without(self, *beginnings: str) -> "Canaries":
        return Canaries({p: v for p, v in self.given.items() if not p.startswith(beginnings)})

    def found_in(self, data: bytes) -> set[str]:
        """The places whose value is in there, in any way of writing."""
        found: set[str] = set()
        for layer in layers(data):
            # What many have in common is looked for first: mostly that is all there is to do.
            close = near_to_marks(layer)
            for place, value in self.given.items():
                common = any(piece.encode() in value for piece in IN_COMMON)
                where = close if common else layer
                if place not in found and any(way in where for way in writings(value)):
                    found.add(place)
        return found


def near_to_marks(data: bytes) -> bytes:
    """The surroundings of everything that marks have in common, in any way of writing."""
    pieces = []
    for piece in IN_COMMON:
        for way in writings(piece.encode()):
            start = data.find(way)
            while start >= 0:
                pieces.append(data[max(0, start - REACH) : start + 2 * REACH])
                start = data.find(way, start + REACH)
    return b"\n".join(pieces)


def writings_of_day(day: date) -> set[str]:
    """As it is stored, typed, printed in each language of ours, and shown by Python. Not as eight
    digits without anything between: such are in hexadecimal numbers by chance."""
    parts = (str(day.day), str(day.month), str(day.year))
    found = {day.isoformat(), repr(day), repr(parts)[1:-1], json.dumps(parts)[1:-1]}
    found |= {between.join(parts) for between in (".", "/", "-", " ", ", ")}
    found |= {f"{day:%m/%d/%Y}", f"{day:%d %b %Y}"}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found.add(dates.value(day.isoformat()))
            found |= {date_format(day, name) for name in ("DATE_FORMAT", "SHORT_DATE_FORMAT")}
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
