"""What happened and what was told."""

from django.contrib import admin

from compliance.admin.base import ReadOnlyAdmin
from compliance.models import Event, Mail


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("at", "kind", "renewal", "by", "customer_visible", "details")
    list_filter = ("kind", "customer_visible")
    list_select_related = ("renewal", "by")
    search_fields = ("renewal__reference", "kind")
    date_hierarchy = "at"
    ordering = ("-at",)


@admin.register(Mail)
class MailAdmin(ReadOnlyAdmin):
    list_display = ("key", "kind", "recipient", "customer", "tried_at", "sent_at", "problem")
    list_filter = ("kind",)
    search_fields = ("key", "recipient__email", "customer__name")
