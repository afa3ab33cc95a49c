"""Customers, and who may act for them."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from compliance.models import Customer, Membership, User


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ("user", "customer")


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin):
    list_display = ("name", "account", "time_zone", "people_count", "bundle_count")
    list_select_related = ("account",)
    search_fields = ("name", "memberships__user__email", "bundles__sid")
    inlines = (MembershipInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        counts = {
            "n_people": Count("memberships", distinct=True),
            "n_bundles": Count("bundles", distinct=True),
        }
        customers: QuerySet[Customer] = super().get_queryset(request)
        return customers.annotate(**counts)

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
class UserAdmin(admin.ModelAdmin):
    """People sign in by e-mail; there is no password to set."""

    list_display = ("email", "name", "language", "phone", "is_staff", "is_active", "last_login")
    list_filter = ("is_staff", "is_active", "language")
    search_fields = ("email", "name")
    fields = (
        "email",
        "name",
        "language",
        "phone",
        "is_active",
        "is_staff",
        "is_superuser",
        "groups",
        "user_permissions",
    )
    filter_horizontal = ("groups", "user_permissions")
    inlines = (MembershipInline,)

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

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.email = obj.email.strip().lower()
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
