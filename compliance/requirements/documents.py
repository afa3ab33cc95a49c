"""What is asked in documents: to correct or replace those that are there, and as few new ones as
satisfy the rest. Knows nothing of what passed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compliance.requirements.cover import smallest_cover
from compliance.requirements.regulation import Requirement, Spec, descriptions_of, humanized
from compliance.requirements.results import (
    DOCUMENT_MISSING,
    VALUE_CODES,
    invalid_fields,
    reason_for,
    reasons_of,
    shown_value,
    spec_from,
)
from compliance.requirements.shapes import ADDRESS_FIELD, Field, Held, Option, Task


@dataclass(frozen=True)
class Open:
    """A document requirement that is not met, and the item at which it fails, if there is one."""

    requirement: Requirement
    result: Mapping[str, Any]
    item: Held | None


def failing_item(
    result: Mapping[str, Any], requirement: Requirement, held: Sequence[Held]
) -> Held | None:
    """The document at which a requirement fails; results do not name it.

    The one of an accepted type that carries most of the fields; none if Twilio says that the
    document as a whole is missing.
    """
    if result.get("error_code") == DOCUMENT_MISSING:
        return None
    candidates = [
        item for item in held if not item.is_end_user and requirement.accepts(item.type) is not None
    ]

    def fit(item: Held) -> tuple[bool, int]:
        accepted = requirement.accepts(item.type)
        specs = accepted.specs if accepted else ()
        return (
            item.type == result.get("object_type"),
            sum(bool(item.attributes.get(spec.name)) for spec in specs),
        )

    return max(candidates, key=fit, default=None)


def changes(open_: Sequence[Open], end_user: Held | None, shared: Collection[str]) -> list[Task]:
    """Tasks about documents that are there: correct the fields, or replace the document."""
    by_item: dict[str, list[Open]] = {}
    for entry in open_:
        if entry.item is not None:
            by_item.setdefault(entry.item.sid, []).append(entry)
    tasks = []
    for sid, entries in by_item.items():
        item = entries[0].item
        assert item is not None  # noqa: S101  (narrowed by the loop above)
        replacements = _options(entries, end_user, current=item.attributes, supersedes=(sid,))
        replacements.sort(key=lambda option: option.type != item.type)
        correction = _correction(entries, item, end_user) if sid not in shared else None
        options = replacements
        if correction and not item.refused:
            options = [correction, *replacements]
        elif correction and set(item.error_codes) & set(VALUE_CODES):
            options = [*replacements, correction]
        tasks.append(
            Task(
                key="",
                kind="document",
                title=_title(entries, item.type),
                covers=_names(entries),
                options=tuple(options),
                reasons=tuple(
                    dict.fromkeys(r for entry in entries for r in reasons_of(entry.result, item))
                ),
                descriptions=descriptions_of(entry.requirement for entry in entries),
                refused=item.refused,
            )
        )
    return tasks


def _correction(entries: Sequence[Open], item: Held, end_user: Held | None) -> Option | None:
    """The document as it is with other values; None if it carries none, and only a file helps."""
    fields: dict[str, Field] = {}
    others: dict[str, Field] = {}
    label = ""
    for entry in entries:
        accepted = entry.requirement.accepts(item.type)
        label = label or (accepted.label if accepted else humanized(item.type))
        invalid = invalid_fields(entry.result)
        specs = {spec.name: spec for spec in accepted.specs} if accepted else {}
        specs |= {name: spec_from(bad) for name, bad in invalid.items() if name not in specs}
        for name, spec in specs.items():
            field = _document_field(spec, invalid, item.attributes, end_user)
            (fields if name in invalid else others).setdefault(name, field)
    # A failing requirement can come without a failing field: then every field is offered.
    wanted = fields or others
    if not wanted:
        return None
    return Option(
        type=item.type,
        label=label,
        covers=_names(entries),
        fields=tuple(wanted.values()),
        others=tuple(f for name, f in others.items() if name not in wanted),
        changes_sid=item.sid,
    )


def new_documents(
    open_: Sequence[Open], end_user: Held | None, chosen: Mapping[str, str]
) -> list[Task]:
    """Tasks about documents that are not there: as few as satisfy everything that is open."""
    missing = [entry for entry in open_ if entry.item is None]
    pinned = {
        i: chosen[entry.requirement.name]
        for i, entry in enumerate(missing)
        if entry.requirement.name in chosen
    }
    types = smallest_cover(
        [[accepted.type for accepted in entry.requirement.accepted] for entry in missing],
        pinned=pinned,
    )
    groups: dict[str, list[Open]] = {}
    for type_, entry in zip(types, missing, strict=True):
        groups.setdefault(type_, []).append(entry)
    tasks = []
    for type_, entries in groups.items():
        options = _options(entries, end_user, current={}, supersedes=())
        options = _best_first(options, type_)
        tasks.append(
            Task(
                key="",
                kind="document",
                title=_title(entries, type_),
                covers=_names(entries),
                options=tuple(options),
                reasons=tuple(
                    dict.fromkeys(r for entry in entries for r in reasons_of(entry.result, None))
                ),
                descriptions=descriptions_of(entry.requirement for entry in entries),
            )
        )
    return tasks


def _options(
    entries: Sequence[Open],
    end_user: Held | None,
    *,
    current: Mapping[str, Any],
    supersedes: tuple[str, ...],
) -> list[Option]:
    """One option a document type, with the fields that all the requirements it meets want of it."""
    types = dict.fromkeys(
        accepted.type for entry in entries for accepted in entry.requirement.accepted
    )
    options = []
    for type_ in types:
        fields: dict[str, Field] = {}
        covered: list[Open] = []
        label, needs_file = "", False
        for entry in entries:
            accepted = entry.requirement.accepts(type_)
            if accepted is None:
                continue
            covered.append(entry)
            label = label or accepted.label
            needs_file = needs_file or accepted.needs_file
            invalid = invalid_fields(entry.result)
            for spec in accepted.specs:
                fields.setdefault(spec.name, _document_field(spec, invalid, current, end_user))
        options.append(
            Option(
                type=type_,
                label=label,
                covers=_names(covered),
                fields=tuple(fields.values()),
                needs_file=needs_file,
                supersedes=supersedes,
            )
        )
    return options


def _best_first(options: list[Option], type_: str) -> list[Option]:
    return sorted(options, key=lambda option: (option.type != type_, -len(option.covers)))


def _document_field(
    spec: Spec,
    invalid: Mapping[str, Mapping[str, Any]],
    current: Mapping[str, Any],
    end_user: Held | None,
) -> Field:
    twin = shown_value(end_user.attributes.get(spec.name)) if end_user else ""
    value = shown_value(current.get(spec.name))
    entry = invalid.get(spec.name)
    return spec.field(
        value=value or (twin if spec.name != ADDRESS_FIELD else ""),
        twin=twin if isinstance(twin, str) else "",
        reason=reason_for(entry, current.get(spec.name), twin) if entry else None,
    )


def _names(entries: Sequence[Open]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry.requirement.name for entry in entries))


def _title(entries: Sequence[Open], type_: str) -> str:
    """What the page is called: the requirement if there is one, else the document's own name."""
    if len(entries) == 1 and len(entries[0].requirement.accepted) > 1:
        return entries[0].requirement.title
    for entry in entries:
        accepted = entry.requirement.accepts(type_)
        if accepted:
            # What is no paper ("Address Validation") is called by what it is for ("Address").
            return accepted.label if accepted.needs_file else entry.requirement.title
    return humanized(type_)
