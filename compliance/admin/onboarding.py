"""Bringing customers in: one in a form, or many from a CSV file. Each is shown first as what will
happen, sentence by sentence; what is confirmed there is what was shown, carried by the page under
our signature.
"""

from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.forms import formset_factory
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from compliance import onboarding
from compliance.admin.base import ModelAdmin
from compliance.models import Account, Bundle, Customer, Membership, User
from compliance.onboarding import Company, Contact, Impossible, table
from compliance.tasks import nudge

SALT = "onboarding"
CONFIRM_WITHIN = 60 * 60
CONTACTS = 5
MOST_BUNDLES = 500
# Adding a company adds people and gives away bundles: who may do the one may do the others.
NEEDED = (
    "compliance.add_customer",
    "compliance.add_membership",
    "compliance.add_user",
    "compliance.change_bundle",
)


class AccountChoice(forms.ModelChoiceField):
    def label_from_instance(self, account: Any) -> str:
        return f"{account} ({account.sid})"


class BundleChoice(forms.ModelMultipleChoiceField):
    def label_from_instance(self, bundle: Any) -> str:
        until = f"{bundle.valid_until:%Y-%m-%d}" if bundle.valid_until else "-"
        return f"{bundle} · {until} · {bundle.email or '-'} · {bundle.sid}"


class CompanyForm(forms.Form):
    name = forms.CharField(label=_("Company"), max_length=200, widget=UnfoldAdminTextInputWidget())
    time_zone = forms.ChoiceField(
        label=_("Time zone"), initial="UTC", widget=UnfoldAdminSelectWidget()
    )
    account = AccountChoice(
        Account.objects.none(),
        label=_("Own subaccount"),
        required=False,
        help_text=_("Every bundle in it belongs to this customer."),
        widget=UnfoldAdminSelectWidget(),
    )
    bundles = BundleChoice(
        Bundle.objects.none(),
        label=_("Unassigned bundles"),
        required=False,
        help_text=_("The nearest deadline first."),
        widget=UnfoldAdminSelectMultipleWidget(attrs={"size": 8}),
    )
    invite = forms.BooleanField(
        label=_("Send the invitations now"),
        required=False,
        initial=True,
        help_text=_("Else each person is invited later, by “Invite again” in the list of people."),
        widget=UnfoldBooleanWidget(),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(zone for zone in available_timezones() if "/" in zone)
        self.fields["time_zone"].choices = [(zone, zone) for zone in ("UTC", *zones)]  # type: ignore[attr-defined]
        accounts = Account.objects.filter(active=True, is_main=False, customers=None)
        self.fields["account"].queryset = accounts.order_by("friendly_name")  # type: ignore[attr-defined]
        bundles = Bundle.objects.filter(customer=None).order_by("valid_until", "pk")
        some = bundles.values_list("pk", flat=True)[:MOST_BUNDLES]
        self.fields["bundles"].queryset = bundles.filter(pk__in=list(some))  # type: ignore[attr-defined]


class ContactForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"), widget=UnfoldAdminEmailInputWidget())
    name = forms.CharField(
        label=_("Name"), max_length=150, required=False, widget=UnfoldAdminTextInputWidget()
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=Membership.Role.choices,
        initial=Membership.Role.EDITOR,
        widget=UnfoldAdminSelectWidget(),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        initial=settings.LANGUAGE_CODE,
        widget=UnfoldAdminSelectWidget(),
    )


ContactFormSet = formset_factory(
    ContactForm, extra=CONTACTS, min_num=0, max_num=CONTACTS, absolute_max=CONTACTS
)


class FileForm(forms.Form):
    file = forms.FileField(label=_("CSV file"), widget=UnfoldAdminFileFieldWidget())


class Onboarding(ModelAdmin):
    """Mixed into the admin of customers."""

    actions_list: ClassVar[tuple[str, ...]] = ("onboard", "import_csv")

    def has_onboard_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perms(NEEDED)

    @action(  # type: ignore[untyped-decorator]
        description=_("Onboard a customer"),
        url_path="onboard",
        permissions=["onboard"],
        icon="person_add",
    )
    def onboard(self, request: HttpRequest) -> HttpResponse:
        if "held" in request.POST:
            return self._onboard_confirmed(request)
        form = CompanyForm(request.POST or None)
        contacts = ContactFormSet(request.POST or None, prefix="contacts")
        if request.method == "POST" and form.is_valid() and contacts.is_valid():
            planned = onboarding.plan(_company(form.cleaned_data, contacts.cleaned_data))
            if not planned.problems:
                context = {
                    "hidden": {"held": _hold(request, table.packed([planned]))},
                    "steps": planned.steps,
                    "back": reverse("admin:compliance_customer_onboard"),
                }
                return self._page(request, "confirm", _("Onboard a customer"), context)
            for problem in planned.problems:
                form.add_error(None, problem)
        shown = {"form": form, "contacts": contacts}
        return self._page(request, "form", _("Onboard a customer"), shown)

    def _onboard_confirmed(self, request: HttpRequest) -> HttpResponse:
        held = _held(request)
        if held is None:
            return self._too_old(request, "admin:compliance_customer_onboard")
        [shown] = table.unpacked(held)
        try:
            customer = onboarding.carry_out(
                shown.company,
                by=request.user,  # type: ignore[arg-type]
                now=timezone.now(),
                shown=shown.steps,
            )
        except Impossible:
            return self._too_old(request, "admin:compliance_customer_onboard")
        _nudge_all(customer)
        done = gettext("%(name)s has been added.") % {"name": customer}
        messages.success(request, done)
        return redirect("admin:compliance_customer_change", customer.pk)

    @action(  # type: ignore[untyped-decorator]
        description=_("Import from CSV"),
        url_path="import",
        permissions=["onboard"],
        icon="upload_file",
    )
    def import_csv(self, request: HttpRequest) -> HttpResponse:
        if "held" in request.POST:
            return self._import_confirmed(request)
        form = FileForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                groups = table.read(form.cleaned_data["file"].read())
            except table.Unreadable as problem:
                form.add_error("file", str(problem))
            else:
                planned = table.planned(groups)
                doable = [found for _group, found in planned if found.steps]
                context = {
                    "planned": planned,
                    "doable": len(doable),
                    "held": _hold(request, table.packed(doable)) if doable else "",
                }
                return self._page(request, "dry_run", _("Import from CSV"), context)
        context = {"form": form, "columns": table.COLUMNS}
        return self._page(request, "import", _("Import from CSV"), context)

    def _import_confirmed(self, request: HttpRequest) -> HttpResponse:
        held = _held(request)
        if held is None:
            return self._too_old(request, "admin:compliance_customer_import_csv")
        done: list[Customer] = []
        for shown in table.unpacked(held):
            try:
                done.append(
                    onboarding.carry_out(
                        shown.company,
                        by=request.user,  # type: ignore[arg-type]
                        now=timezone.now(),
                        shown=shown.steps,
                    )
                )
            except Impossible:
                left_out = gettext("%(name)s was left out: something has changed meanwhile.")
                messages.warning(request, left_out % {"name": shown.company.name})
        for customer in done:
            _nudge_all(customer)
        messages.success(
            request,
            ngettext(
                "%(count)s company was imported.", "%(count)s companies were imported.", len(done)
            )
            % {"count": len(done)},
        )
        return redirect("admin:compliance_customer_changelist")

    def _too_old(self, request: HttpRequest, back: str) -> HttpResponse:
        messages.error(
            request,
            gettext("Nothing was done: something has changed meanwhile. Please look again."),
        )
        return redirect(back)

    def _page(
        self, request: HttpRequest, name: str, title: Any, context: dict[str, Any]
    ) -> HttpResponse:
        shown = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            **context,
        }
        folder = "" if name == "confirm" else "onboarding/"
        return TemplateResponse(request, f"admin/compliance/{folder}{name}.html", shown)


def _company(values: dict[str, Any], contacts: list[dict[str, Any]]) -> Company:
    return Company(
        name=values["name"],
        time_zone=values["time_zone"],
        account=values["account"].sid if values["account"] else "",
        bundles=tuple(bundle.sid for bundle in values["bundles"]),
        invite=values["invite"],
        contacts=tuple(
            Contact(
                email=contact["email"].lower(),
                name=contact["name"],
                role=contact["role"],
                language=contact["language"],
            )
            for contact in contacts
            if contact
        ),
    )


def _salt(request: HttpRequest) -> str:
    """What one person was shown is not another's to confirm."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return f"{SALT}:{request.user.pk}"


def _hold(request: HttpRequest, shown: Any) -> str:
    return signing.dumps(shown, salt=_salt(request), compress=True)


def _held(request: HttpRequest) -> Any:
    """None if it was shown too long ago, or not by us."""
    try:
        return signing.loads(request.POST["held"], salt=_salt(request), max_age=CONFIRM_WITHIN)
    except signing.BadSignature:
        return None


def _nudge_all(customer: Customer) -> None:
    for pk in onboarding.due_of(customer):
        nudge(pk)
