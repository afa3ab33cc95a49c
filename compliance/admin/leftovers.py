"""What the reconcile found at Twilio and leaves to a person: copies, items and addresses with our
mark that it does not delete by itself."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from compliance.admin.base import ReadOnlyAdmin, relative
from compliance.models import Stray
from compliance.wording.situations import of_stray


@admin.register(Stray)
class StrayAdmin(ReadOnlyAdmin):
    list_display = ("sid", "reference", "what_to_do", "status", "code", "account", "seen")
    list_filter = ("why", "account")
    list_select_related = ("account",)
    search_fields = ("sid", "reference")
    ordering = ("-found_at", "-pk")
    fields = (
        "sid",
        "reference",
        "renewal",
        "account",
        "why",
        "what_to_do",
        "status",
        "code",
        "tries",
        "found_at",
        "seen_at",
        "next_try_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Stray]:
        return Stray.objects.for_support()

    @admin.display(description=_("what to do"))
    def what_to_do(self, stray: Stray) -> str:
        return of_stray(stray.why)

    @admin.display(description=_("last seen"), ordering="seen_at")
    def seen(self, stray: Stray) -> str:
        return relative(stray.seen_at)

    # Whoever may see renewals may see what they left behind.

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("compliance.view_renewal")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)
