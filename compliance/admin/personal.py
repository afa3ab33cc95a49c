"""A customer's own rights, from its page: all that is held about it, and that it is erased."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from compliance import personal
from compliance.admin.base import ModelAdmin
from compliance.models import Customer, User
from compliance.tasks import nudge


class Personal(ModelAdmin):
    """Mixed into the admin of customers. Each page says first what will happen."""

    actions_detail: ClassVar[tuple[str, ...]] = ("export_all", "erase")

    @action(  # type: ignore[untyped-decorator]
        description=_("Export everything"),
        url_path="export",
        permissions=["export_all"],
        icon="download",
    )
    def export_all(
        self, request: HttpRequest, object_id: str
    ) -> HttpResponse | StreamingHttpResponse:
        customer = get_object_or_404(Customer, pk=object_id)
        if request.method == "POST":
            now = timezone.now()
            personal.note_export(customer, by=_by(request), now=now)
            response = StreamingHttpResponse(
                personal.archive(customer, now=now), content_type="application/zip"
            )
            name = personal.archive_name(customer, now=now)
            response["Content-Disposition"] = f'attachment; filename="{name}"'
            return response
        steps = [
            gettext("A zip is made with all that is held about %(customer)s and its people.")
            % {"customer": customer},
            gettext("It holds what was entered and uploaded, in clear. Hand it on encrypted."),
            gettext("It is on record that you made it."),
        ]
        return self._shown(request, customer, _("Export everything"), {"steps": steps})

    def has_export_all_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perms(["compliance.view_customer", "compliance.export_customer"])

    @action(  # type: ignore[untyped-decorator]
        description=_("Erase the customer"),
        url_path="erase",
        permissions=["erase"],
        icon="delete_forever",
    )
    def erase(self, request: HttpRequest, object_id: str) -> HttpResponse:
        customer = get_object_or_404(Customer, pk=object_id)
        if customer.erased_at is not None:
            messages.info(request, gettext("This customer has been erased already."))
            return redirect(_page_of(customer))
        if "cancel_first" in request.POST:
            asked = personal.cancel_first(customer, by=_by(request), now=timezone.now())
            for renewal in asked:
                nudge(renewal.pk)
            return redirect("admin:compliance_customer_erase", customer.pk)
        if "confirmed" in request.POST:
            try:
                personal.erase(customer, by=_by(request), now=timezone.now())
            except personal.InFlight:
                messages.error(request, gettext("Nothing was erased: a renewal has begun."))
                return redirect("admin:compliance_customer_erase", customer.pk)
            messages.success(request, gettext("The customer has been erased."))
            return redirect(_page_of(customer))
        return self._shown(request, customer, _("Erase the customer"), _of_erasing(customer))

    def has_erase_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perms(["compliance.view_customer", "compliance.erase_customer"])

    def _shown(
        self, request: HttpRequest, customer: Customer, title: Any, context: dict[str, Any]
    ) -> HttpResponse:
        shown = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "back": _page_of(customer),
            **context,
        }
        return TemplateResponse(request, "admin/compliance/confirm.html", shown)


def _of_erasing(customer: Customer) -> dict[str, Any]:
    """What the page says: what will happen, or what has to happen before."""
    planned = personal.plan(customer)
    if not planned.in_flight:
        return {
            "steps": planned.steps,
            "stays": planned.stays,
            "hidden": {"confirmed": "yes"},
        }
    return {
        "obstacle": personal.why_not(planned),
        "steps": [
            gettext("%(renewal)s is cancelled, and its copy at Twilio is deleted.")
            % {"renewal": renewal.reference}
            for renewal in planned.to_cancel
        ],
        "hidden": {"cancel_first": "yes"},
    }


def _by(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _page_of(customer: Customer) -> str:
    return reverse("admin:compliance_customer_change", args=[customer.pk])
