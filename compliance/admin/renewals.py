"""Renewals: the queue, and a page for each case."""

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from compliance.admin.actions import WithActions, bulk_actions
from compliance.admin.base import TextAreaWidget, TextInputWidget
from compliance.admin.case import context_of, rows_of
from compliance.admin.case.contents import contents, covered, secrets_of
from compliance.admin.export import export_csv
from compliance.admin.left_over import LeftOver
from compliance.admin.queue import Queue
from compliance.models import Event, Note, Renewal, User, because
from compliance.workflow import desk

WITH = (
    "bundle__customer",
    "bundle__regulation",
    "bundle__account",
    "assignee",
    "paused_by",
    "wished_by",
)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("On record until the renewal ends. No names, numbers or addresses, please."),
        min_length=5,
        max_length=120,
        widget=TextInputWidget(attrs={"autocomplete": "off"}),
    )


class NoteForm(forms.Form):
    # Drawn with the page: the same note sent twice is known again by it.
    once = forms.CharField(
        max_length=32, required=False, widget=forms.HiddenInput, initial=lambda: uuid4().hex
    )
    text = forms.CharField(
        label=_("New note"),
        help_text=_("For staff only. It is deleted when the renewal ends."),
        max_length=2000,
        widget=TextAreaWidget(attrs={"rows": 3}),
    )


@admin.register(Renewal)
class RenewalAdmin(WithActions, LeftOver, Queue):
    actions = (*bulk_actions, export_csv)

    def get_urls(self) -> list[Any]:
        door = self.admin_site.admin_view
        reveal = require_http_methods(["GET", "HEAD", "POST"])(self.reveal)
        own = [
            path("<int:pk>/reveal/", door(reveal), name="compliance_renewal_reveal"),
            path("<int:pk>/note/", door(require_POST(self.note)), name="compliance_renewal_note"),
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_permission(request) or request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        return self._case(request, self._renewal(object_id), note=NoteForm())

    def note(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Staff write something down for one another."""
        if not request.user.has_perm("compliance.add_note") or not self.has_view_permission(
            request
        ):
            raise PermissionDenied
        renewal = self._renewal(pk)
        form = NoteForm(request.POST)
        if renewal.key is None:
            messages.warning(request, gettext("It has ended: nothing is kept about it any more."))
            return redirect("admin:compliance_renewal_change", pk)
        if not form.is_valid():
            return self._case(request, renewal, note=form, status=422)
        by: User = request.user  # type: ignore[assignment]
        once, now = form.cleaned_data["once"], timezone.now()
        try:
            with transaction.atomic():
                desk.note("note-written", renewal, by=by, now=now, once=once)
                Note.write(renewal, form.cleaned_data["text"], by=by, now=now)
        except desk.Twice:
            messages.info(request, gettext("That was done already."))
        else:
            messages.success(request, gettext("The note is there."))
        return redirect("admin:compliance_renewal_change", pk)

    def reveal(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The values, once, for a reason that stays on record; asked for on a page of its own."""
        may = request.user.has_perm("compliance.reveal_values")
        if not may or not self.has_view_permission(request):
            raise PermissionDenied
        renewal, now = self._renewal(pk), timezone.now()
        items = rows_of(renewal, renewal.items.order_by("pk"))
        answers = rows_of(renewal, renewal.answers.select_related("saved_by").order_by("pk"))
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            if covered(reason, secrets_of(items, answers)) != reason:
                form.add_error("reason", gettext("Leave out what the customer entered."))
        found = None
        if form.is_valid():
            # On record before anybody sees anything.
            Event.objects.create(
                at=now,
                kind="revealed",
                renewal=renewal,
                by=request.user,  # type: ignore[misc]
                details=because(reason, renewal=renewal),
            )
            found = contents(renewal, items, answers, revealed=True)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Reveal what was entered"),
            "opts": self.opts,
            "renewal": renewal,
            "form": form,
            "found": found,
        }
        response = TemplateResponse(
            request,
            "admin/compliance/renewal/reveal.html",
            context,
            status=422 if form.errors else 200,
        )
        add_never_cache_headers(response)
        return response

    def _renewal(self, pk: object) -> Renewal:
        key = str(pk)
        renewals = Renewal.objects.select_related(*WITH)
        return get_object_or_404(renewals, pk=key if key.isdecimal() else 0)

    def _case(
        self, request: HttpRequest, renewal: Renewal, *, note: NoteForm, status: int = 200
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            **context_of(request, renewal, now=timezone.now()),
            "title": renewal.reference,
            "subtitle": str(renewal.bundle.customer or ""),
            "opts": self.opts,
            "note_form": note,
        }
        return TemplateResponse(
            request, "admin/compliance/renewal/case.html", context, status=status
        )
