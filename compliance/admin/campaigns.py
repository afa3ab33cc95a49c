"""Campaigns: one change of a regulation each, how far its customers have come, and a reminder to
those who have never looked.
"""

import csv
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe
from unfold.decorators import action

from compliance import campaigns
from compliance.admin.base import OwnPages, page_of
from compliance.models import RegulationChange
from compliance.onboarding.table import harmless

A_PAGE = 25
TO_LOOK = ("compliance.view_regulation", "compliance.view_renewal")
TO_REMIND = ("compliance.remind_renewal", "compliance.act_in_bulk")


class Campaigns(OwnPages):
    """Mixed into the admin of regulations."""

    actions_list: ClassVar[tuple[str, ...]] = ("campaigns",)

    def get_urls(self) -> list[Any]:
        def view(of: Any) -> Any:
            return self.admin_site.admin_view(of)

        return [
            path(
                "campaigns/<int:pk>/csv/",
                view(require_safe(self.campaign_csv)),
                name="compliance_regulation_campaign_csv",
            ),
            path(
                "campaigns/<int:pk>/remind/",
                view(require_http_methods(["GET", "POST"])(self.remind)),
                name="compliance_regulation_campaign_remind",
            ),
            *super().get_urls(),
        ]

    def has_campaigns_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perms(TO_LOOK)

    @action(  # type: ignore[untyped-decorator]
        description=_("Campaigns"),
        url_path="campaigns",
        permissions=["campaigns"],
        icon="campaign",
    )
    def campaigns(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        changes = RegulationChange.objects.select_related("regulation").order_by("-at", "-pk")
        page = page_of(request, changes, size=A_PAGE)
        rows = [
            {
                "change": change,
                "numbers": campaigns.numbers(change, now=now),
                "csv": reverse("admin:compliance_regulation_campaign_csv", args=[change.pk]),
                "remind": reverse("admin:compliance_regulation_campaign_remind", args=[change.pk]),
            }
            for change in page.object_list
        ]
        context = {
            "rows": rows,
            "page": page,
            "may_remind": request.user.has_perms(TO_REMIND),
        }
        return self.shown(request, "campaigns", _("Campaigns"), context)

    def campaign_csv(self, request: HttpRequest, pk: int) -> HttpResponse:
        change = self._change(request, pk)
        now = timezone.now()
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        name = f"campaign-{change.at:%Y-%m-%d}-{change.pk}.csv"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        writer = csv.writer(response)
        writer.writerows(map(harmless, row) for row in campaigns.rows(change, now=now))
        return response

    def remind(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What will happen, then the reminders."""
        change = self._change(request, pk)
        if not request.user.has_perms(TO_REMIND):
            raise PermissionDenied
        now, back = timezone.now(), reverse("admin:compliance_regulation_campaigns")
        renewals = campaigns.never_opened(change, now=now)
        if request.method == "POST":
            count = campaigns.remind(renewals, by=request.user, now=now)  # type: ignore[arg-type]
            said = ngettext(
                "A reminder of %(count)s renewal is on its way.",
                "Reminders of %(count)s renewals are on their way.",
                count,
            )
            self.message_user(request, said % {"count": count}, messages.SUCCESS)
            return redirect(back)
        count = renewals.count()
        if not count:
            nobody = gettext("There is nobody to remind: everybody has looked, or has to wait.")
            self.message_user(request, nobody, messages.INFO)
            return redirect(back)
        people = renewals.values("bundle__customer__memberships__user").distinct().count()
        context = {"steps": _steps(change, count, people), "back": back}
        return self.shown(request, "confirm", _("Remind those who never opened it"), context)

    def _change(self, request: HttpRequest, pk: int) -> RegulationChange:
        if not self.has_campaigns_permission(request):
            raise PermissionDenied
        return get_object_or_404(RegulationChange.objects.select_related("regulation"), pk=pk)


def _steps(change: RegulationChange, count: int, people: int) -> list[str]:
    return [
        ngettext(
            "%(count)s renewal by the rule %(rule)s has never been opened by its customer.",
            "%(count)s renewals by the rule %(rule)s have never been opened by their customers.",
            count,
        )
        % {"count": count, "rule": change.regulation},
        ngettext(
            "The %(people)s person who gets mails for them is reminded, in one mail.",
            "Those of the %(people)s people behind them who get our mails are reminded, in one "
            "mail each.",
            people,
        )
        % {"people": people},
        gettext("Nobody is reminded of the same renewal twice on one day."),
    ]
