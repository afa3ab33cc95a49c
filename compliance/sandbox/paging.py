"""Pages of a list, in the two shapes of Twilio's APIs.

A page token names the row at which a page begins or ends, so rows that come or go meanwhile are
neither skipped nor shown twice. Clients follow the given addresses; the token's inside is ours.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from compliance.sandbox.context import Answer, Call
from compliance.sandbox.errors import Refusal, invalid
from compliance.sandbox.records import Json

DEFAULT_SIZE = 50
LARGEST_SIZE = 1000


@dataclass(frozen=True)
class Page:
    rows: Sequence[Any]
    number: int
    size: int
    token: str | None
    previous: str | None
    next: str | None
    start: int


def cut(call: Call, rows: Sequence[Any]) -> Page:
    """Cut the asked page out of all rows. PageSize over 1000 is 20007."""
    size = _whole_number(call, "PageSize", DEFAULT_SIZE)
    if size > LARGEST_SIZE:
        raise Refusal(20007, f"PageSize is larger than the maximum of {LARGEST_SIZE}")
    if size < 1:
        raise invalid("PageSize must be at least 1")
    number = _whole_number(call, "Page", 0)
    if number < 0:
        raise invalid("Page must not be negative")
    token = call.args.get("PageToken")
    start = _start(call, rows, number, size, token)
    end = start + size
    return Page(
        rows=rows[start:end],
        number=number,
        size=size,
        token=token,
        previous=f"PB{rows[start].sid}" if number > 0 and start < len(rows) else None,
        next=f"PA{rows[end - 1].sid}" if end < len(rows) else None,
        start=start,
    )


def v2(
    call: Call, key: str, rows: Sequence[Any], render: Callable[[Any], Json], *filters: str
) -> Answer:
    """A list of numbers.twilio.com: the rows under ``key`` and a ``meta`` with addresses that
    repeat the filters.
    """
    page = cut(call, rows)
    url = f"{call.base}/{call.host}{call.path}"
    link = _Links(call, url, page, filters)
    return Answer(
        {
            key: [render(row) for row in page.rows],
            "meta": {
                "page": page.number,
                "page_size": page.size,
                "first_page_url": link.first(),
                "previous_page_url": link.previous(),
                "url": link.here(),
                "next_page_url": link.next(),
                "key": key,
            },
        }
    )


def v2010(
    call: Call, key: str, rows: Sequence[Any], render: Callable[[Any], Json], *filters: str
) -> Answer:
    """A list of api.twilio.com: relative addresses, and everything at the top."""
    page = cut(call, rows)
    link = _Links(call, call.path, page, filters)
    return Answer(
        {
            "first_page_uri": link.first(),
            "end": page.start + max(len(page.rows) - 1, 0),
            "previous_page_uri": link.previous(),
            key: [render(row) for row in page.rows],
            "uri": link.here(),
            "page_size": page.size,
            "start": page.start,
            "next_page_uri": link.next(),
            "page": page.number,
        }
    )


@dataclass(frozen=True)
class _Links:
    call: Call
    url: str
    page: Page
    filters: Sequence[str]

    def first(self) -> str:
        return self._to(0, None)

    def here(self) -> str:
        return self._to(self.page.number, self.page.token)

    def next(self) -> str | None:
        return self._to(self.page.number + 1, self.page.next) if self.page.next else None

    def previous(self) -> str | None:
        if self.page.number == 0:
            return None
        return self._to(self.page.number - 1, self.page.previous if self.page.number > 1 else None)

    def _to(self, number: int, token: str | None) -> str:
        args = self.call.args
        members = [(name, args[name]) for name in self.filters if args.get(name)]
        members += [("PageSize", str(self.page.size)), ("Page", str(number))]
        if token:
            members.append(("PageToken", token))
        return f"{self.url}?{urlencode(members)}"


def _start(call: Call, rows: Sequence[Any], number: int, size: int, token: str | None) -> int:
    sids = [row.sid for row in rows]
    if token and token[:2] in ("PA", "PB") and token[2:] in sids:
        at = sids.index(token[2:])
        return at + 1 if token.startswith("PA") else max(at - size, 0)
    if token is None and call.state.choice("page_without_token") == "first":
        return 0
    return number * size


def _whole_number(call: Call, name: str, default: int) -> int:
    text = call.args.get(name)
    if text is None or text == "":
        return default
    try:
        return int(text)
    except ValueError:
        raise invalid(f"{name} must be a whole number") from None
