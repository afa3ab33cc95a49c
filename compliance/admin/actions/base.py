"""What every action is: a button on a renewal's page that leads to a page which says exactly what
will happen, and a form there that does it. Works without scripts, and twice pressed does it once.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminTextareaWidget

from compliance.models import Event, Renewal, User
from compliance.workflow import NotNow, desk

Look = Literal["primary", "plain", "danger"]
Words = str | Promise

WITH = ("bundle__customer", "bundle__regulation", "assignee", "paused_by", "wished_by")


class ByStaff(HttpRequest):
    """A request that has passed the admin's door."""

    user: User


class ActionForm(forms.Form):
    # Drawn with the page: the same form sent twice is known again by it.
    once = forms.CharField(max_length=32, widget=forms.HiddenInput)
    # How the renewal stood then.
    seen = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput)


class ReasonForm(ActionForm):
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("In the timeline until the renewal ends. No personal details, please."),
        max_length=200,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )


class Action(ABC):
    slug: ClassVar[str]
    title: ClassVar[Words]
    # The button that does it; the title if empty.
    button: ClassVar[Words] = ""
    permission: ClassVar[str]
    look: ClassVar[Look] = "plain"
    form_class: ClassVar[type[ActionForm]] = ActionForm
    # Whether it is done only to what stands as the page said.
    as_seen: ClassVar[bool] = False

    def applies(self, renewal: Renewal) -> bool:
        """Whether there is any sense in showing it."""
        return True

    def why_not(self, renewal: Renewal) -> str:
        """Why it is not possible now, in a sentence; empty if it is."""
        return ""

    def says(self, request: ByStaff, renewal: Renewal) -> Sequence[str]:
        """What will happen, line by line."""
        return ()

    def form(self, request: ByStaff, renewal: Renewal) -> ActionForm:
        return self.form_class(
            request.POST if request.method == "POST" else None, initial=self.initial(renewal)
        )

    def initial(self, renewal: Renewal) -> dict[str, Any]:
        return {"once": uuid4().hex, "seen": standing_of(renewal) if self.as_seen else ""}

    @abstractmethod
    def do(self, request: ByStaff, renewal: Renewal, form: Any) -> str | HttpResponse:
        """One call into the domain. What was done, in a sentence, or a page of its own.

        :raises NotNow, desk.Twice:
        """


@dataclass(frozen=True, kw_only=True)
class Button:
    """An action as a renewal's page shows it."""

    slug: str
    title: str
    url: str
    look: Look
    why_not: str


def may(user: User, action: Action) -> bool:
    return user.has_perms(["compliance.view_renewal", f"compliance.{action.permission}"])


def button(action: Action, renewal: Renewal) -> Button:
    return Button(
        slug=action.slug,
        title=str(action.title),
        url=url_of(action, renewal),
        look=action.look,
        why_not=action.why_not(renewal),
    )


def name_of(action: Action) -> str:
    return f"compliance_renewal_{action.slug.replace('-', '_')}"


def url_of(action: Action, renewal: Renewal) -> str:
    return reverse(f"admin:{name_of(action)}", args=[renewal.pk])


def back_to(renewal: Renewal) -> HttpResponse:
    return redirect("admin:compliance_renewal_change", renewal.pk)


def page_of(action: Action, site: AdminSite) -> Callable[..., HttpResponse]:
    """The action's view."""

    def view(request: ByStaff, pk: int) -> HttpResponse:
        if not may(request.user, action):
            raise PermissionDenied
        renewal = get_object_or_404(Renewal.objects.select_related(*WITH), pk=pk)
        if request.method == "POST" and was_done(request.POST.get("once", "")):
            messages.info(request, gettext("That was done already."))
            return back_to(renewal)
        obstacle = action.why_not(renewal)
        form = action.form(request, renewal)
        if request.method == "POST" and form.is_valid():
            _keep_to_oneself(renewal, form)
        if request.method == "POST" and not obstacle and form.is_valid():
            try:
                if action.as_seen and form.cleaned_data["seen"] != standing_of(renewal):
                    raise NotNow
                done = action.do(request, renewal, form)
            except desk.Twice:
                messages.info(request, gettext("That was done already."))
                return back_to(renewal)
            except NotNow:
                messages.warning(
                    request,
                    gettext("The registration has changed since the page was opened: look again."),
                )
                return back_to(renewal)
            if isinstance(done, HttpResponse):
                return done
            if not form.errors:
                messages.success(request, done)
                return back_to(renewal)
        context = {
            **site.each_context(request),
            "title": action.title,
            "button": action.button or action.title,
            "look": action.look,
            "renewal": renewal,
            "obstacle": obstacle,
            "says": action.says(request, renewal) if not obstacle else (),
            "form": form,
            "opts": Renewal._meta,
        }
        status = 409 if obstacle and request.method == "POST" else 200
        return TemplateResponse(
            request, "admin/compliance/actions/confirm.html", context, status=status
        )

    return require_http_methods(["GET", "HEAD", "POST"])(view)


def _keep_to_oneself(renewal: Renewal, form: ActionForm) -> None:
    """A reason stays in the timeline when what the customer entered is long erased."""
    # The case's page knows of the actions.
    from compliance.admin.case.contents import covered, secrets_of

    reason = form.cleaned_data.get("reason", "")
    if not reason:
        return
    for rows in (items := list(renewal.items.all())), (answers := list(renewal.answers.all())):
        for row in rows:
            row.renewal = renewal
    if covered(reason, secrets_of(items, answers)) != reason:
        form.add_error("reason", gettext("Leave out what the customer entered."))


def standing_of(renewal: Renewal) -> str:
    """Changes when the renewal moves, and when its customer saves something."""
    newest = renewal.answers.aggregate(at=Max("saved_at"))["at"]
    return f"{renewal.state} {newest.isoformat() if newest else '-'}"


def was_done(once: str) -> bool:
    # PostgreSQL could not even look for a NUL; what is not printable is told by the form.
    can_be = bool(once) and once.isprintable()
    return can_be and Event.objects.filter(key=f"desk:{once}").exists()


def now_and_by(request: ByStaff, form: Any) -> dict[str, Any]:
    """What every call into ``desk`` takes."""
    return {"by": request.user, "now": timezone.now(), "once": form.cleaned_data["once"]}


def is_over(renewal: Renewal) -> str:
    return gettext("It has ended.") if renewal.state in Renewal.ENDED else ""


def is_held(renewal: Renewal) -> str:
    """Why the worker would not take anything up."""
    if over := is_over(renewal):
        return over
    if renewal.paused_at is not None:
        return gettext("It is paused. Resume it first.")
    if renewal.wish:
        wish = renewal.get_wish_display()
        return gettext("The worker has been asked for something else already: %(wish)s.") % {
            "wish": wish
        }
    return ""
