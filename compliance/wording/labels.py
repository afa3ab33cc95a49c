"""The regulation's labels, fit for a sentence; and values as a person reads them."""

from collections.abc import Mapping
from typing import Any

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from compliance.models import Bundle
from compliance.requirements import Field, Task
from compliance.wording import dates
from compliance.wording.registrations import country_name, phone_number

# The choices that the regulations are known to offer.
CHOICES: dict[str, str | Promise] = {
    "YES": _("Yes"),
    "NO": _("No"),
    "DIRECT_CUSTOMER": _("Direct customer"),
    "INDEPENDENT_SOFTWARE_VENDOR": _("Independent software vendor"),
}


def in_sentence(label: str) -> str:
    """``VAT Number`` -> ``VAT number``: capitals go where they only start a word.

    In a label that is a sentence already (``Extract from the Register of X``) they stay, and in
    German, whose nouns have them anywhere.
    """
    if (get_language() or "").startswith("de"):
        return label
    words = label.split(" ")
    title_case = all(word[:1].isupper() for word in words if len(word) > 3)
    return " ".join(
        word.lower()
        if word[:1].isupper() and word[1:].islower() and (title_case or place == 0)
        else word
        for place, word in enumerate(words)
    )


def task_title(task: Task) -> str:
    """What a task is called: a document by its name, details by whose they are."""
    if task.kind == "document":
        return task.title
    return _details(task.options[0].type if task.options else "")


def object_title(object_type: str, *, otherwise: str) -> str:
    """What an object is called: End-Users by what they are, documents as Twilio calls them."""
    return _details(object_type) if object_type in ("business", "individual") else otherwise


def details_title(bundle: Bundle) -> str:
    """The same where there is no task: by the regulation."""
    return _details(bundle.regulation.end_user_type if bundle.regulation else "")


def _details(end_user_type: str) -> str:
    if end_user_type == "individual":
        return gettext("Personal details")
    return gettext("Business details")


def choice(value: str) -> str:
    """``LIMITED_COMPANY`` -> ``Limited company``"""
    known = CHOICES.get(value.upper())
    if known:
        return str(known)
    if value.isupper() and ("_" in value or len(value) > 4):
        return value.replace("_", " ").capitalize()
    return value.replace("_", " ")


def shown(field: Field, value: Any) -> str:
    """A value of ``field`` as text; an address is shown by what it is, not by its number."""
    if value in ("", None, []):
        return ""
    if field.kind == "address":
        return address(value)
    text = str(value)
    match field.kind:
        case "country":
            return country_name(text) if len(text) == 2 else text
        case "date":
            return dates.value(text)
        case "choice":
            return choice(text)
        case "phone":
            return phone_number(text)
        case _:
            return text


def address(value: Any) -> str:
    """An address line by line; one of which only the number is known, in a sentence."""
    if not isinstance(value, Mapping) or not value.get("street"):
        return gettext("The address already on this registration")
    town = " ".join(str(value.get(part) or "") for part in ("postal_code", "city")).strip()
    region = str(value.get("region") or "")
    lines = [
        str(value.get("customer_name") or ""),
        str(value.get("street") or ""),
        str(value.get("street_secondary") or ""),
        town,
        region if region != value.get("city") else "",
        country_name(str(value.get("iso_country") or "")),
    ]
    return "\n".join(line for line in lines if line)


def labelled(label: str, text: str) -> str:
    """``Label: text``; some languages set a space before the colon."""
    return gettext("%(label)s: %(text)s") % {"label": label, "text": text}


def size(count: int) -> str:
    """``240 KB``, ``1.2 MB``"""
    if count < 1024 * 1024:
        return gettext("%(size)s KB") % {"size": max(1, round(count / 1024))}
    return gettext("%(size)s MB") % {"size": megabytes(count)}


def megabytes(count: int) -> str:
    """``5``, ``1.2``"""
    tenths = round(count / 1024**2, 1)
    return formats.number_format(tenths, decimal_pos=0 if tenths.is_integer() else 1)
