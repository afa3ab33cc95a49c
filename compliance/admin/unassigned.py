"""Bundles that nobody has, each with whose it may be, to be assigned with two clicks."""

from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from unfold.decorators import action

from compliance import sync
from compliance.admin.base import OwnPages, page_of, relative
from compliance.models import Bundle, Customer, Renewal
from compliance.sync import owners
from compliance.tasks import nudge

A_PAGE = 50

REASONS: dict[owners.Why, str | Promise] = {
    owners.Why.SUBACCOUNT: _("the subaccount is theirs"),
    owners.Why.CONTACT: _("a contact of theirs has this address"),
    owners.Why.DOMAIN: _("a contact of theirs has an address there"),
}


class Unassigned(OwnPages):
    """Mixed into the admin of bundles."""

    actions_list: ClassVar[tuple[str, ...]] = ("unassigned",)

    def get_urls(self) -> list[Any]:
        one = self.admin_site.admin_view(require_http_methods(["GET", "POST"])(self.assign_one))
        return [
            path(
                "unassigned/<int:bundle_pk>/<int:customer_pk>/",
                one,
                name="compliance_bundle_assign_one",
            ),
            *super().get_urls(),
        ]

    @action(  # type: ignore[untyped-decorator]
        description=_("Unassigned bundles"),
        url_path="unassigned",
        permissions=["assign"],
        icon="person_search",
    )
    def unassigned(self, request: HttpRequest) -> HttpResponse:
        nobodys = Bundle.objects.filter(customer=None).select_related("account", "regulation")
        ordered = nobodys.order_by(F("valid_until").asc(nulls_last=True), "pk")
        page = page_of(request, ordered, size=A_PAGE)
        bundles = list(page.object_list)
        proposed = owners.proposals(bundles)
        rows = [
            {
                "bundle": bundle,
                "deadline": relative(bundle.valid_until),
                "proposals": [
                    {
                        "customer": proposal.customer,
                        "why": REASONS[proposal.why],
                        "url": reverse(
                            "admin:compliance_bundle_assign_one",
                            args=[bundle.pk, proposal.customer.pk],
                        ),
                    }
                    for proposal in proposed[bundle.pk]
                ],
            }
            for bundle in bundles
        ]
        context = {"rows": rows, "page": page}
        return self.shown(request, "unassigned", _("Unassigned bundles"), context)

    def assign_one(self, request: HttpRequest, bundle_pk: int, customer_pk: int) -> HttpResponse:
        """What will happen, then the assignment."""
        if not request.user.has_perm("compliance.change_bundle"):
            raise PermissionDenied
        bundle = get_object_or_404(Bundle.objects.select_related("customer"), pk=bundle_pk)
        customer = get_object_or_404(Customer, pk=customer_pk)
        back = reverse("admin:compliance_bundle_unassigned")
        if bundle.customer is not None:
            has_it = gettext("%(bundle)s belongs to %(customer)s.")
            said = has_it % {"bundle": bundle, "customer": bundle.customer}
            self.message_user(request, said, messages.INFO)
            return redirect(back)
        if request.method == "POST":
            try:
                sync.assign(
                    bundle,
                    customer_pk=customer.pk,
                    by=request.user,  # type: ignore[arg-type]
                    now=timezone.now(),
                )
            except sync.NotAssignable:
                self.message_user(request, not_assignable(1), messages.WARNING)
                return redirect(back)
            opened = Renewal.objects.open().filter(bundle=bundle)
            for pk in opened.values_list("pk", flat=True):
                nudge(pk)
            now_theirs = gettext("%(bundle)s now belongs to %(customer)s.")
            said = now_theirs % {"bundle": bundle, "customer": customer}
            self.message_user(request, said, messages.SUCCESS)
            return redirect(back)
        context = {"steps": _steps(bundle, customer), "back": back}
        return self.shown(request, "confirm", _("Assign to a customer"), context)


def not_assignable(count: int) -> str:
    return ngettext(
        "%(count)s bundle is left as it is: a company has entered something for it, or it has been "
        "assigned meanwhile. What was entered is erased when its renewal is cancelled.",
        "%(count)s bundles are left as they are: a company has entered something for them, or they "
        "have been assigned meanwhile. What was entered is erased when a renewal is cancelled.",
        count,
    ) % {"count": count}


def _steps(bundle: Bundle, customer: Customer) -> list[str]:
    people = customer.memberships.count()
    steps = [
        gettext("The bundle %(bundle)s (%(sid)s) will belong to %(customer)s.")
        % {"bundle": bundle, "sid": bundle.sid, "customer": customer},
        ngettext(
            "The %(count)s person of this company will see it.",
            "The %(count)s people of this company will see it.",
            people,
        )
        % {"count": people},
    ]
    if bundle.valid_until:
        steps.append(
            gettext("A renewal is opened for its deadline, %(when)s.")
            % {"when": relative(bundle.valid_until)}
        )
    return steps
