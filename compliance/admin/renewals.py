"""Renewals: where they stand, what stands in the way, what happened."""

import re
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from compliance import stages, workflow
from compliance.admin.actions import WithActions, bulk_actions
from compliance.admin.base import ReadOnly, ReadOnlyAdmin, TabularInline, relative
from compliance.models import Answer, Item, Renewal
from compliance.tasks import nudge

SILENT_FOR = timedelta(minutes=5)
BREAK = mark_safe("<br>")


def brief(value: Any) -> str:
    """A digest or a long list would stretch the page."""
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 60 else f"{text[:12]}..."


class AttentionFilter(admin.SimpleListFilter):
    title = _("attention")
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("trouble", _("needs a person")),
            ("overdue", _("due and not taken")),
            ("expired", _("past its deadline")),
            ("open", _("open")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Renewal]) -> QuerySet[Renewal]:
        now = timezone.now()
        ended = Q(state__in=Renewal.ENDED)
        match self.value():
            case "trouble":
                return queryset.filter(~ended & ~Q(trouble=""))
            case "overdue":
                return queryset.filter(~ended, next_look_at__lt=now - SILENT_FOR)
            case "expired":
                return queryset.filter(~ended, valid_until__lte=now)
            case "open":
                return queryset.filter(~ended)
        return queryset


class ItemInline(ReadOnly, TabularInline):
    model = Item
    fields = ("type", "sid", "status", "mime_type", "error_codes", "refused_at")


class AnswerInline(ReadOnly, TabularInline):
    model = Answer
    fields = (
        "task",
        "type",
        "state",
        "version",
        "file_type",
        "file_size",
        "item_sid",
        "refused_code",
        "saved_by",
        "saved_at",
        "delivered_at",
    )


@admin.register(Renewal)
class RenewalAdmin(WithActions, ReadOnlyAdmin):
    list_display = (
        "reference",
        "customer",
        "rule",
        "state",
        "stage",
        "send_by",
        "deadline",
        "trouble",
        "next_look_at",
        "attempts",
    )
    list_filter = (AttentionFilter, "state", "trouble", "bundle__regulation")
    list_select_related = ("bundle__customer", "bundle__regulation")
    search_fields = (
        "reference",
        "copy_sid",
        "bundle__sid",
        "bundle__customer__name",
        "bundle__email",
        "bundle__numbers",
        "items__sid",
    )
    ordering = ("valid_until",)
    inlines = (ItemInline, AnswerInline)
    actions = ("look_again", *bulk_actions)
    fieldsets = (
        (None, {"fields": ("reference", "stage", "state", "bundle", "customer", "numbers")}),
        (_("When"), {"fields": ("send_by", "deadline", "opened_at", "submitted_at", "decided_at")}),
        (
            _("At Twilio"),
            {"fields": ("copy_sid", "copy_status", "rejections", "looked_at", "failing")},
        ),
        (
            _("What stands in the way"),
            {
                "fields": (
                    "trouble",
                    "trouble_detail",
                    "delayed_because",
                    "attempts",
                    "next_look_at",
                )
            },
        ),
        (_("What happened"), {"fields": ("timeline",)}),
    )

    change_form_template = "admin/compliance/renewal.html"

    def get_urls(self) -> list[Any]:
        again = self.admin_site.admin_view(self.look_again_at_one)
        return [
            path("<int:pk>/look-again/", again, name="compliance_renewal_look_again"),
            *super().get_urls(),
        ]

    def look_again_at_one(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The list's action, from the renewal's own page."""
        if request.method != "POST" or not self.has_look_again_permission(request):
            raise PermissionDenied
        self.look_again(request, Renewal.objects.filter(pk=pk))
        return redirect("admin:compliance_renewal_change", pk)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Renewal], search_term: str
    ) -> tuple[QuerySet[Renewal], bool]:
        """A phone number is found as people write it: 030 23125001 for +493023125001."""
        digits = re.sub(r"\D", "", search_term).lstrip("0")
        if len(digits) >= 6 and not re.search(r"[^\d\s()+/.-]", search_term):
            search_term = digits
        return super().get_search_results(request, queryset, search_term)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Renewal]:
        waiting = Answer.objects.filter(renewal=OuterRef("pk"), state=Answer.State.WAITING)
        renewals: QuerySet[Renewal] = super().get_queryset(request)
        return renewals.annotate(has_waiting=Exists(waiting))

    @admin.display(description=_("customer"), ordering="bundle__customer__name")
    def customer(self, renewal: Renewal) -> str:
        return str(renewal.bundle.customer or "-")

    @admin.display(description=_("regulation"), ordering="bundle__regulation")
    def rule(self, renewal: Renewal) -> str:
        return str(renewal.bundle.regulation or "-")

    @admin.display(description=_("phone numbers"))
    def numbers(self, renewal: Renewal) -> str:
        return ", ".join(renewal.bundle.numbers) or "-"

    @admin.display(description=_("details"))
    def trouble_detail(self, renewal: Renewal) -> str:
        return renewal.trouble_detail or "-"

    @admin.display(description=_("what the customer sees"))
    def stage(self, renewal: Any) -> str:
        stage = stages.stage_of(
            renewal.bundle, renewal, waiting=renewal.has_waiting, now=timezone.now()
        )
        return str(stage.label)

    @admin.display(description=_("send by"))
    def send_by(self, renewal: Renewal) -> str:
        return relative(stages.dates_of(renewal.valid_until, now=timezone.now()).send_by)

    @admin.display(description=_("expires"), ordering="valid_until")
    def deadline(self, renewal: Renewal) -> str:
        return relative(renewal.valid_until)

    @admin.display(description=_("failing in the last evaluation"))
    def failing(self, renewal: Renewal) -> SafeString | str:
        results = (renewal.evaluation or {}).get("results") or []
        lines = [
            (
                result.get("requirement_name") or "",
                result.get("error_code") or "",
                ", ".join(str(i.get("object_field")) for i in result.get("invalid") or []),
            )
            for result in results
            if not result.get("passed")
        ]
        return format_html_join(BREAK, "{} {} {}", lines) if lines else "-"

    @admin.display(description=_("timeline, newest first"))
    def timeline(self, renewal: Renewal) -> SafeString:
        events = renewal.events.select_related("by").order_by("-at", "-pk")[:200]
        return format_html(
            "<ol>{}</ol>",
            format_html_join(
                "",
                "<li>{} <b>{}</b> {} {}</li>",
                (
                    (
                        f"{event.at:%Y-%m-%d %H:%M:%S}",
                        event.kind,
                        event.by or _("system"),
                        ", ".join(f"{k}: {brief(v)}" for k, v in event.details.items() if v != ""),
                    )
                    for event in events
                ),
            ),
        )

    @admin.action(description=_("Look again now"), permissions=["look_again"])
    def look_again(self, request: HttpRequest, queryset: QuerySet[Renewal]) -> None:
        renewals = list(queryset.exclude(state__in=Renewal.ENDED))
        for renewal in renewals:
            workflow.retry(renewal, by=request.user, now=timezone.now())  # type: ignore[arg-type]
            nudge(renewal.pk)
        self.message_user(
            request,
            ngettext(
                "%(n)d renewal is being looked at now.",
                "%(n)d renewals are being looked at now.",
                len(renewals),
            )
            % {"n": len(renewals)},
            messages.SUCCESS,
        )

    def has_look_again_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("compliance.change_renewal")
