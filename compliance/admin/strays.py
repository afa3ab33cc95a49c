"""Copies at Twilio that no renewal works with: one list over all accounts, and what may be done
with each. What is done is done by the actions on a renewal of the same bundle."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, Min, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from compliance.admin.actions.base import may, url_of
from compliance.admin.actions.copies import AdoptCopy, DeleteCopy, FindCopies, whose
from compliance.admin.base import OwnPages, page_of
from compliance.models import Renewal, StrayCopy
from compliance.sync.copies import looked_at
from compliance.tasks import nudge_listing
from compliance.wording import dates as words

A_PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Choice:
    title: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Row:
    copy: StrayCopy
    whose: str
    # The open renewal of its bundle.
    renewal: Renewal | None
    choices: tuple[Choice, ...]
    # Why there is none.
    why_not: str


class StrayCopies(OwnPages):
    """Mixed into the admin of renewals."""

    def get_urls(self) -> list[Any]:
        door = self.admin_site.admin_view
        anew = require_http_methods(["GET", "HEAD", "POST"])(self.list_copies)
        return [
            path(
                "stray-copies/",
                door(require_safe(self.stray_copies)),
                name="compliance_renewal_stray_copies",
            ),
            path("stray-copies/list/", door(anew), name="compliance_renewal_list_copies"),
            *super().get_urls(),
        ]

    def stray_copies(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        strays = StrayCopy.objects.unused().select_related("bundle__customer", "bundle__account")
        page = page_of(request, strays.order_by("-is_ours", "found_at", "pk"), size=A_PAGE)
        context = {
            "rows": rows_of(request, page.object_list),
            "page": page,
            "looked": looked(),
            "list_url": reverse("admin:compliance_renewal_list_copies")
            if request.user.has_perm("compliance.handle_copies")
            else "",
        }
        return self.shown(request, "stray_copies", _("Stray copies"), context)

    def list_copies(self, request: HttpRequest) -> HttpResponse:
        """A worker does it; this page never waits for Twilio."""
        if not request.user.has_perms(["compliance.view_renewal", "compliance.handle_copies"]):
            raise PermissionDenied
        back = reverse("admin:compliance_renewal_stray_copies")
        if request.method == "POST":
            nudge_listing()
            said = gettext("The copies are being listed. Load this page again in a moment.")
            messages.success(request, said)
            return redirect(back)
        count = looked_at(now=timezone.now()).count()
        steps = [
            ngettext(
                "A worker lists the copies of %(count)s bundle at Twilio, with one call for it.",
                "A worker lists the copies of %(count)s bundles at Twilio, with one call for each.",
                count,
            )
            % {"count": count},
            gettext("Nothing is changed at Twilio. What it found stands in the list of copies."),
        ]
        return self.shown(
            request, "confirm", _("List all copies now"), {"steps": steps, "back": back}
        )


def rows_of(request: HttpRequest, strays: Any) -> list[Row]:
    """In one query more, however many."""
    found = list(strays)
    opened = {
        renewal.bundle_id: renewal
        for renewal in Renewal.objects.open()
        .filter(bundle__in=[copy.bundle_id for copy in found])
        .defer("evaluation", "first_evaluation")
    }
    return [_row(request, copy, opened.get(copy.bundle_id)) for copy in found]


def _row(request: HttpRequest, copy: StrayCopy, renewal: Renewal | None) -> Row:
    choices: list[Choice] = []
    why_not = ""
    if not copy.is_ours:
        why_not = DeleteCopy().why_not_this(copy)
    elif renewal is None:
        why_not = gettext("No renewal of this bundle is open that could take it up or delete it.")
    else:
        for action in (AdoptCopy(), DeleteCopy()):
            why_not = action.why_not_this(copy)
            if not why_not and may(request.user, action):  # type: ignore[arg-type]
                url = f"{url_of(action, renewal)}?copy={copy.sid}"
                choices.append(Choice(title=str(action.title), url=url))
    return Row(
        copy=copy,
        whose=whose(copy),
        renewal=renewal,
        choices=tuple(choices),
        why_not="" if choices else why_not,
    )


def looked() -> str:
    """How old the list is."""
    now = timezone.now()
    found = looked_at(now=now).aggregate(
        all=Count("pk"),
        never=Count("pk", filter=Q(copies_read_at=None)),
        first=Min("copies_read_at"),
        last=Max("copies_read_at"),
    )
    if not found["all"]:
        return gettext("There is no renewal whose bundle could have copies.")
    if found["last"] is None:
        return gettext("Twilio has not been asked yet.")
    said = gettext("Twilio was asked last %(last)s; what is oldest here was read %(first)s.") % {
        "last": words.since(found["last"], now=now),
        "first": words.since(found["first"], now=now),
    }
    if found["never"]:
        more = ngettext(
            "%(count)s bundle has not been asked about yet.",
            "%(count)s bundles have not been asked about yet.",
            found["never"],
        )
        said = f"{said} {more % {'count': found['never']}}"
    return said


def panel(request: HttpRequest, renewal: Renewal) -> dict[str, Any]:
    """For the page of one renewal."""
    strays = renewal.bundle.stray_copies.unused().order_by("-is_ours", "found_at", "pk")
    find = FindCopies()
    is_possible = may(request.user, find) and find.applies(renewal)  # type: ignore[arg-type]
    return {
        "rows": rows_of(request, strays),
        "read_at": renewal.bundle.copies_read_at,
        "find_url": url_of(find, renewal) if is_possible and not find.why_not(renewal) else "",
    }
