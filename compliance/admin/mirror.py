"""What Twilio holds, as last read. Support may say whose a bundle is; nothing else is edited."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from compliance import accounts, sync
from compliance.admin.base import OwnPages, ReadOnlyAdmin, relative
from compliance.admin.campaigns import Campaigns
from compliance.admin.unassigned import Unassigned, not_assignable
from compliance.models import Account, Bundle, Customer, Regulation, Renewal
from compliance.tasks import nudge, nudge_tests


@admin.register(Account)
class AccountAdmin(OwnPages, ReadOnlyAdmin):
    list_display = ("__str__", "sid", "is_main", "active", "silent", "polled_at", "synced_at")
    list_filter = ("active", "is_main")
    search_fields = ("sid", "friendly_name")
    fields = (
        "sid",
        "friendly_name",
        "is_main",
        "active",
        "unreachable_since",
        "unreachable_because",
        "paused_until",
        "polled_at",
        "synced_at",
        "credentials",
    )
    actions_detail = ("test_credentials",)

    @admin.display(description=_("does not answer"))
    def silent(self, account: Account) -> str:
        return account.unreachable_because if account.unreachable_since else ""

    @admin.display(description=_("test of the credentials"))
    def credentials(self, account: Account) -> str:
        """What the last test found; and that another one is on its way."""
        asked, tested = account.test_asked_at, account.tested_at
        if asked and (tested is None or tested < asked):
            return gettext("asked for %(when)s, not done yet: load this page again") % {
                "when": relative(asked)
            }
        if tested is None:
            return gettext("never tested")
        found = account.test_problem or gettext("Twilio accepts them")
        return f"{found}, {relative(tested)}"

    @action(  # type: ignore[untyped-decorator]
        description=_("Test the credentials"),
        url_path="test-credentials",
        permissions=["test"],
        icon="key",
    )
    def test_credentials(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A worker tries them; this page never waits for Twilio."""
        account = get_object_or_404(Account, pk=object_id if object_id.isdecimal() else 0)
        back = reverse("admin:compliance_account_change", args=[account.pk])
        if request.method == "POST":
            accounts.ask_for_test(account, now=timezone.now())
            nudge_tests()
            done = gettext("The credentials are being tested. Load this page again in a moment.")
            self.message_user(request, done, messages.SUCCESS)
            return redirect(back)
        steps = [
            gettext("A worker reads one list of bundles of %(account)s with its credentials.")
            % {"account": account},
            gettext("Nothing is changed at Twilio. What came of it stands on the account's page."),
        ]
        return self.shown(
            request, "confirm", _("Test the credentials"), {"steps": steps, "back": back}
        )

    def has_test_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("compliance.change_account")


@admin.register(Regulation)
class RegulationAdmin(Campaigns, ReadOnlyAdmin):
    list_display = ("__str__", "iso_country", "number_type", "end_user_type", "changed_at", "gone")
    list_filter = ("iso_country", "end_user_type", "gone")
    search_fields = ("sid", "friendly_name")


class UnassignedFilter(admin.SimpleListFilter):
    title = _("customer")
    parameter_name = "assigned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("unassigned")), ("yes", _("assigned"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Bundle]) -> QuerySet[Bundle]:
        if self.value() is None:
            return queryset
        return queryset.filter(customer__isnull=self.value() == "no")


class AssignForm(forms.Form):
    customer = forms.ModelChoiceField(Customer.objects.order_by("name"), label=_("Customer"))


@admin.register(Bundle)
class BundleAdmin(Unassigned, ReadOnlyAdmin):
    list_display = (
        "__str__",
        "customer",
        "regulation",
        "status",
        "deadline",
        "email",
        "number_list",
        "account",
    )
    list_filter = (UnassignedFilter, "status", "regulation", "account")
    list_select_related = ("customer", "regulation", "account")
    search_fields = ("sid", "friendly_name", "email", "numbers", "customer__name")
    ordering = ("valid_until",)
    actions = ("assign",)

    @admin.display(description=_("valid until"), ordering="valid_until")
    def deadline(self, bundle: Bundle) -> str:
        return relative(bundle.valid_until)

    @admin.display(description=_("phone numbers"))
    def number_list(self, bundle: Bundle) -> str:
        return ", ".join(bundle.numbers)

    @admin.action(description=_("Assign to a customer"), permissions=["assign"])
    def assign(self, request: HttpRequest, queryset: QuerySet[Bundle]) -> HttpResponse | None:
        """A page of its own that says what will happen, then the assignment."""
        form = AssignForm(request.POST if "customer" in request.POST else None)
        if form.is_valid():
            customer, bundles, left = form.cleaned_data["customer"], [], 0
            for bundle in queryset:
                try:
                    sync.assign(
                        bundle,
                        customer_pk=customer.pk,
                        by=request.user,  # type: ignore[arg-type]
                        now=timezone.now(),
                    )
                    bundles.append(bundle)
                except sync.NotAssignable:
                    left += 1
            for pk in (
                Renewal.objects.open().filter(bundle__in=bundles).values_list("pk", flat=True)
            ):
                nudge(pk)
            if left:
                self.message_user(request, not_assignable(left), messages.WARNING)
            if not bundles:
                return None
            self.message_user(
                request,
                ngettext(
                    "%(n)d bundle now belongs to %(customer)s.",
                    "%(n)d bundles now belong to %(customer)s.",
                    len(bundles),
                )
                % {"n": len(bundles), "customer": customer},
                messages.SUCCESS,
            )
            return None
        context = {"bundles": queryset, "form": form}
        return self.shown(request, "assign", _("Assign to a customer"), context)

    def has_assign_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("compliance.change_bundle")
