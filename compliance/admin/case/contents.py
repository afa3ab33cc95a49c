"""What the copy holds and what the customer answered. Values stay covered unless they were asked
for; in what others wrote about them they are covered too.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from compliance import sealing
from compliance.models import Answer, Item, Renewal
from compliance.wording import labels
from compliance.wording.fields import known_label
from compliance.wording.reviewers import explanation

COVERED = "••••••"
# What is shorter stands in too many sentences by chance.
SHORTEST_SECRET = 3


@dataclass(frozen=True, kw_only=True)
class Value:
    label: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Reason:
    code: str
    # In our words, and what Twilio or its reviewer wrote.
    ours: str
    theirs: str


@dataclass(frozen=True, kw_only=True)
class Held:
    type: str
    sid: str
    status: str
    refused_at: datetime | None
    file: str
    reasons: tuple[Reason, ...]
    values: tuple[Value, ...]


@dataclass(frozen=True, kw_only=True)
class Given:
    task: str
    type: str
    state: str
    refused: bool
    version: int
    sid: str
    file: str
    reason: Reason | None
    values: tuple[Value, ...]
    saved_at: datetime
    saved_by: str
    delivered_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Contents:
    items: tuple[Held, ...]
    answers: tuple[Given, ...]
    trouble: str


def contents(
    renewal: Renewal, items: Iterable[Item], answers: Iterable[Answer], *, revealed: bool = False
) -> Contents:
    items, answers = list(items), list(answers)
    secrets = () if revealed else secrets_of(items, answers)
    return Contents(
        items=tuple(_held(item, secrets, revealed=revealed) for item in items),
        answers=tuple(_given(answer, secrets, revealed=revealed) for answer in answers),
        trouble=covered(_read(lambda: renewal.trouble_detail, ""), secrets),
    )


def secrets_of(items: Iterable[Item], answers: Iterable[Answer]) -> tuple[str, ...]:
    """Every value that is there, the longest first."""
    found: set[str] = set()
    for item in items:
        inside = _inside(item)
        found |= {text for _name, text in _flat(inside.get("attributes") or {})}
        found |= {text for _name, text in _flat(inside.get("addresses") or {})}
    for answer in answers:
        found |= {text for _name, text in _flat(_read(answer.values, {}))}
    usable = (text for text in found if len(text) >= SHORTEST_SECRET)
    return tuple(sorted(usable, key=lambda text: (-len(text), text)))


def covered(text: str, secrets: Collection[str]) -> str:
    for secret in secrets:
        text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", COVERED, text, flags=re.IGNORECASE)
    return text


def _held(item: Item, secrets: Collection[str], *, revealed: bool) -> Held:
    inside = _inside(item)
    theirs = covered(str(inside.get("failure_reason") or ""), secrets)
    codes = [code for code in item.error_codes if isinstance(code, int)]
    reasons = [Reason(code=str(code), ours=explanation(code), theirs="") for code in codes]
    if theirs:
        reasons.append(Reason(code="", ours="", theirs=theirs))
    values = {**(inside.get("attributes") or {}), **(inside.get("addresses") or {})}
    return Held(
        type=item.type,
        sid=item.sid,
        status=item.status,
        refused_at=item.refused_at,
        file=item.mime_type,
        reasons=tuple(reasons),
        values=_values(values, revealed=revealed),
    )


def _given(answer: Answer, secrets: Collection[str], *, revealed: bool) -> Given:
    code = answer.refused_code
    theirs = covered(_read(lambda: answer.refused_message, ""), secrets)
    return Given(
        task=answer.task,
        type=answer.type,
        state=str(answer.get_state_display()),
        refused=answer.state == Answer.State.REFUSED,
        version=answer.version,
        sid=answer.item_sid or answer.changes_sid,
        file=_file(answer, revealed=revealed),
        reason=Reason(code=str(code or ""), ours=explanation(code), theirs=theirs)
        if code or theirs
        else None,
        values=_values(_read(answer.values, {}), revealed=revealed),
        saved_at=answer.saved_at,
        saved_by=str(answer.saved_by or ""),
        delivered_at=answer.delivered_at,
    )


def _file(answer: Answer, *, revealed: bool) -> str:
    if not answer.file_type:
        return ""
    known = f"{answer.file_type}, {labels.size(answer.file_size)}"
    return f"{answer.file_name} ({known})" if revealed and answer.file_name else known


def _values(values: Mapping[str, Any], *, revealed: bool) -> tuple[Value, ...]:
    return tuple(
        Value(label=_label(name), text=text if revealed else COVERED)
        for name, text in _flat(values)
    )


def _label(name: str) -> str:
    return str(known_label(name, otherwise=name.replace("_", " ")))


def _flat(values: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every value that is not empty, with the name of its field; those of an address singly."""
    match values:
        case Mapping():
            for key, value in values.items():
                yield from _flat(value, str(key))
        case list() | tuple():
            for value in values:
                yield from _flat(value, name)
        case None | "":
            return
        case _:
            yield name, str(values)


def _inside(item: Item) -> dict[str, Any]:
    inside: dict[str, Any] = _read(item.contents, {})
    return inside


def _read(read: Any, otherwise: Any) -> Any:
    """A page that is to help must open although a key is missing from the ring."""
    try:
        return read()
    except sealing.Unreadable:
        return otherwise
