"""From an evaluation's results to tasks."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from compliance.requirements.cover import smallest_cover
from compliance.requirements.regulation import (
    Accepted,
    Requirement,
    Rules,
    Spec,
    humanized,
    read,
)
from compliance.requirements.results import (
    DOCUMENT_MISSING,
    END_USER_CODES,
    END_USER_MISSING,
    VALUE_CODES,
    fine_of,
    invalid_fields,
    reason_for,
    reasons_of,
    requirement_for,
    requirement_of,
    shown_value,
    spec_from,
)
from compliance.requirements.shapes import (
    ADDRESS_FIELD,
    DETAILS,
    Checklist,
    Field,
    Fine,
    Held,
    Option,
    Task,
)

# Pages of a registration that are no tasks.
RESERVED = (DETAILS, "status", "send", "sent", "record", "use-elsewhere")


@dataclass(frozen=True)
class _Open:
    """A document requirement that is not met, and the item at which it fails, if there is one."""

    requirement: Requirement
    result: Mapping[str, Any]
    item: Held | None


def checklist(
    requirements: Mapping[str, Any],
    results: Sequence[Mapping[str, Any]],
    items: Iterable[Held],
    *,
    chosen: Mapping[str, str] | None = None,
    shared: Collection[str] = (),
    everything: bool = False,
) -> Checklist:
    """What is open and what is fine.

    :param requirements: a regulation's ``requirements``.
    :param results: an evaluation's ``results``, in the published shape.
    :param items: what the bundle holds.
    :param chosen: the document type that the customer picked, by requirement name.
    :param shared: the documents that another bundle holds as well: each can be replaced, but not
        corrected.
    :param everything: open what passed as well: a reviewer has rejected without a detail.
    """
    rules = read(requirements)
    held = tuple(items)
    end_user = _end_user(held, rules)
    refused = {item.sid for item in held if item.refused}

    details: list[Task] = []
    open_: list[_Open] = []
    fine: list[Fine] = []
    # What passed, kept in case a refused document turns out to serve it.
    passed: list[tuple[Requirement, Mapping[str, Any]]] = []
    seen: Counter[str] = Counter()

    for result in results:
        name = str(result.get("requirement_name") or result.get("object_type") or "")
        if _is_about_end_user(result, rules):
            if not result.get("passed") or everything or (end_user and end_user.sid in refused):
                details.append(_details(result, rules, end_user, everything=everything))
            else:
                fine.append(fine_of(result))
            continue
        requirement = rules.document(name, nth=seen[name]) or requirement_of(name, result)
        seen[name] += 1
        if not result.get("passed") or everything:
            item = _failing_item(result, requirement, held)
            open_.append(_Open(requirement, result, item))
        else:
            passed.append((requirement, result))

    served: set[str] = set()
    for item in held:
        if item.refused and not item.is_end_user:
            for requirement, result in passed:
                if requirement.accepts(item.type) and requirement.name not in served:
                    served.add(requirement.name)
                    open_.append(_Open(requirement, result, item))
            if not any(entry.item == item for entry in open_):
                open_.append(_Open(requirement_for(item), {}, item))
    fine += [fine_of(result) for requirement, result in passed if requirement.name not in served]

    documents = [*_changes(open_, end_user, shared), *_new_documents(open_, end_user, chosen or {})]
    return Checklist(tasks=_with_keys([*details[:1], *documents]), fine=tuple(fine))


def _end_user(held: Iterable[Held], rules: Rules) -> Held | None:
    """The one that the rules ask for; or one of another kind, which is all that is known."""
    users = [item for item in held if item.is_end_user]
    wanted = [user for user in users if any(r.accepts(user.type) for r in rules.end_users)]
    return next(iter(wanted or users), None)


def _is_about_end_user(result: Mapping[str, Any], rules: Rules) -> bool:
    if result.get("error_code") in END_USER_CODES:
        return True
    type_ = str(result.get("object_type") or "")
    name = str(result.get("requirement_name") or "")
    return any(r.name == name or r.accepts(type_) for r in rules.end_users) and not any(
        r.name == name for r in rules.documents
    )


# --- Details ----------------------------------------------------------------------------------


def _details(
    result: Mapping[str, Any], rules: Rules, end_user: Held | None, *, everything: bool
) -> Task:
    type_ = str(result.get("object_type") or "")
    requirement = rules.end_user(str(result.get("requirement_name") or ""), type_)
    accepted = requirement.accepted[0] if requirement else Accepted(type=type_, label="", specs=())
    invalid = invalid_fields(result)
    specs = {spec.name: spec for spec in accepted.specs}
    specs |= {name: spec_from(entry) for name, entry in invalid.items() if name not in specs}
    current = end_user.attributes if end_user else {}
    type_ = accepted.type or type_
    # A type can't be changed: a person in a company's place makes way for the company.
    other_kind = end_user is not None and type_ not in ("", end_user.type)

    if end_user is None or other_kind or result.get("error_code") == END_USER_MISSING:
        wanted = list(specs)
    else:
        refused = end_user.refused or everything
        wanted = [name for name in specs if name in invalid or refused] or list(specs)
    fields = tuple(
        specs[name].field(
            value=shown_value(current.get(name)),
            reason=reason_for(invalid.get(name), current.get(name), "")
            if name in invalid
            else None,
        )
        for name in wanted
    )
    others = tuple(
        spec.field(value=shown_value(current.get(name)))
        for name, spec in specs.items()
        if name not in wanted
    )
    name = str(result.get("requirement_name") or DETAILS)
    title = str(result.get("friendly_name") or accepted.label or humanized(type_))
    return Task(
        key=DETAILS,
        kind="details",
        title=title,
        covers=(name,),
        options=(
            Option(
                type=type_,
                label=title,
                covers=(name,),
                fields=fields,
                others=others,
                changes_sid=end_user.sid if end_user and not other_kind else "",
                supersedes=(end_user.sid,) if end_user and other_kind else (),
            ),
        ),
        reasons=reasons_of(result, end_user),
        descriptions=_descriptions([requirement] if requirement else []),
        refused=bool(end_user and end_user.refused),
    )


# --- Documents --------------------------------------------------------------------------------


def _failing_item(
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


def _changes(open_: Sequence[_Open], end_user: Held | None, shared: Collection[str]) -> list[Task]:
    """Tasks about documents that are there: correct the fields, or replace the document."""
    by_item: dict[str, list[_Open]] = {}
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
                descriptions=_descriptions(entry.requirement for entry in entries),
                refused=item.refused,
            )
        )
    return tasks


def _correction(entries: Sequence[_Open], item: Held, end_user: Held | None) -> Option | None:
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


def _new_documents(
    open_: Sequence[_Open], end_user: Held | None, chosen: Mapping[str, str]
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
    groups: dict[str, list[_Open]] = {}
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
                descriptions=_descriptions(entry.requirement for entry in entries),
            )
        )
    return tasks


def _options(
    entries: Sequence[_Open],
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
        covered: list[_Open] = []
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


# --- Pieces -----------------------------------------------------------------------------------


def _names(entries: Sequence[_Open]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry.requirement.name for entry in entries))


def _title(entries: Sequence[_Open], type_: str) -> str:
    """What the page is called: the requirement if there is one, else the document's own name."""
    if len(entries) == 1 and len(entries[0].requirement.accepted) > 1:
        return entries[0].requirement.title
    for entry in entries:
        accepted = entry.requirement.accepts(type_)
        if accepted:
            # What is no paper ("Address Validation") is called by what it is for ("Address").
            return accepted.label if accepted.needs_file else entry.requirement.title
    return humanized(type_)


def _descriptions(requirements: Iterable[Requirement]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(r.description for r in requirements if r.description))


def _with_keys(tasks: Sequence[Task]) -> tuple[Task, ...]:
    """Gives each task its key: stable over evaluations, unique, fit for a URL."""
    taken: Counter[str] = Counter()
    keyed = []
    for task in tasks:
        name = (
            task.key
            or "".join(
                c if c.isascii() and (c.isalnum() or c == "_") else "-"
                for c in task.covers[0].lower()
            ).strip("-")[:60]
            or "document"
        )
        if name in RESERVED and task.kind == "document":
            name = f"document-{name}"
        taken[name] += 1
        keyed.append(replace(task, key=name if taken[name] == 1 else f"{name}-{taken[name]}"))
    return tuple(keyed)
