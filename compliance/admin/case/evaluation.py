"""What the last evaluation asks for, held against the very first one. It names fields and codes;
what stands in them is not shown.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from compliance.models import Renewal
from compliance.requirements.results import invalid_fields
from compliance.wording.fields import known_label

Place = tuple[str, str]

CHANGES: Mapping[tuple[bool, bool], tuple[str, str | Promise]] = {
    # (failed at first, fails now)
    (True, True): ("open", _("still open")),
    (True, False): ("fixed", _("fixed")),
    (False, True): ("new", _("new")),
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """``look`` is one of open, fixed, new. A code is empty where that evaluation found no fault."""

    requirement: str
    # As we call it, and as Twilio does.
    field: str
    name: str
    first: str
    now: str
    look: str
    change: str


def findings(renewal: Renewal) -> list[Finding]:
    # Of one that is older than this field the first is not known any more.
    first = _failing(renewal.first_evaluation or renewal.evaluation)
    now = _failing(renewal.evaluation)
    found = []
    for place in {**first, **now}:
        look, change = CHANGES[place in first, place in now]
        requirement, field = place
        found.append(
            Finding(
                requirement=requirement,
                field=known_label(field, otherwise="") if field else "",
                name=field,
                first=first.get(place, ""),
                now=now.get(place, ""),
                look=look,
                change=str(change),
            )
        )
    return found


def _failing(evaluation: Mapping[str, Any] | None) -> dict[Place, str]:
    """Each failing field with its code; a requirement that fails as a whole has an empty field."""
    return {
        place: code
        for result in (evaluation or {}).get("results") or []
        if not result.get("passed")
        for place, code in _places(result)
    }


def _places(result: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    name = str(result.get("requirement_name") or result.get("friendly_name") or "")
    fields = invalid_fields(result)
    if not fields:
        yield (name, ""), str(result.get("error_code") or "-")
    for field, entry in fields.items():
        code = entry.get("error_code") or result.get("error_code") or "-"
        yield (name, field), str(code)
