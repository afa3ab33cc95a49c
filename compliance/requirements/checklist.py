"""From an evaluation's results to tasks: what is open and what is fine.

It tells results about the person or company from those about documents, and knows of neither what
is asked then (``details``, ``documents``).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from compliance.requirements.details import details_task
from compliance.requirements.documents import Open, changes, failing_item, new_documents
from compliance.requirements.regulation import Requirement, Rules, read
from compliance.requirements.results import END_USER_CODES, fine_of, requirement_for, requirement_of
from compliance.requirements.shapes import DETAILS, Checklist, Fine, Held, Task

# Pages of a registration that are no tasks.
RESERVED = (DETAILS, "status", "send", "sent", "record", "use-elsewhere")


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
    open_: list[Open] = []
    fine: list[Fine] = []
    # What passed, kept in case a refused document turns out to serve it.
    passed: list[tuple[Requirement, Mapping[str, Any]]] = []
    seen: Counter[str] = Counter()

    for result in results:
        name = str(result.get("requirement_name") or result.get("object_type") or "")
        if _is_about_end_user(result, rules):
            if not result.get("passed") or everything or (end_user and end_user.sid in refused):
                details.append(details_task(result, rules, end_user, everything=everything))
            else:
                fine.append(fine_of(result))
            continue
        requirement = rules.document(name, nth=seen[name]) or requirement_of(name, result)
        seen[name] += 1
        if not result.get("passed") or everything:
            item = failing_item(result, requirement, held)
            open_.append(Open(requirement, result, item))
        else:
            passed.append((requirement, result))

    served: set[str] = set()
    for item in held:
        if item.refused and not item.is_end_user:
            for requirement, result in passed:
                if requirement.accepts(item.type) and requirement.name not in served:
                    served.add(requirement.name)
                    open_.append(Open(requirement, result, item))
            if not any(entry.item == item for entry in open_):
                open_.append(Open(requirement_for(item), {}, item))
    fine += [fine_of(result) for requirement, result in passed if requirement.name not in served]

    documents = [*changes(open_, end_user, shared), *new_documents(open_, end_user, chosen or {})]
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
