"""What was answered in one registration, used in others of the same company."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from compliance import answers
from compliance.models import Answer, Renewal
from compliance.requirements import Task
from compliance.tasks import nudge
from compliance.wording import dates, labels
from compliance.wording.fields import label_of
from compliance.wording.registrations import phone_number, title
from portal.views.common import (
    SignedIn,
    back_with,
    editors_only,
    is_editor,
    renewal_of,
    zone_of,
)


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One tick: where, and what would be put there."""

    key: str
    reference: str
    title: str
    numbers: str
    values: tuple[tuple[str, str], ...]


def offers(renewal: Renewal) -> list[Offer]:
    if renewal.state in Renewal.ENDED:
        return []
    return [
        Offer(
            key=place.key,
            reference=place.renewal.reference,
            title=title(place.renewal.bundle),
            numbers=", ".join(phone_number(n) for n in place.renewal.bundle.numbers[:3]),
            values=tuple(_what(place)),
        )
        for place in answers.places_for(renewal)
    ]


def _what(place: answers.Place) -> Iterator[tuple[str, str]]:
    for field in place.fields:
        yield label_of(field), labels.shown(field, place.values[field.name])
    if place.sent is not None:
        yield labels.task_title(place.task), place.sent.answer.file_name


@require_POST
def use_elsewhere(request: SignedIn, reference: str) -> HttpResponse:
    renewal = renewal_of(request, reference)
    if not is_editor(request, renewal):
        return editors_only(request, renewal)
    chosen = request.POST.getlist("in")
    if not chosen:
        return back_with(request, renewal, gettext("Nothing was ticked, so nothing has changed."))
    used = answers.use_elsewhere(renewal, keys=chosen, by=request.user, now=timezone.now())
    if not used:
        return back_with(request, renewal, gettext("It is not asked for there any more."))
    for other in used:
        nudge(other.pk)
    messages.success(
        request,
        gettext("Used there, too: %(titles)s")
        % {"titles": ", ".join(f"{title(other.bundle)} ({other.reference})" for other in used)},
    )
    return redirect("registration", renewal.reference)


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A document that was sent for another registration and would do here."""

    key: str
    file_name: str
    sent: str
    title: str
    reference: str


def documents_for(renewal: Renewal, task: Task) -> list[Ready]:
    return [
        Ready(
            key=_key(sent),
            file_name=sent.answer.file_name,
            sent=dates.stamp(sent.answer.saved_at, zone_of(renewal)),
            title=title(sent.answer.renewal.bundle),
            reference=sent.answer.renewal.reference,
        )
        for sent, _option in answers.sent_elsewhere(renewal, task)
    ]


def use_here(request: SignedIn, renewal: Renewal, task: Task, *, version: int) -> HttpResponse:
    """Take the document that was chosen on the task's page."""
    chosen = request.POST["reuse"]
    saved = renewal.answers.filter(task=task.key, saved_by=request.user).first()
    if saved is not None and saved.reuses is not None and _key_of(saved.reuses) == chosen:
        # A double click, or a page sent again.
        return _said(request, renewal, task)
    found = {_key(sent): (sent, option) for sent, option in answers.sent_elsewhere(renewal, task)}
    if chosen not in found:
        return back_with(
            request,
            renewal,
            gettext("That document can't be used here any more. Please upload one instead."),
        )
    sent, option = found[chosen]
    try:
        answers.reuse(
            renewal,
            task=task,
            option=option,
            sent=sent,
            version=version,
            by=request.user,
            now=timezone.now(),
        )
    except answers.Conflict:
        return back_with(
            request,
            renewal,
            gettext("Somebody has answered that meanwhile, so nothing was changed."),
        )
    except answers.NotOpen:
        return back_with(
            request,
            renewal,
            gettext("The registration has moved on, and nothing can be changed at the moment."),
        )
    nudge(renewal.pk)
    return _said(request, renewal, task)


def _said(request: SignedIn, renewal: Renewal, task: Task) -> HttpResponse:
    messages.success(request, gettext("Saved: %(title)s") % {"title": labels.task_title(task)})
    return redirect("registration", renewal.reference)


def _key(sent: answers.Sent) -> str:
    return _key_of(sent.answer)


def _key_of(answer: Answer) -> str:
    return f"{answer.renewal.reference}/{answer.task}"
