"""The values that go in and come out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

ADDRESS_FIELD = "address_sids"
DETAILS = "details"

FieldKind = Literal["text", "long-text", "email", "phone", "date", "country", "choice", "address"]
ReasonKind = Literal["missing", "mismatch", "address", "refused", "other"]


@dataclass(frozen=True, kw_only=True)
class Held:
    """An item as the bundle holds it. ``sid`` starts with IT (End-User) or RD (document)."""

    sid: str
    type: str
    attributes: Mapping[str, Any]
    status: str = ""
    has_file: bool = False
    # Refused by a reviewer, and not yet replaced or changed since.
    refused: bool = False
    failure_reason: str = ""
    error_codes: tuple[int, ...] = ()
    # What its address SIDs stand for: the parts of each address.
    addresses: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def is_end_user(self) -> bool:
        return self.sid.startswith("IT")


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why something is asked for. ``text`` is the provider's own sentence, ``code`` its number."""

    kind: ReasonKind
    text: str = ""
    code: int | None = None


@dataclass(frozen=True, kw_only=True)
class Field:
    name: str
    label: str
    kind: FieldKind
    hint: str = ""
    choices: tuple[str, ...] = ()
    required: bool = True
    value: Any = ""
    # The value of the same field on the End-User, where the two must be equal.
    twin: str = ""
    reason: Reason | None = None


@dataclass(frozen=True, kw_only=True)
class Option:
    """One way to do a task: fill in these fields of an object of this type, with or without a file.

    ``changes_sid`` is the item to change; empty when a new object is made. ``supersedes`` are the
    items that a new object takes the place of. ``covers`` are requirement names.
    """

    type: str
    label: str
    covers: tuple[str, ...]
    fields: tuple[Field, ...]
    needs_file: bool = False
    others: tuple[Field, ...] = ()
    changes_sid: str = ""
    supersedes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.changes_sid and (self.needs_file or self.supersedes):
            raise ValueError("An item is changed in place, or a new one takes its place.")


@dataclass(frozen=True, kw_only=True)
class Task:
    """Something that the customer does on one page. The first option is the one proposed."""

    key: str
    kind: Literal["details", "document"]
    title: str
    covers: tuple[str, ...]
    options: tuple[Option, ...]
    reasons: tuple[Reason, ...] = ()
    descriptions: tuple[str, ...] = ()
    refused: bool = False

    @property
    def things(self) -> int:
        """How much there is to do: a new document is one thing, and each wrong value is one."""
        if not self.options or (self.kind == "document" and not self.options[0].changes_sid):
            return 1
        fields = self.options[0].fields
        return sum(field.reason is not None for field in fields) or len(fields) or 1


@dataclass(frozen=True, kw_only=True)
class Fine:
    """A requirement that is met; ``fields`` are names with the labels that they came with."""

    title: str
    object_type: str
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Checklist:
    tasks: tuple[Task, ...]
    fine: tuple[Fine, ...]

    @property
    def things(self) -> int:
        return sum(task.things for task in self.tasks)

    def task(self, key: str) -> Task | None:
        return next((task for task in self.tasks if task.key == key), None)
