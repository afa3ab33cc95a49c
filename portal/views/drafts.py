"""What is typed into a task's page on its way to being saved, and who else is there.

The page's script comes here every 20 seconds and when the page is left; a button of the form does
without one. A ping that brings no inputs only says that the page is open.
"""

from contextlib import suppress

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from compliance import answers
from compliance.acting import renewals_for
from compliance.models import Renewal
from compliance.wording import dates as words
from portal.forms.inputs import inputs_of, version_in
from portal.views.asked import asked_for
from portal.views.common import (
    SignedIn,
    acting_of,
    back_with,
    editors_only,
    is_editor,
    renewal_of,
    url_of,
    zone_of,
)
from portal.wording.presence import at_this_page


@require_POST
def draft(request: SignedIn, reference: str, task_key: str) -> HttpResponse:
    renewal = renewal_of(request, reference)
    if not is_editor(request, renewal):
        return editors_only(request, renewal)
    if "discard" in request.POST:
        answers.discard_draft(renewal, task=task_key, by=request.user)
        return redirect("task", renewal.reference, task_key)
    if asked_for(renewal, task_key) is None:
        raise Http404
    is_script = "application/json" in request.headers.get("Accept", "")
    try:
        at = _keep(request, renewal, task_key)
        if is_script:
            _note_presence(request, renewal, task_key)
    except answers.NotOpen:
        if is_script:
            return HttpResponse(status=409)
        return back_with(request, renewal, gettext("There is nothing left to change."))
    if is_script:
        return JsonResponse({"saved": _saved(at), "others": _others(request, renewal, task_key)})
    messages.success(
        request,
        gettext("Your draft was saved at %(time)s. Files are not part of it.") % {"time": at},
    )
    return redirect(url_of(renewal))


def keep_when_signed_out(request: SignedIn, reference: str, task_key: str) -> None:
    """What was on its way when the session ended. The person is still known; nobody is answered."""
    renewals = renewals_for(request.user, acting_of(request))
    renewal = renewals.filter(reference=reference).first()
    if renewal is None or not is_editor(request, renewal):
        return
    if asked_for(renewal, task_key) is not None:
        with suppress(answers.NotOpen):
            _keep(request, renewal, task_key)


def _keep(request: SignedIn, renewal: Renewal, task_key: str) -> str:
    """When it was kept; empty if nothing was typed, or if it has been saved for good meanwhile."""
    now = timezone.now()
    inputs = inputs_of(request.POST)
    if not inputs:
        return ""
    kept = answers.keep_draft(
        renewal,
        task=task_key,
        inputs=inputs | {"as": request.GET.get("as", "")},
        version=version_in(request.POST),
        by=request.user,
        now=now,
    )
    return words.clock(now, zone_of(renewal)) if kept else ""


def _note_presence(request: SignedIn, renewal: Renewal, task_key: str) -> None:
    if "gone" in request.POST:
        answers.leave(renewal, task=task_key, by=request.user)
    else:
        answers.announce(renewal, task=task_key, by=request.user, now=timezone.now())


def _saved(at: str) -> str:
    return gettext("Saved %(time)s") % {"time": at} if at else ""


def _others(request: SignedIn, renewal: Renewal, task_key: str) -> str:
    _own, others = answers.at_task(renewal, task=task_key, by=request.user, now=timezone.now())
    return at_this_page(others, zone_of(renewal))
