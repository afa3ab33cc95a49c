"""Actions on many renewals at once, from the list: a page that says how many, then the work."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from compliance.admin.actions.base import WITH, ActionForm, Words
from compliance.admin.actions.engine import Retry
from compliance.admin.actions.people import Remind, ToForm
from compliance.models import Renewal, User
from compliance.tasks import nudge
from compliance.workflow import NotNow, desk

AT_MOST = 500

Done = Callable[[Renewal, User, Any], bool]


def _bulk(
    modeladmin: Any,
    request: HttpRequest,
    queryset: QuerySet[Renewal],
    *,
    name: str,
    title: Words,
    permission: str,
    says: str,
    form_class: type[forms.Form],
    why_not: Callable[[Renewal], str],
    do: Done,
) -> HttpResponse | None:
    """First the page, then each renewal by itself: one that can't be done holds up no other."""
    user: Any = request.user
    if not user.has_perms(["compliance.act_in_bulk", f"compliance.{permission}"]):
        raise PermissionDenied
    chosen = list(queryset.select_related(*WITH).order_by("pk")[: AT_MOST + 1])
    if len(chosen) > AT_MOST:
        modeladmin.message_user(
            request,
            gettext("At most %(n)d at once, please.") % {"n": AT_MOST},
            messages.ERROR,
        )
        return None
    confirmed = "confirmed" in request.POST
    form = form_class(request.POST if confirmed else None, initial={"once": "bulk"})
    possible = [renewal for renewal in chosen if not why_not(renewal)]
    if not confirmed or not form.is_valid():
        context = {
            **modeladmin.admin_site.each_context(request),
            "title": title,
            "says": says,
            "form": form,
            "action": name,
            "selected": ACTION_CHECKBOX_NAME,
            "chosen": chosen,
            "possible": len(possible),
            "shown": chosen[:20],
            "more": max(0, len(chosen) - 20),
            "impossible": len(chosen) - len(possible),
            "opts": modeladmin.opts,
        }
        return TemplateResponse(request, "admin/compliance/actions/bulk.html", context)
    count = sum(do(renewal, user, form) for renewal in possible)
    modeladmin.message_user(
        request,
        ngettext("Done for %(n)d renewal.", "Done for %(n)d renewals.", count) % {"n": count},
        messages.SUCCESS,
    )
    return None


def _assign(renewal: Renewal, user: User, form: Any) -> bool:
    to = form.cleaned_data["to"]
    if renewal.assignee_id == (to.pk if to else None):
        return False
    try:
        desk.assign(renewal, to=to, was=renewal.assignee_id, by=user, now=timezone.now())
    except NotNow:
        return False
    return True


def _remind(renewal: Renewal, user: User, form: Any) -> bool:
    return desk.remind(renewal, by=user, now=timezone.now())


def _retry(renewal: Renewal, user: User, form: Any) -> bool:
    desk.try_again(renewal, by=user, now=timezone.now())
    nudge(renewal.pk)
    return True


@admin.action(description=_("Assign"), permissions=["bulk_assign"])
def assign_many(modeladmin: Any, request: HttpRequest, queryset: Any) -> HttpResponse | None:
    return _bulk(
        modeladmin,
        request,
        queryset,
        name="assign_many",
        title=_("Assign"),
        permission="assign_renewal",
        says=gettext("These will belong to whom you choose, whosever they are now."),
        form_class=ToForm,
        why_not=lambda renewal: "",
        do=_assign,
    )


@admin.action(description=_("Send reminders"), permissions=["bulk_remind"])
def remind_many(modeladmin: Any, request: HttpRequest, queryset: Any) -> HttpResponse | None:
    return _bulk(
        modeladmin,
        request,
        queryset,
        name="remind_many",
        title=_("Send reminders"),
        permission="remind_renewal",
        says=gettext("The contacts of these get a mail that says what is due and by when."),
        form_class=ActionForm,
        why_not=Remind().why_not,
        do=_remind,
    )


@admin.action(description=_("Retry"), permissions=["bulk_retry"])
def retry_many(modeladmin: Any, request: HttpRequest, queryset: Any) -> HttpResponse | None:
    return _bulk(
        modeladmin,
        request,
        queryset,
        name="retry_many",
        title=_("Retry"),
        permission="retry_renewal",
        says=gettext("The step that has failed is tried again, with attempts from nought."),
        form_class=ActionForm,
        why_not=Retry().why_not,
        do=_retry,
    )


class BulkPermissions:
    """Mixed into the ModelAdmin that lists these actions: Django asks it who may see them."""

    def has_bulk_assign_permission(self, request: HttpRequest) -> bool:
        return _may(request, "assign_renewal")

    def has_bulk_remind_permission(self, request: HttpRequest) -> bool:
        return _may(request, "remind_renewal")

    def has_bulk_retry_permission(self, request: HttpRequest) -> bool:
        return _may(request, "retry_renewal")


def _may(request: HttpRequest, permission: str) -> bool:
    user: Any = request.user
    return bool(user.has_perms(["compliance.act_in_bulk", f"compliance.{permission}"]))


bulk_actions = (assign_many, remind_many, retry_many)
