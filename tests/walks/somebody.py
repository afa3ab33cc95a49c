"""Somebody who fills in whatever a page asks for, in the inputs that the page has."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import QueryDict

from compliance.requirements import Held, Option, attributes_to_send
from portal.forms import AnswerForm
from tests.walks.generated import ADDRESSES, Json

KNOWN = {
    "text": "Acme GmbH",
    "long-text": "We answer calls.",
    "email": "ada@acme.example",
    "phone": "+493023125001",
    "country": "DE",
}
DAY = {"d": "12", "m": "4", "y": "1984"}


def page_of(
    option: Option, *, is_document: bool, data: Mapping[str, Any] | None = None
) -> AnswerForm:
    return AnswerForm(
        option,
        is_document=is_document,
        region="DE",
        country="Germany",
        addresses={sid: f"{place}. Street" for place, sid in enumerate(ADDRESSES)},
        keeps_file=True,
        data=data,
    )


def filled_in(option: Option) -> QueryDict:
    """What a browser sends when every field has been answered."""
    sent = QueryDict(mutable=True)
    for spec in (*option.fields, *option.others):
        name = f"f-{spec.name}"
        match spec.kind:
            case "date":
                sent.update({f"{name}-{part}": value for part, value in DAY.items()})
            case "choice":
                sent[name] = spec.choices[0]
            case "address":
                sent[f"{name}-pick"] = "0"
            case kind:
                sent[name] = KNOWN[kind]
        # Of two values that must be one, it is a third one that is right.
        if spec.reason and spec.reason.kind == "mismatch":
            sent[f"{name}-use"] = "typed"
    return sent


def after(
    held: list[Held], option: Option, values: Mapping[str, Any], *, wanted: Json, number: int
) -> list[Held]:
    """What the copy holds when the answer has been delivered."""
    new = {name: _as_sent(value) for name, value in values.items()}
    end_user = option.type in {user["type"] for user in wanted["end_user"]}
    current = next((item for item in held if item.sid == option.changes_sid), None)
    sent = attributes_to_send(
        wanted,
        type_=option.type,
        end_user=end_user,
        current=current.attributes if current else {},
        new=new,
    )
    if current:
        changed = replace(current, attributes=sent, refused=False, failure_reason="")
        return [changed if item.sid == current.sid else item for item in held]
    made = Held(sid=f"{'IT' if end_user else 'RD'}{number:032x}", type=option.type, attributes=sent)
    return [item for item in held if item.sid not in option.supersedes] + [made]


def in_the_details_too(held: list[Held], values: Mapping[str, Any]) -> list[Held]:
    """A value that must be the same in both places is changed in both."""
    return [
        replace(item, attributes={**item.attributes, **values}) if item.is_end_user else item
        for item in held
    ]


def _as_sent(value: Any) -> Any:
    return [value["sid"]] if isinstance(value, Mapping) else value
