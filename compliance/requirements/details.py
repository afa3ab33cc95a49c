"""What is asked of the person or company: one task, with the fields that fail and those that may be
changed as well. Knows nothing of documents.
"""

from collections.abc import Mapping
from typing import Any

from compliance.requirements.regulation import Accepted, Rules, descriptions_of, humanized
from compliance.requirements.results import (
    END_USER_MISSING,
    invalid_fields,
    reason_for,
    reasons_of,
    shown_value,
    spec_from,
)
from compliance.requirements.shapes import DETAILS, Held, Option, Task


def details_task(
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
        descriptions=descriptions_of([requirement] if requirement else []),
        refused=bool(end_user and end_user.refused),
    )
