"""A form as the template draws it: every value prepared, nothing left to compute.

Drawing bound fields takes ten times as long as drawing these (a page of 14 fields: 4 ms and
0.4 ms), and a regulation's form has many.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django_countries import countries

from compliance.wording.reasons import Why

AUTOCOMPLETE = {
    "business_name": "organization",
    "first_name": "given-name",
    "last_name": "family-name",
    "email": "email",
    "phone_number": "tel",
    "birth_date": "bday",
    "date_of_birth": "bday",
    "business_website": "url",
    "customer_name": "name",
    "street": "address-line1",
    "street_secondary": "address-line2",
    "city": "address-level2",
    "region": "address-level1",
    "postal_code": "postal-code",
    "iso_country": "country",
}


@dataclass(frozen=True, kw_only=True)
class Picked:
    """One of several: a radio button."""

    id: str
    value: str
    label: str
    picked: bool


@dataclass(kw_only=True)
class Control:
    """One question. ``kind`` says how it is drawn; ``parts`` are the inputs of a date or of a new
    address, and ``describedby`` lists the ids of the texts that belong to it."""

    id: str
    name: str
    kind: str
    label: str
    optional: bool = False
    hint: str = ""
    # The hint is the regulation's own, in English.
    foreign: bool = False
    why: Why | None = None
    error: str = ""
    value: str = ""
    # What a colleague entered meanwhile, or what stands there and cannot be shown in the inputs.
    theirs: str = ""
    current: str = ""
    autocomplete: str = ""
    inputmode: str = ""
    spellcheck: bool = True
    width: str = ""
    describedby: str = ""
    choices: Sequence[Picked] = ()
    parts: Sequence["Control"] = ()
    options: SafeString = field(default_factory=SafeString)

    def __post_init__(self) -> None:
        texts = [
            ("why", self.why),
            ("hint", self.hint),
            ("current", self.current),
            ("theirs", self.theirs),
            ("error", self.error),
        ]
        self.describedby = " ".join(f"{self.id}-{name}" for name, text in texts if text)


def country_options(selected: str) -> SafeString:
    """The options of a country list. Made once a language: there are 250."""
    every = _country_options(get_language() or "")
    if not selected:
        return every
    marked = format_html('value="{}"', selected)
    return mark_safe(every.replace(marked, marked + " selected", 1))  # noqa: S308 (made above)


@lru_cache(maxsize=16)
def _country_options(language: str) -> SafeString:
    rows: list[tuple[Any, ...]] = [(code, name) for code, name in countries]
    return format_html_join("\n", '<option value="{}">{}</option>', rows)
