"""One task on one page: details to fill in, or a document to send.

Opens the page, and takes what it posts; what is on it is ``portal.views.task_page``'s to say.
"""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from compliance import answers
from compliance.models import Renewal
from compliance.tasks import nudge
from compliance.wording import labels
from compliance.wording.fields import worded
from portal.forms import AnswerForm
from portal.forms.inputs import version_in
from portal.views.asked import asked_for, option_of, token_of
from portal.views.common import SignedIn, back_with, editors_only, is_editor, renewal_of
from portal.views.sharing import use_here
from portal.views.task_page import TaskPage


@require_http_methods(["GET", "HEAD", "POST"])
def task(request: SignedIn, reference: str, task_key: str) -> HttpResponse:
    renewal = renewal_of(request, reference, whole=True)
    asked = asked_for(renewal, task_key)
    answer = next((each for each in renewal.answers.all() if each.task == task_key), None)
    if asked is None:
        if answer is None:
            raise Http404
        return back_with(request, renewal, gettext("There is nothing left to do there."))
    draft, others = answers.at_task(renewal, task=task_key, by=request.user, now=timezone.now())
    shown = request.POST.get("as", "")
    wanted = shown or request.GET.get("as", "") or (draft.inputs().get("as", "") if draft else "")
    option = option_of(asked.task, wanted, answer)
    page = TaskPage(request, renewal, asked.task, worded(option), answer, draft, others)
    if request.method == "POST":
        if shown and shown != token_of(option):
            return _asked_otherwise(page)
        return _save(page)
    if renewal.state not in Renewal.EDITABLE:
        return back_with(request, renewal, _why_closed(renewal))
    if not asked.is_open and "change" not in request.GET:
        return back_with(request, renewal, gettext("That part is already fine."))
    renewal.note_seen(by=request.user, now=timezone.now())
    return page.opened()


def _save(page: TaskPage) -> HttpResponse:
    request, renewal = page.request, page.renewal
    if not is_editor(request, renewal):
        return editors_only(request, renewal)
    if "reuse" in request.POST:
        return use_here(request, renewal, page.task, version=version_in(request.POST))
    form = page.form(posted=True)
    if not form.is_valid():
        page.keep_typed()
        return page.drawn(form, status=422)
    doubted = page.document.doubts(form.values(), page.task.descriptions, zone=page.zone)
    if doubted and "sure" not in request.POST:
        page.keep_typed()
        return page.drawn(form, doubted=doubted, status=422)
    try:
        answers.save_match(
            renewal,
            task=page.task,
            option=page.option,
            values=form.values(),
            shared=form.shared(),
            file=form.file,
            version=form.posted_version(),
            details_version=form.posted_details_version(),
            by=request.user,
            now=timezone.now(),
        )
    except answers.Conflict as conflict:
        if not _was_sent_twice(page, form):
            return page.drawn(form, colleague=conflict.answer, status=409)
    except answers.NotOpen:
        if not _was_sent_twice(page, form):
            return page.drawn(form, closed=True, status=409)
    nudge(renewal.pk)
    messages.success(request, gettext("Saved: %(title)s") % {"title": labels.task_title(page.task)})
    return redirect("registration", renewal.reference)


def _asked_otherwise(page: TaskPage) -> HttpResponse:
    """The way of answering that the page showed is none any more: what was typed goes on."""
    if not is_editor(page.request, page.renewal):
        return editors_only(page.request, page.renewal)
    page.keep_typed()
    sentence = gettext(
        "What is asked for here has changed since the page was opened, so nothing was saved yet. "
        "What you typed is kept as far as it still fits."
    )
    messages.warning(page.request, sentence)
    return redirect("task", page.renewal.reference, page.task.key)


def _was_sent_twice(page: TaskPage, form: AnswerForm) -> bool:
    """A double click, or a page reloaded: what it says is there already, by the same person."""
    saved = page.renewal.answers.filter(task=page.task.key, saved_by=page.request.user).first()
    return saved is not None and form.says_the_same_as(saved)


def _why_closed(renewal: Renewal) -> str:
    state = Renewal.State
    if renewal.state in (state.DETECTED, state.COPIED):
        return gettext("We are checking what is there. In a few seconds you can go on.")
    if renewal.state in (state.SUBMITTED, state.IN_REVIEW):
        return gettext("It is being checked and cannot be changed until there is a decision.")
    return gettext("There is nothing left to change.")
