"""One form field a kind of regulation field: reads what was posted, and says in a sentence what is
wrong with it. A widget here only reads; the templates draw (see ``portal.forms.controls``)."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext
from django_countries import countries

from compliance.requirements import Field
from compliance.wording.kept import kept
from compliance.wording.labels import in_sentence

TEXT_LENGTH = 250
LONG_TEXT_LENGTH = 2000
EMAIL_LENGTH = 254
# Turns the direction of the text around it: can make a name read as another one.
TURNING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# From here on come emoji and pictures, among letters of rare scripts and rare characters of names.
PICTURES = "\U0001f000"
OLDEST_PERSON = 130

ADDRESS_PARTS = (
    "customer_name",
    "street",
    "street_secondary",
    "city",
    "region",
    "postal_code",
    "iso_country",
)
NEW_ADDRESS = "new"


def normal(text: str) -> str:
    """As it is compared and stored: composed, with one kind of line end, without outer space."""
    text = unicodedata.normalize("NFC", text)
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def check_text(text: str, *, label: str, longest: int, lines: bool = False) -> None:
    label = in_sentence(label)
    if len(text) > longest:
        raise ValidationError(
            gettext("The %(label)s must be %(longest)s characters or fewer. It has %(length)s.")
            % {"label": label, "longest": longest, "length": len(text)}
        )
    for character in text:
        if lines and character == "\n":
            continue
        if unicodedata.category(character) in ("Cc", "Cs") or character in TURNING:
            raise ValidationError(
                gettext(
                    "The %(label)s contains a character that cannot be printed. "
                    "Type it again instead of pasting it."
                )
                % {"label": label}
            )
        if character >= PICTURES and unicodedata.category(character) == "So":
            raise ValidationError(
                gettext(
                    "The %(label)s contains a picture (%(character)s). Use letters, numbers and "
                    "punctuation only."
                )
                % {"label": label, "character": character}
            )


class Kind(forms.Field):
    """A form field for ``spec``.

    What the other side has already passed is not judged again: a value that comes back as it was
    shown is taken as it was stored.
    """

    def __init__(
        self, spec: Field, *, shown: Any, passed: bool, on_document: bool, **kwargs: Any
    ) -> None:
        super().__init__(required=False, **kwargs)
        self.spec = spec
        self.shown = shown
        self.passed = passed
        self.on_document = on_document

    def clean(self, value: Any) -> Any:
        if self.passed and value == self.shown:
            return self.spec.value
        if self.is_empty(value):
            if self.spec.required:
                raise ValidationError(self.missing())
            return ""
        return self.checked(value)

    def is_empty(self, value: Any) -> bool:
        return not value

    def missing(self) -> str:
        label = in_sentence(self.spec.label)
        if self.on_document:
            return gettext("Enter the %(label)s, as it stands on the document") % {"label": label}
        return gettext("Enter your %(label)s") % {"label": label}

    def checked(self, value: Any) -> Any:
        return value


class TextInput(forms.TextInput):
    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str:
        value = data.get(name)
        return normal(value) if isinstance(value, str) else ""


class Text(Kind):
    widget = TextInput
    longest = TEXT_LENGTH
    lines = False

    def checked(self, value: str) -> str:
        check_text(value, label=self.spec.label, longest=self.longest, lines=self.lines)
        return value


class LongText(Text):
    longest = LONG_TEXT_LENGTH
    lines = True


class Email(Text):
    longest = EMAIL_LENGTH

    def checked(self, value: str) -> str:
        value = super().checked(value)
        try:
            validate_email(value)
        except ValidationError as error:
            raise ValidationError(
                gettext("Enter an e-mail address in the correct format, like name@example.com")
            ) from error
        return value


class Phone(Text):
    def __init__(self, spec: Field, *, region: str, **kwargs: Any) -> None:
        super().__init__(spec, **kwargs)
        self.region = region

    def checked(self, value: str) -> str:
        value = super().checked(value)
        try:
            number = phonenumbers.parse(value, self.region or None)
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_valid_number(number):
            raise ValidationError(
                gettext("Enter a phone number, like %(example)s")
                % {"example": example_number(self.region)}
            )
        form = phonenumbers.PhoneNumberFormat.E164
        return str(phonenumbers.format_number(number, form))


def example_number(region: str) -> str:
    number = phonenumbers.example_number(region) if region else None
    if number is None:
        return "+44 20 7946 0958"
    form = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(number, form))


class DayInput(forms.TextInput):
    """Three inputs: day, month, year."""

    def value_from_datadict(
        self, data: Mapping[str, Any], files: Any, name: str
    ) -> tuple[str, str, str]:
        day, month, year = (str(data.get(f"{name}-{part}") or "").strip()[:20] for part in "dmy")
        return day, month, year

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return not any(f"{name}-{part}" in data for part in "dmy")


class Day(Kind):
    widget = DayInput

    def is_empty(self, value: tuple[str, str, str]) -> bool:
        return not any(value)

    def checked(self, value: tuple[str, str, str]) -> str:
        label = in_sentence(self.spec.label)
        names = (gettext("a day"), gettext("a month"), gettext("a year"))
        lacking = [name for part, name in zip(value, names, strict=True) if not part]
        if lacking:
            raise ValidationError(
                gettext("The %(label)s must include %(parts)s")
                % {"label": label, "parts": gettext(" and ").join(lacking)}
            )
        try:
            day, month, year = (int(part) for part in value)
            entered = date(year, month, day)
        except (ValueError, OverflowError) as error:
            raise ValidationError(
                gettext("The %(label)s must be a real date, like 27 3 2024") % {"label": label}
            ) from error
        if year < 1800 or year > 2200:
            raise ValidationError(
                gettext("The year of the %(label)s must have 4 numbers, like 2024")
                % {"label": label}
            )
        if self.spec.name == "birth_date":
            today = timezone.localdate()
            if not today.year - OLDEST_PERSON <= year or entered > today:
                raise ValidationError(
                    gettext("The %(label)s must be that of a living person, like 27 3 1984")
                    % {"label": label}
                )
        return entered.isoformat()


def day_parts(stored: Any) -> tuple[str, str, str]:
    """A stored ``YYYY-MM-DD`` as day, month and year; blank if it is something else."""
    try:
        parsed = date.fromisoformat(str(stored))
    except ValueError:
        return "", "", ""
    return str(parsed.day), str(parsed.month), str(parsed.year)


class Country(Kind):
    widget = TextInput

    def missing(self) -> str:
        return gettext("Select a country for “%(label)s”") % {"label": self.spec.label}

    def checked(self, value: str) -> str:
        if value not in countries.countries:
            raise ValidationError(self.missing())
        return value


def country_code(stored: Any) -> str:
    """The code of a country that is stored as a code or by name; empty if it is neither."""
    text = str(stored or "").strip()
    return _country_code(text) if text else ""


@kept
def _country_code(text: str) -> str:
    return text.upper() if text.upper() in countries.countries else countries.by_name(text)


class Choice(Kind):
    widget = TextInput

    def missing(self) -> str:
        return gettext("Choose an answer to “%(label)s”") % {"label": self.spec.label}

    def checked(self, value: str) -> str:
        if value not in self.spec.choices:
            raise ValidationError(self.missing())
        return value


def chosen(choices: Sequence[str], stored: Any) -> str:
    """The choice that a stored value stands for, whatever its capitals."""
    text = str(stored or "").casefold()
    return next((choice for choice in choices if choice.casefold() == text), "")


class AddressInput(forms.TextInput):
    """One of the addresses that are there, by its place in the list, or the parts of a new one."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> dict[str, str]:
        parts = {part: normal(str(data.get(f"{name}-{part}") or "")) for part in ADDRESS_PARTS}
        return {"pick": str(data.get(f"{name}-pick") or ""), **parts}

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return not any(f"{name}-{part}" in data for part in ("pick", *ADDRESS_PARTS))


class Address(Kind):
    widget = AddressInput

    def __init__(
        self,
        spec: Field,
        *,
        known: Sequence[str],
        new: bool = True,
        home: tuple[str, str] = ("", ""),
        **kwargs: Any,
    ) -> None:
        """
        :param known: the SIDs of those that are there.
        :param new: another one can be entered.
        :param home: code and name of the country in which a new one has to be, if it has.
        """
        super().__init__(spec, **kwargs)
        self.known = known
        self.new = new or not known
        self.home = home

    def is_empty(self, value: dict[str, str]) -> bool:
        if self.known and value["pick"] in ("", None):
            return True
        typed = any(value[part] for part in ADDRESS_PARTS if part != "iso_country")
        return value["pick"] in ("", NEW_ADDRESS) and not typed and not self.spec.required

    def missing(self) -> str:
        return gettext("Choose an address")

    def checked(self, value: dict[str, str]) -> dict[str, str]:
        pick = value["pick"]
        if self.known and not (self.new and pick == NEW_ADDRESS):
            if not pick.isascii() or not pick.isdigit() or int(pick) >= len(self.known):
                raise ValidationError(self.missing())
            return {"sid": self.known[int(pick)]}
        problems = [
            ValidationError(sentence, code=part)
            for part in ADDRESS_PARTS
            if (sentence := address_problem(part, value[part]))
        ]
        code, country = self.home
        if not problems and code and value["iso_country"] != code:
            sentence = gettext(
                "Choose an address in %(country)s. These numbers need a local address."
            ) % {"country": country}
            problems.append(ValidationError(sentence, code="iso_country"))
        if problems:
            raise ValidationError(problems)
        # The region is required upstream even where the word means nothing.
        return {
            **{part: value[part] for part in ADDRESS_PARTS},
            "region": value["region"] or value["city"],
        }


def address_problem(part: str, value: str) -> str:
    label = address_label(part)
    if not value:
        match part:
            case "customer_name":
                return gettext("Enter the name of the person or business at this address")
            case "street":
                return gettext("Enter the street and house number")
            case "city":
                return gettext("Enter the town or city")
            case "postal_code":
                return gettext("Enter the postal code")
            case "iso_country":
                return gettext("Select the country of the address")
        return ""
    if part == "iso_country" and value not in countries.countries:
        return gettext("Select the country of the address")
    try:
        check_text(value, label=label, longest=20 if part == "postal_code" else 120)
    except ValidationError as error:
        return str(error.message)
    return ""


def address_label(part: str) -> str:
    return {
        "customer_name": gettext("Name of the person or business"),
        "street": gettext("Street and house number"),
        "street_secondary": gettext("Flat, floor or building"),
        "city": gettext("Town or city"),
        "region": gettext("State, province or region"),
        "postal_code": gettext("Postal code"),
        "iso_country": gettext("Country"),
    }[part]
