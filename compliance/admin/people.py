"""Customers, and who may act for them."""

import re
from typing import Any

import allauth.mfa.admin  # noqa: F401 (it registers what is replaced below)
from allauth.mfa.base.internal.flows import delete_dangling_recovery_codes
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from compliance import people
from compliance.admin.base import ModelAdmin, ReadOnlyAdmin, TabularInline
from compliance.admin.onboarding import Onboarding
from compliance.admin.personal import Personal
from compliance.admin.queue import PagesByKey, as_written, called
from compliance.models import Bundle, Customer, Membership, User

BEGINNING_OF_SID = re.compile(r"BU[0-9a-f]{6,32}", re.IGNORECASE)


class MembershipForm(forms.ModelForm):
    """Whose it is stays: another person is added and invited, and this one removed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name in {"user", "customer"} & set(self.fields):
                self.fields[name].disabled = True

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if self.instance.pk is None:
            pk = values["user"].pk if values.get("user") else self.instance.user_id
            of_staff = Q(is_staff=True) | Q(is_superuser=True)
            if User.objects.filter(of_staff, pk=pk).exists():
                raise forms.ValidationError(gettext("Staff can't be a customer's contact."))
        return values


class MembershipInline(TabularInline):
    model = Membership
    form = MembershipForm
    extra = 0
    autocomplete_fields = ("user", "customer")
    fields = ("user", "customer", "role", "mails", "by_support", "joined_at")
    readonly_fields = ("joined_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        memberships: QuerySet[Membership] = super().get_queryset(request)
        return memberships.select_related("user", "customer")


class TellsWhoIsAdded(ModelAdmin):
    """Who is added in the inline is invited by mail; what else changes there is on record."""

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        if formset.model is not Membership:
            return
        now, by = timezone.now(), request.user
        for membership in formset.new_objects:
            people.invited(membership, by=by, now=now)  # type: ignore[arg-type]
        for membership, fields in formset.changed_objects:
            if "role" in fields:
                kind, details = people.ROLE_CHANGED, {"role": membership.role}
                people.note(kind, membership, by=by, now=now, **details)  # type: ignore[arg-type]
            if "mails" in fields:
                kind, details = people.MAILS_CHANGED, {"mails": membership.mails}
                people.note(kind, membership, by=by, now=now, **details)  # type: ignore[arg-type]
            if "by_support" in fields:
                kind, details = people.VOUCHED_FOR, {"vouched": membership.by_support}
                people.note(kind, membership, by=by, now=now, **details)  # type: ignore[arg-type]
        for membership in formset.deleted_objects:
            people.note(people.REMOVED, membership, by=by, now=now)  # type: ignore[arg-type]
        if formset.new_objects:
            self.message_user(
                request,
                ngettext(
                    "%(n)d invitation is on its way.",
                    "%(n)d invitations are on their way.",
                    len(formset.new_objects),
                )
                % {"n": len(formset.new_objects)},
                messages.SUCCESS,
            )


def _number_of(model: type[Membership] | type[Bundle]) -> Coalesce:
    """How many of these each customer has, one by one: joined, they would multiply."""
    its = model._default_manager.filter(customer=OuterRef("pk")).order_by()
    counted = its.values("customer").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


@admin.register(Customer)
class CustomerAdmin(Onboarding, Personal, TellsWhoIsAdded):
    list_display = ("name", "account", "time_zone", "people_count", "bundle_count")
    list_select_related = ("account",)
    # There is a box to search in; what it finds, ``get_search_results`` says.
    search_fields = ("name",)
    search_help_text = _("Company, e-mail, or the SID of a bundle")
    ordering = ("name",)
    inlines = (MembershipInline,)

    # What is counted is counted for the page that is shown.
    paginator = PagesByKey

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        customers: QuerySet[Customer] = super().get_queryset(request)
        return customers.annotate(n_people=_number_of(Membership), n_bundles=_number_of(Bundle))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Customer], search_term: str
    ) -> tuple[QuerySet[Customer], bool]:
        for word in search_term.split():
            found = called(word)
            if BEGINNING_OF_SID.fullmatch(word):
                its = Bundle.objects.filter(sid__startswith=as_written(word))
                found |= Q(pk__in=its.values("customer"))
            queryset = queryset.filter(found)
        return queryset, False

    @admin.display(description=_("people"))
    def people_count(self, customer: Any) -> int:
        return int(customer.n_people)

    @admin.display(description=_("bundles"))
    def bundle_count(self, customer: Any) -> int:
        return int(customer.n_bundles)


def _may_touch(request: HttpRequest, user: User | None) -> bool:
    of_staff = user is not None and (user.is_staff or user.is_superuser)
    return not of_staff or bool(request.user.is_superuser)


@admin.register(User)
class UserAdmin(TellsWhoIsAdded):
    """People sign in by e-mail; there is no password to set."""

    list_display = ("email", "name", "language", "phone", "is_staff", "is_active", "last_login")
    list_filter = ("is_staff", "is_active", "language")
    search_fields = ("email", "name")
    ordering = ("email",)
    fields = (
        "email",
        "name",
        "language",
        "phone",
        "is_active",
        "is_staff",
        "gets_digest",
        "is_superuser",
        "groups",
        "user_permissions",
    )
    filter_horizontal = ("groups", "user_permissions")
    inlines = (MembershipInline,)
    actions = ("invite_again",)

    # Signing in is by e-mail, so who may change an address may become its owner: only a superuser
    # may touch those of the staff, and decide who is staff.

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        if request.user.is_superuser:
            return ()
        return ("is_staff", "is_superuser", "groups", "user_permissions")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)

    @admin.action(description=_("Invite again"), permissions=["change"])
    def invite_again(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """For each company of theirs in which they have not been seen yet."""
        waiting = Membership.objects.filter(user__in=queryset, joined_at=None)
        for membership in waiting.select_related("user", "customer"):
            people.invited(membership, by=request.user, now=timezone.now())  # type: ignore[arg-type]
        self.message_user(
            request,
            ngettext(
                "%(n)d invitation is on its way.",
                "%(n)d invitations are on their way.",
                len(waiting),
            )
            % {"n": len(waiting)},
            messages.SUCCESS,
        )

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.email = obj.email.strip().lower()
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if change and str(form.initial.get("email", "")).lower() != obj.email:
            people.address_changed(obj, by=request.user, now=timezone.now())  # type: ignore[arg-type]


# Allauth's own would let staff write a passkey for somebody else.
admin.site.unregister(Authenticator)


@admin.register(Authenticator)
class PasskeyAdmin(ReadOnlyAdmin):
    """One that was lost with its device can be taken away: of staff, too, who then set up another
    one. A mailbox is still needed to get in."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    ordering = ("-created_at",)
    fields = ("user", "type", "created_at", "last_used_at")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = request.user.has_perm("mfa.delete_authenticator")
        by_equal = obj is None or not obj.user.is_superuser or request.user.is_superuser
        return bool(may and by_equal)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        # Recovery codes are good only beside another one.
        delete_dangling_recovery_codes(obj.user)
        is_passkey = obj.type == Authenticator.Type.WEBAUTHN
        kind, by = people.PASSKEY_REMOVED if is_passkey else people.APP_REMOVED, request.user
        people.note_own(kind, obj.user, now=timezone.now(), by=by)  # type: ignore[arg-type]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """One at a time, each with its owner told."""
        return {}
