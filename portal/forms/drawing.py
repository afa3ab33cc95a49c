"""How a field of each kind is drawn: fills a control with its inputs and what they hold.

It knows nothing of the form: neither where a value comes from nor whether it will do.
"""

import re
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext

from compliance.requirements import Field
from compliance.wording.labels import choice
from portal.forms import kinds
from portal.forms.controls import AUTOCOMPLETE, Control, Picked, country_options


def id_of(name: str) -> str:
    """An id for whatever a field is called."""
    return "f-" + re.sub(r"[^A-Za-z0-9_]", "-", name)


def id_at(spec: Field, code: str | None) -> str:
    """The id of the input that an error of this code is about, for the summary to lead to."""
    id_ = id_of(spec.name)
    match spec.kind:
        case "address":
            return id_ + (f"-{code}" if code in kinds.ADDRESS_PARTS else "-0")
        case "date":
            return id_ + "-d"
        case "choice":
            return id_ + "-0"
        case _:
            return id_


def draw(
    control: Control,
    spec: Field,
    value: Any,
    *,
    errors: Sequence[Any],
    addresses: Sequence[str],
    new_address: bool,
) -> None:
    """Changes ``control``.

    :param value: in the form in which the inputs hold it.
    :param addresses: how those read that can be chosen, if it is one.
    :param new_address: another one can be entered.
    """
    match spec.kind:
        case "date":
            _draw_day(control, value, stored=spec.value)
        case "choice":
            control.choices = [
                Picked(
                    id=f"{control.id}-{place}",
                    value=each,
                    label=choice(each),
                    picked=each == value,
                )
                for place, each in enumerate(spec.choices)
            ]
        case "address":
            _draw_address(control, value, errors, addresses=addresses, new=new_address)
        case "country":
            control.value = value
            control.options = country_options(value)
        case _:
            control.value = value
            _dress(control, spec)


def _draw_day(control: Control, value: tuple[str, str, str], *, stored: Any) -> None:
    bday = control.autocomplete == "bday"
    control.parts = [
        Control(
            id=f"{control.id}-{part}",
            name=f"{control.name}-{part}",
            kind="text",
            label=label,
            value=typed,
            width=width,
            inputmode="numeric",
            autocomplete=f"bday-{token}" if bday else "",
        )
        for part, label, width, token, typed in zip(
            "dmy",
            (gettext("Day"), gettext("Month"), gettext("Year")),
            ("2", "2", "4"),
            ("day", "month", "year"),
            value,
            strict=True,
        )
    ]
    if stored and not any(kinds.day_parts(stored)):
        control.current = str(stored)
    control.hint = control.hint or gettext("For example, 27 3 2024")
    control.__post_init__()


def _draw_address(
    control: Control,
    value: dict[str, str],
    errors: Sequence[Any],
    *,
    addresses: Sequence[str],
    new: bool,
) -> None:
    by_part = {error.code: error.messages[0] for error in errors}
    general = [e.messages[0] for e in errors if e.code not in kinds.ADDRESS_PARTS]
    control.error = " ".join(general)
    control.__post_init__()
    if addresses:
        labels = list(addresses)
        if len(set(labels)) < len(labels):
            labels = [f"{label} ({place})" for place, label in enumerate(labels, 1)]
        control.choices = [
            Picked(
                id=f"{control.id}-{place}",
                value=str(place),
                label=label,
                picked=value["pick"] == str(place),
            )
            for place, label in enumerate(labels)
        ]
        if not new:
            control.hint = control.hint or gettext(
                "Has the address itself changed? Write to us: another address needs a step "
                "that only we can take."
            )
            control.__post_init__()
            return
        control.choices.append(
            Picked(
                id=f"{control.id}-new",
                value=kinds.NEW_ADDRESS,
                label=gettext("Another address"),
                picked=value["pick"] == kinds.NEW_ADDRESS,
            )
        )
    control.parts = [
        Control(
            id=f"{control.id}-{part}",
            name=f"{control.name}-{part}",
            kind="country" if part == "iso_country" else "text",
            label=kinds.address_label(part),
            optional=part in ("street_secondary", "region"),
            error=by_part.get(part, ""),
            value=value[part],
            autocomplete=AUTOCOMPLETE[part],
            width="10" if part == "postal_code" else "",
            options=country_options(value[part]) if part == "iso_country" else country_options(""),
        )
        for part in kinds.ADDRESS_PARTS
    ]


def _dress(control: Control, spec: Field) -> None:
    match spec.kind:
        case "email":
            control.inputmode, control.autocomplete, control.spellcheck = "email", "email", False
        case "phone":
            control.inputmode, control.autocomplete, control.spellcheck = "tel", "tel", False
            control.width = "20"
        case "text":
            control.spellcheck = not spec.name.endswith(("number", "identifier", "name", "id"))
            if spec.name.endswith("website"):
                control.inputmode = "url"
