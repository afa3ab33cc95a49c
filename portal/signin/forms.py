"""The fields of signing in, by mail and by passkey."""

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.core import context, ratelimit
from allauth.mfa.webauthn import forms as passkey_forms
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from compliance.models import User


class EmailForm(allauth_forms.RequestLoginCodeForm):
    """Knows people by ``User.email`` alone: an address that support has taken off a person must
    not open their pages any more."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        error_messages={
            "required": _("Enter your e-mail address."),
            "invalid": _("Enter an e-mail address in the form name@example.com."),
        },
    )

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).strip().lower()
        self._user = User.objects.filter(email=email, is_active=True).first()
        if not ratelimit.consume(context.request, action="request_login_code", key=email):
            raise get_adapter().validation_error("too_many_login_attempts")
        return email


class CodeForm(allauth_forms.ConfirmLoginCodeForm):
    code = forms.CharField(
        label=_("6-digit code"),
        max_length=20,
        error_messages={"required": _("Enter the 6-digit code from the mail.")},
    )


class PasskeyNameForm(forms.Form):
    use_required_attribute = False

    name = forms.CharField(
        label=_("Name"),
        help_text=_("So that you know it again, such as “Work laptop”."),
        max_length=60,
        error_messages={
            "required": _("Enter a name."),
            "max_length": _("The name can have at most 60 characters."),
        },
        widget=forms.TextInput(attrs={"class": "input input-20", "autocomplete": "off"}),
    )


class PasskeyForm(passkey_forms.SignupWebAuthnForm):
    """The device has made the passkey when this arrives: it is not turned away for its name."""

    use_required_attribute = False

    name = forms.CharField(
        label=_("Name"),
        help_text=_("So that you know it again, such as “Work laptop”."),
        required=False,
        widget=forms.TextInput(
            attrs={"class": "input input-20", "autocomplete": "off", "maxlength": 60}
        ),
    )

    def clean_name(self) -> str:
        return str(self.cleaned_data["name"])[:60] or gettext("Passkey")
