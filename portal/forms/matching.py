"""A value that must be the same in two places and is not: take one of the two, or type a third."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from compliance.requirements import Field
from compliance.wording.labels import in_sentence, shown
from portal.forms.controls import Control, Picked
from portal.forms.kinds import Kind

USE = "-use"
DOCUMENT, BOTH_DETAILS, TYPED = "document", "details", "typed"


class MatchInput(forms.TextInput):
    """The choice, and what the input of the third way reads."""

    def __init__(self, inner: forms.Widget) -> None:
        super().__init__()
        self.inner = inner

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> dict[str, Any]:
        return {
            "use": str(data.get(name + USE) or ""),
            "typed": self.inner.value_from_datadict(data, files, name),
        }

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name + USE not in data and self.inner.value_omitted_from_data(data, files, name)


class Match(Kind):
    """``spec.value`` stands on the document and ``spec.twin`` in the details."""

    def __init__(self, spec: Field, *, inner: Kind, **kwargs: Any) -> None:
        super().__init__(spec, widget=MatchInput(inner.widget), **kwargs)
        self.inner = inner

    def clean(self, value: dict[str, Any]) -> Any:
        match value["use"]:
            case "document":
                return self.spec.value
            case "details":
                return self.spec.twin
            case "typed":
                return self.inner.clean(value["typed"])
        label = in_sentence(self.spec.label)
        raise ValidationError(
            gettext("Choose which %(label)s is right") % {"label": label}, code="use"
        )


def use_of(spec: Field, stored: Any) -> str:
    """Which way leads to a value that was saved before."""
    if stored in ("", None):
        return ""
    return {spec.value: DOCUMENT, spec.twin: BOTH_DETAILS}.get(stored, TYPED)


def draw(control: Control, spec: Field, *, use: str, error_is_in_input: bool) -> Control:
    """The question around ``control``, which becomes the input of the third way."""
    ways = (
        (DOCUMENT, _both(spec, spec.value)),
        (BOTH_DETAILS, _both(spec, spec.twin)),
        (TYPED, gettext("Neither: I will type it")),
    )
    around = Control(
        id=f"{control.id}-match",
        name=control.name,
        kind="match",
        label=control.label,
        why=control.why,
        error="" if error_is_in_input else control.error,
        theirs=control.theirs,
        choices=[
            Picked(id=f"{control.id}{USE}-{place}", value=way, label=label, picked=way == use)
            for place, (way, label) in enumerate(ways)
        ],
        parts=[control],
    )
    control.label = gettext("The right %(label)s") % {"label": in_sentence(spec.label)}
    control.why, control.theirs = None, ""
    if not error_is_in_input:
        control.error = ""
    control.__post_init__()
    return around


def _both(spec: Field, value: Any) -> str:
    return gettext("Use “%(value)s” in both places") % {"value": shown(spec, value)}
