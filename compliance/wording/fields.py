"""The fields that Twilio's regulations are known to ask for, in our customers' words.

A field that is not named here keeps Twilio's own label and description.
"""

from dataclasses import replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from compliance.requirements import Field, Option

LABELS: dict[str, str | Promise] = {
    "address_sids": _("Address"),
    "birth_date": _("Date of birth"),
    "business_description": _("Business activity"),
    "business_identity": _("Use of the numbers"),
    "business_name": _("Business name"),
    "business_purpose": _("Purpose of the business"),
    "business_registration_identifier": _("Kind of registration number"),
    "business_registration_number": _("Business registration number"),
    "business_website": _("Website of the business"),
    "comments": _("Comments"),
    "document_number": _("Number of the document"),
    "email": _("E-mail"),
    "expiration_date": _("Valid until"),
    "first_name": _("First name"),
    "is_subassigned": _("Do you give the numbers on to other companies?"),
    "issue_date": _("Date of issue"),
    "last_name": _("Last name"),
    "nationality": _("Nationality"),
    "phone_number": _("Phone number"),
}
HINTS: dict[str, str | Promise] = {
    "business_identity": _(
        "Direct customer: you use them for your own business. Independent software vendor: you "
        "provide them to customers of yours."
    ),
    "is_subassigned": _("No, if you use all of them yourself."),
}


def worded(option: Option) -> Option:
    """The option with labels and hints as customers know them."""
    return replace(
        option,
        fields=tuple(map(_worded, option.fields)),
        others=tuple(map(_worded, option.others)),
    )


def label_of(field: Field) -> str:
    return known_label(field.name, otherwise=field.label)


def known_label(name: str, *, otherwise: str) -> str:
    return str(LABELS.get(name) or otherwise)


def _worded(field: Field) -> Field:
    hint = str(HINTS.get(field.name) or field.hint)
    return replace(field, label=label_of(field), hint=hint)
