"""What happened and what was told."""

import json
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from compliance import notifications, standing
from compliance.admin.base import DropdownFilter, ReadOnlyAdmin, relative
from compliance.admin.months import MonthFilter
from compliance.models import Event, Mail
from compliance.models.record import SEALED_REASON


class MonthOfEventFilter(MonthFilter):
    field = "at"


class MonthOfMailFilter(MonthFilter):
    field = "tried_at"


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = (
        "at",
        "kind",
        "renewal",
        "customer",
        "person",
        "by",
        "customer_visible",
        "said",
    )
    list_filter = (MonthOfEventFilter, "kind", "customer_visible")
    list_filter_submit = True
    # A count for each choice would read all of them for each.
    show_facets = admin.ShowFacets.NEVER
    list_select_related = ("renewal", "customer", "person", "by")
    search_fields = ("renewal__reference", "kind", "customer__name", "person__email")
    ordering = ("-at", "-pk")
    exclude = ("details", "person_mark", "by_mark")
    readonly_fields = ("said",)

    @admin.display(description=_("details"))
    def said(self, event: Event) -> str:
        """The reason is on the renewal's page alone."""
        return json.dumps({n: v for n, v in event.details.items() if n != SEALED_REASON})


class ArrivedFilter(DropdownFilter):
    title = _("arrived")
    parameter_name = "arrived"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("not delivered, or without a result for an hour"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Mail]) -> QuerySet[Mail]:
        if self.value() != "no":
            return queryset
        return queryset.filter(standing.is_undelivered(now=timezone.now()))


@admin.register(Mail)
class MailAdmin(ReadOnlyAdmin):
    """What every customer was told, and what did not arrive."""

    list_display = (
        "tried",
        "recipient",
        "customer",
        "renewal",
        "kind",
        "channel",
        "result",
        "attempts",
        "next_try",
        "problem",
    )
    list_filter = (MonthOfMailFilter, ArrivedFilter, "result", "kind", "channel")
    list_filter_submit = True
    show_facets = admin.ShowFacets.NEVER
    list_select_related = ("recipient", "customer", "renewal")
    search_fields = (
        "key",
        "message",
        "recipient__email",
        "customer__name",
        "renewal__reference",
        "renewal__bundle__sid",
    )
    ordering = ("-tried_at", "-pk")
    actions = ("try_again",)
    fields = (
        "subject",
        "recipient",
        "customer",
        "renewal",
        "kind",
        "channel",
        "result",
        "problem",
        "attempts",
        "tried_at",
        "sent_at",
        "next_try_at",
        "day",
        "event",
        "message",
        "key",
    )

    @admin.display(description=_("tried"), ordering="tried_at")
    def tried(self, mail: Mail) -> str:
        return relative(mail.tried_at)

    @admin.display(description=_("next try"), ordering="next_try_at")
    def next_try(self, mail: Mail) -> str:
        return relative(mail.next_try_at)

    @admin.action(description=_("Try again within a minute"), permissions=["send"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Mail]) -> None:
        count = notifications.again(queryset, now=timezone.now())
        self.message_user(
            request,
            ngettext(
                "%(count)d mail is tried again, if what it says is still true.",
                "%(count)d mails are tried again, if what they say is still true.",
                count,
            )
            % {"count": count},
            messages.SUCCESS,
        )

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("compliance.change_mail")
