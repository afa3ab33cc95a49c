"""What is left over at Twilio and waits for a person: one list over all accounts, and what may be
done about each. What is done to a copy is done by the actions on the open renewal of its bundle."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from compliance import sync
from compliance.admin.actions.base import may, url_of
from compliance.admin.actions.copies import AdoptCopy, DeleteCopy, FindCopies, whose
from compliance.admin.base import OwnPages, page_of
from compliance.models import Account, Renewal, Stray
from compliance.tasks import nudge_reconcile
from compliance.wording.situations import of_stray
from compliance.workflow.copies import Copy, known_copies

A_PAGE = 50
# By how their SIDs begin.
KINDS: dict[str, str | Promise] = {
    "BU": _("copy"),
    "IT": _("End-User"),
    "RD": _("document"),
    "AD": _("address"),
}


@dataclass(frozen=True, kw_only=True)
class Choice:
    title: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Choices:
    choices: tuple[Choice, ...] = ()
    # Why there is none; empty where there never is one.
    why_not: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    stray: Stray
    kind: str
    what_to_do: str
    choices: Choices


@dataclass(frozen=True, kw_only=True)
class CopyRow:
    copy: Copy
    whose: str
    choices: Choices


class LeftOver(OwnPages):
    """Mixed into the admin of renewals."""

    def get_urls(self) -> list[Any]:
        door = self.admin_site.admin_view
        look = require_http_methods(["GET", "HEAD", "POST"])(self.look_for_left_over)
        return [
            path(
                "left-over/",
                door(require_safe(self.left_over)),
                name="compliance_renewal_left_over",
            ),
            path("left-over/look/", door(look), name="compliance_renewal_look_for_left_over"),
            *super().get_urls(),
        ]

    def left_over(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        strays = Stray.objects.for_support().select_related("account", "renewal__bundle__customer")
        page = page_of(request, strays.order_by("-found_at", "-pk"), size=A_PAGE)
        active = Account.objects.filter(active=True)
        context = {
            "rows": rows_of(request, page.object_list),
            "page": page,
            "is_asked_for": active.filter(strays_due_at=None).exists(),
            "look_url": reverse("admin:compliance_renewal_look_for_left_over")
            if request.user.has_perm("compliance.handle_copies")
            else "",
        }
        return self.shown(request, "left_over", _("Left over at Twilio"), context)

    def look_for_left_over(self, request: HttpRequest) -> HttpResponse:
        """A worker does it; this page never waits for Twilio."""
        if not request.user.has_perms(["compliance.view_renewal", "compliance.handle_copies"]):
            raise PermissionDenied
        back = reverse("admin:compliance_renewal_left_over")
        if request.method == "POST":
            sync.ask_for_all()
            nudge_reconcile()
            said = gettext("A worker is looking. Load this page again in a moment.")
            messages.success(request, said)
            return redirect(back)
        steps = [
            gettext("A worker goes through what each account holds at Twilio, some pages at once."),
            gettext("Where there are more pages, it goes on with them at its next turn."),
            gettext("What is provably ours and nothing needs is deleted, as it is once an hour."),
            gettext("What a person has to decide about is listed, and left as it is."),
        ]
        return self.shown(
            request, "confirm", _("Look at Twilio now"), {"steps": steps, "back": back}
        )


def rows_of(request: HttpRequest, strays: Any) -> list[Row]:
    """In the same few queries, however many."""
    found = list(strays)
    bundles = {row.renewal.bundle_id for row in found if row.renewal and _is_copy(row)}
    opened, known = _open_renewals(bundles), known_copies(bundles)
    rows = []
    for stray in found:
        choices = Choices()
        if stray.renewal and _is_copy(stray):
            # What is not known to be a copy of its bundle proves nothing by its name.
            copy = known[stray.renewal.bundle_id].copies.get(stray.sid) or Copy(
                sid=stray.sid, status=stray.status, tag=stray.reference, is_ours=False
            )
            choices = choices_for(request, copy, opened.get(stray.renewal.bundle_id))
        rows.append(
            Row(
                stray=stray,
                kind=str(KINDS.get(stray.sid[:2], "")),
                what_to_do=of_stray(stray.why),
                choices=choices,
            )
        )
    return rows


def _is_copy(stray: Stray) -> bool:
    return stray.sid.startswith("BU")


def _open_renewals(bundles: Collection[int]) -> dict[int, Renewal]:
    """By the key of their bundle."""
    opened = Renewal.objects.open().filter(bundle__in=bundles)
    return {
        renewal.bundle_id: renewal for renewal in opened.defer("evaluation", "first_evaluation")
    }


def choices_for(request: HttpRequest, copy: Copy, renewal: Renewal | None) -> Choices:
    """:param renewal: the open one of the copy's bundle."""
    if not copy.is_ours:
        return Choices(why_not=DeleteCopy().why_not_this(copy))
    if renewal is None:
        return Choices(
            why_not=gettext("No renewal of this bundle is open that could take it up or delete it.")
        )
    choices: list[Choice] = []
    why_not = ""
    for action in (AdoptCopy(), DeleteCopy()):
        why_not = action.why_not_this(copy)
        if not why_not and may(request.user, action):  # type: ignore[arg-type]
            url = f"{url_of(action, renewal)}?copy={copy.sid}"
            choices.append(Choice(title=str(action.title), url=url))
    return Choices(choices=tuple(choices), why_not="" if choices else why_not)


def panel(request: HttpRequest, renewal: Renewal) -> dict[str, Any]:
    """The other copies of its bundle, for the page of one renewal."""
    pk = renewal.bundle_id
    known, opened = known_copies([pk])[pk], _open_renewals([pk]).get(pk)
    find = FindCopies()
    is_possible = may(request.user, find) and find.applies(renewal)  # type: ignore[arg-type]
    return {
        "rows": [
            CopyRow(copy=copy, whose=whose(copy), choices=choices_for(request, copy, opened))
            for copy in known.copies.values()
        ],
        "listed_at": known.listed_at,
        "find_url": url_of(find, renewal) if is_possible and not find.why_not(renewal) else "",
    }
