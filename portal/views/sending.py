"""Check your answers, send them, and what happens next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from compliance import workflow
from compliance.answers import everything_of, held_items
from compliance.models import Answer, Renewal
from compliance.requirements import Held, Task, addresses_of
from compliance.requirements.regulation import humanized, kind_of
from compliance.requirements.shapes import Field
from compliance.stages import dates_of, has_waiting_answers
from compliance.tasks import nudge
from compliance.wording import dates as words
from compliance.wording import labels
from compliance.wording.fields import label_of
from compliance.wording.registrations import country, phone_number, title
from portal.views.common import SignedIn, back_with, editors_only, is_editor, renewal_of, url_of


@dataclass(frozen=True, kw_only=True)
class Section:
    """One object of the registration, to be read through."""

    title: str
    rows: tuple[tuple[str, str], ...]
    file: str
    change_url: str


@require_http_methods(["GET", "HEAD", "POST"])
def send(request: SignedIn, reference: str) -> HttpResponse:
    renewal = renewal_of(request, reference)
    now = timezone.now()
    if request.method == "POST":
        if not is_editor(request, renewal):
            return editors_only(request, renewal)
        try:
            workflow.send(renewal, by=request.user, now=now)
        except workflow.NotNow:
            return back_with(request, renewal, _why_not(renewal))
        nudge(renewal.pk)
        return redirect("sent", renewal.reference)
    if renewal.state != Renewal.State.READY or has_waiting_answers(renewal):
        return back_with(request, renewal, _why_not(renewal))
    customer = renewal.bundle.customer
    zone = customer.time_zone if customer else "UTC"
    dates = dates_of(renewal.valid_until, now=now, zone=zone)
    context = {
        "caption": title(renewal.bundle),
        "sections": sections_of(renewal),
        "numbers": [phone_number(number) for number in renewal.bundle.numbers],
        "late": dates.late,
        "expired": renewal.bundle.has_expired(now=now),
        "expires": words.short_day(dates.expires, zone),
        "editor": is_editor(request, renewal),
        "back_url": url_of(renewal),
    }
    return render(request, "send.html", context)


@require_safe
def sent(request: SignedIn, reference: str) -> HttpResponse:
    """The confirmation; bookmarked and opened later, the current state."""
    renewal = renewal_of(request, reference)
    if renewal.state not in (Renewal.State.SUBMITTED, Renewal.State.IN_REVIEW):
        return redirect("registration", renewal.reference)
    customer = renewal.bundle.customer
    zone = customer.time_zone if customer else "UTC"
    until = _working_days_after(timezone.now(), settings.REVIEW_DAYS)
    context = {
        "caption": title(renewal.bundle),
        "country": country(renewal.bundle),
        "reference": renewal.reference,
        "checked_by": words.day(until, zone),
        "page_url": url_of(renewal),
        "record_url": url_of(renewal, "record"),
    }
    return render(request, "sent.html", context)


def _why_not(renewal: Renewal) -> str:
    """The page was stale: what has happened meanwhile."""
    current = Renewal.objects.only("state").get(pk=renewal.pk).state
    state = Renewal.State
    if current in (state.SUBMITTED, state.IN_REVIEW):
        return gettext("Your update has already been sent for checking.")
    if current in (state.APPROVED, state.REPLACED, state.COMPLETED):
        return gettext("Your update has already been approved.")
    if current == state.CANCELLED:
        return gettext("There is nothing left to send.")
    if has_waiting_answers(renewal):
        return gettext("Your latest answers are still being checked. Send the update after that.")
    return gettext("It cannot be sent yet. This is what is still missing.")


def sections_of(renewal: Renewal) -> list[Section]:
    """What the registration holds, object by object; nothing any more after its end."""
    held = held_items(renewal)
    tasks = everything_of(renewal, held).tasks
    files = {
        answer.item_sid: f"{answer.file_name} ({labels.size(answer.file_size)})"
        for answer in renewal.answers.filter(state=Answer.State.DELIVERED)
        if answer.item_sid and answer.file_name
    }
    # The person or company first, then the papers.
    ordered = sorted(held, key=lambda item: not item.is_end_user)
    return [
        _section(renewal, item, _task_about(item, tasks), files.get(item.sid, ""))
        for item in ordered
    ]


def _task_about(item: Held, tasks: Sequence[Task]) -> Task | None:
    return next(
        (
            task
            for task in tasks
            for option in task.options
            if option.changes_sid == item.sid or item.sid in option.supersedes
        ),
        None,
    )


def _section(renewal: Renewal, item: Held, task: Task | None, file: str) -> Section:
    option = task.options[0] if task and task.options else None
    known = {f.name: f for f in (*option.fields, *option.others)} if option else {}
    rows = []
    for name, value in item.attributes.items():
        field = known.get(name) or Field(name=name, label=humanized(name), kind=kind_of(name))
        if field.kind == "address":
            places = [item.addresses.get(sid, {}) for sid in addresses_of(item.attributes)]
            rows += [(label_of(field), labels.address(place)) for place in places]
            continue
        if text := labels.shown(field, value if not isinstance(value, bool) else _yes_no(value)):
            rows.append((label_of(field), text))
    if not file and item.has_file:
        file = gettext("The file that we have on record")
    change_url = ""
    if task is not None:
        change_url = reverse("task", args=[renewal.reference, task.key]) + "?change=1"
    name = labels.task_title(task) if task and item.is_end_user else option.label if option else ""
    return Section(
        title=name or humanized(item.type), rows=tuple(rows), file=file, change_url=change_url
    )


def _yes_no(value: bool) -> str:
    return "YES" if value else "NO"


def _working_days_after(moment: datetime, days: int) -> datetime:
    while days > 0:
        moment += timedelta(days=1)
        if moment.weekday() < 5:
            days -= 1
    return moment
