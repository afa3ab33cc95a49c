"""What is asked about people."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import phonenumbers
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from compliance.models import Membership, User

ROLES = (
    (Membership.Role.EDITOR, _("Editor: answers what is asked and sends updates")),
    (Membership.Role.VIEWER, _("Viewer: looks at everything and changes nothing")),
)
# A name goes into mails to others: what belongs to addresses is no part of it, nor what turns the
# direction of the text around it.
LIKE_A_LINK = re.compile(r"[/:@<>\\\u202a-\u202e\u2066-\u2069]|\bwww\b", re.IGNORECASE)


class Name(forms.CharField):
    widget = forms.TextInput(
        attrs={"class": "input", "autocomplete": "name", "spellcheck": "false"}
    )

    def __init__(self, *, missing: Any, **kwargs: Any) -> None:
        messages = {
            "required": missing,
            "max_length": _("The name can have at most 100 characters."),
        }
        super().__init__(max_length=100, error_messages=messages, **kwargs)

    def clean(self, value: Any) -> str:
        name = " ".join(unicodedata.normalize("NFKC", str(super().clean(value))).split())
        if LIKE_A_LINK.search(name):
            raise ValidationError(_("Enter a name without an address in it."))
        return name


class Language(forms.ChoiceField):
    widget = forms.RadioSelect

    def __init__(self, **kwargs: Any) -> None:
        missing = _("Select a language.")
        messages = {"required": missing, "invalid_choice": missing}
        super().__init__(choices=settings.LANGUAGES, error_messages=messages, **kwargs)


class Role(forms.ChoiceField):
    widget = forms.RadioSelect

    def __init__(self) -> None:
        missing = _("Select what this person may do.")
        messages = {"required": missing, "invalid_choice": missing}
        super().__init__(label=_("What this person may do"), choices=ROLES, error_messages=messages)


class AddForm(forms.Form):
    use_required_attribute = False

    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("The invitation goes there, and it is what this person signs in with."),
        max_length=254,
        error_messages={
            "required": _("Enter the e-mail address."),
            "invalid": _("Enter an e-mail address in the form name@example.com."),
        },
        widget=forms.EmailInput(
            attrs={
                "class": "input",
                "autocomplete": "off",
                "spellcheck": "false",
                "autocapitalize": "none",
            }
        ),
    )
    name = Name(
        label=_("Name"),
        missing=_("Enter the name."),
        widget=forms.TextInput(
            attrs={"class": "input", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    role = Role()
    language = Language(label=_("Language of the invitation"))

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class ChangeForm(forms.Form):
    use_required_attribute = False

    role = Role()
    mails = forms.TypedChoiceField(
        label=_("E-mails about registrations"),
        choices=[("yes", _("Gets our e-mails")), ("no", _("Gets none"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("Select whether this person gets our e-mails.")},
    )


class OwnForm(forms.Form):
    """``mails`` are the companies about which somebody wants to hear; there is a telephone number
    only where reminders go out by SMS."""

    use_required_attribute = False

    name = Name(label=_("Your name"), missing=_("Enter your name."))
    language = Language(label=_("Language of the pages and the e-mails"))
    phone = forms.CharField(
        label=_("Mobile phone"),
        required=False,
        max_length=40,
        help_text=_(
            "With + and the country code. The last reminders before a deadline go there by SMS "
            "as well. Leave it empty for none."
        ),
        widget=forms.TextInput(
            attrs={"class": "input input-20", "autocomplete": "tel", "inputmode": "tel"}
        ),
    )
    mails = forms.MultipleChoiceField(
        label=_("E-mails about registrations"),
        required=False,
        help_text=_("Untick a company to get no more e-mails about its registrations."),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, memberships: Sequence[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mails = self.fields["mails"]
        assert isinstance(mails, forms.MultipleChoiceField)  # noqa: S101 (written above)
        mails.choices = [
            (
                str(membership.public_id),
                _("%(company)s, for which you are an editor")
                % {"company": membership.customer.name}
                if membership.role == Membership.Role.EDITOR
                else _("%(company)s, for which you are a viewer")
                % {"company": membership.customer.name},
            )
            for membership in memberships
        ]
        if not memberships:
            del self.fields["mails"]
        if not settings.SMS_FROM:
            del self.fields["phone"]

    def clean_phone(self) -> str:
        typed = str(self.cleaned_data["phone"]).replace("(0)", "").strip()
        if not typed:
            return ""
        try:
            number = phonenumbers.parse(typed, None)
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_possible_number(number):
            raise ValidationError(
                _("Enter a number with + and the country code, such as +49 1512 3456789.")
            )
        return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def own_values(user: User, memberships: Sequence[Membership]) -> dict[str, Any]:
    return {
        "name": user.name,
        "language": user.language,
        "phone": user.phone,
        "mails": [str(membership.public_id) for membership in memberships if membership.mails],
    }
