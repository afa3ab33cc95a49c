"""Reads a regulation's ``requirements``, leniently: older payloads lack members, newer add some.

Optionality and enumerations stand in Twilio's prose only ("This is an optional field.",
"Choose any one of the following values: [YES, NO]."), so they are read from the prose.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from compliance.requirements.shapes import ADDRESS_FIELD, Field, FieldKind

_ENUMERATION = re.compile(r"values?\s*:?\s*\[([^\]]+)\]", re.IGNORECASE)
_BARE_ENUMERATION = re.compile(r"\[\s*([A-Z][A-Z0-9_]*(?:\s*,\s*[A-Z][A-Z0-9_]*)+)\s*\]")
_OPTIONAL_LABEL = re.compile(r"\s*\(optional\)\s*$", re.IGNORECASE)
_OPTIONAL_PROSE = re.compile(r"\boptional\b", re.IGNORECASE)
_ENUMERATING = re.compile(r"[^.]*\[[^\]]+\]\s*\.?")
_SID = re.compile(r"\bsids?\b", re.IGNORECASE)
ADDRESS_LABEL = "Address"
_NOT_OPTIONAL = re.compile(r"\b(?:not|isn't)\s+(?:an?\s+)?optional\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Spec:
    """One field as the regulation describes it."""

    name: str
    label: str
    hint: str
    choices: tuple[str, ...]
    required: bool

    def field(self, **more: Any) -> Field:
        return Field(
            name=self.name,
            label=self.label,
            hint=self.hint,
            choices=self.choices,
            required=self.required,
            kind=kind_of(self.name, choices=self.choices),
            **more,
        )


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """A document type that satisfies a requirement, with the fields that it must carry."""

    type: str
    label: str
    specs: tuple[Spec, ...]

    @property
    def needs_file(self) -> bool:
        """Whether a file belongs to it; Twilio does not say so in data.

        Types that are nothing but an address (``address``, ``business_address``, ...) carry
        ``address_sids`` only and are created without a file.
        """
        only_address = {spec.name for spec in self.specs} == {ADDRESS_FIELD}
        return not (only_address and self.type.endswith("address"))


@dataclass(frozen=True, kw_only=True)
class Requirement:
    name: str
    title: str
    description: str
    accepted: tuple[Accepted, ...]

    def accepts(self, type_: str) -> Accepted | None:
        return next((document for document in self.accepted if document.type == type_), None)


@dataclass(frozen=True, kw_only=True)
class Rules:
    end_users: tuple[Requirement, ...]
    documents: tuple[Requirement, ...]

    def end_user(self, name: str, type_: str) -> Requirement | None:
        by_name = [r for r in self.end_users if r.name == name]
        by_type = [r for r in self.end_users if r.accepts(type_)]
        return next(iter(by_name or by_type), None)

    def document(self, name: str, *, nth: int = 0) -> Requirement | None:
        """The nth requirement of that name: the same name can come back for another purpose."""
        named = [requirement for requirement in self.documents if requirement.name == name]
        if not named:
            return None
        return named[nth] if nth < len(named) else named[0]


def read(requirements: Mapping[str, Any]) -> Rules:
    return Rules(
        end_users=tuple(_end_users(requirements)),
        documents=tuple(_documents(requirements)),
    )


def _end_users(requirements: Mapping[str, Any]) -> Iterator[Requirement]:
    for entry in _mappings(requirements.get("end_user")):
        type_ = _text(entry, "type")
        label = _text(entry, "name") or humanized(type_)
        yield Requirement(
            name=_text(entry, "requirement_name"),
            title=label,
            description=_text(entry, "description"),
            accepted=(Accepted(type=type_, label=label, specs=_specs(entry)),),
        )


def _documents(requirements: Mapping[str, Any]) -> Iterator[Requirement]:
    """Every document requirement, once.

    ``supporting_document`` is a list of lists whose nesting Twilio does not explain; the evaluation
    decides what is open, so the groups are only a source of descriptions here. Groups repeat
    identical requirements.
    """
    seen: set[tuple[str, str, tuple[str, ...]]] = set()
    groups = requirements.get("supporting_document")
    for group in groups if isinstance(groups, list) else []:
        for entry in _mappings(group if isinstance(group, list) else [group]):
            accepted = tuple(
                Accepted(
                    type=_text(document, "type"),
                    label=_text(document, "name") or humanized(_text(document, "type")),
                    specs=_specs(document),
                )
                for document in _mappings(entry.get("accepted_documents"))
                if _text(document, "type")
            )
            requirement = Requirement(
                name=_text(entry, "requirement_name"),
                title=_text(entry, "name") or humanized(_text(entry, "requirement_name")),
                description=_text(entry, "description"),
                accepted=accepted,
            )
            mark = (requirement.name, requirement.title, tuple(a.type for a in accepted))
            # Of one that accepts nothing the evaluation tells more.
            if accepted and mark not in seen:
                seen.add(mark)
                yield requirement


def _specs(entry: Mapping[str, Any]) -> tuple[Spec, ...]:
    detailed = {_text(d, "machine_name"): d for d in _mappings(entry.get("detailed_fields"))}
    fields = entry.get("fields")
    names = [name for name in fields if isinstance(name, str)] if isinstance(fields, list) else []
    return tuple(spec_of(name, detailed.get(name, {})) for name in names or detailed if name)


def spec_of(name: str, detailed: Mapping[str, Any]) -> Spec:
    label, hint = _text(detailed, "friendly_name"), _text(detailed, "description")
    if name == ADDRESS_FIELD:
        # "Address sid(s)" speaks to programmers; a person gives an address.
        label, hint = ADDRESS_LABEL, "" if _SID.search(hint) else hint
    choices = choices_in(hint)
    if choices:
        # They are offered one by one.
        hint = _ENUMERATING.sub("", hint).strip()
    optional = bool(_OPTIONAL_LABEL.search(label)) or (
        bool(_OPTIONAL_PROSE.search(hint)) and not _NOT_OPTIONAL.search(hint)
    )
    return Spec(
        name=name,
        label=_OPTIONAL_LABEL.sub("", label) or humanized(name),
        hint=hint,
        choices=choices,
        required=not optional,
    )


def choices_in(prose: str) -> tuple[str, ...]:
    """The values of an enumeration in prose: ``... values : [YES, NO]`` gives YES and NO."""
    match = _ENUMERATION.search(prose) or _BARE_ENUMERATION.search(prose)
    if match is None:
        return ()
    values = (value.strip(" \"'") for value in match.group(1).split(","))
    return tuple(dict.fromkeys(value for value in values if value))


def kind_of(name: str, *, choices: tuple[str, ...] = ()) -> FieldKind:
    """How a value of this field is entered; a field nobody has seen before is text."""
    if name == ADDRESS_FIELD:
        return "address"
    if choices:
        return "choice"
    words = name.split("_")
    if words[-1] == "email" or name == "email":
        return "email"
    if "phone" in words:
        return "phone"
    if words[-1] == "date" or name.startswith("date_of"):
        return "date"
    if words[-1] in ("country", "nationality"):
        return "country"
    if words[-1] in ("comments", "description", "purpose"):
        return "long-text"
    return "text"


def humanized(name: str) -> str:
    return name.replace("_", " ").strip().capitalize()


def descriptions_of(requirements: Iterable[Requirement]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(r.description for r in requirements if r.description))


def _text(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    return value.strip() if isinstance(value, str) else ""


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [v for v in value if isinstance(v, Mapping)] if isinstance(value, list) else []
