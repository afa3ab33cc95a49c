"""One registration: where it stands, what is to be done, and what has happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseStopPolling, reswap, retarget

from compliance.answers import checklist_of
from compliance.models import Renewal, User
from compliance.requirements import Checklist, Fine, Task
from compliance.stages import WITH_CUSTOMER, Stage, dates_of, is_stopped, stage_of
from compliance.wording import dates as words
from compliance.wording import labels
from compliance.wording.deadlines import deadline
from compliance.wording.fields import known_label
from compliance.wording.progress import Progress, mark_of, progress_of
from compliance.wording.registrations import country, phone_number, tag, title, why_update
from portal.record import has_been_sent
from portal.views import rows
from portal.views.common import (
    SignedIn,
    is_editor,
    renewal_of,
    standing_of,
    url_of,
    waiting_of,
)
from portal.views.sharing import offers
from portal.wording import events

TIMELINE_LENGTH = 50


@require_safe
def registration(request: SignedIn, reference: str) -> HttpResponse:
    renewal = renewal_of(request, reference, whole=True)
    newer = _newer(renewal)
    if newer is not None:
        return redirect("registration", newer.reference)
    now = timezone.now()
    renewal.note_seen(by=request.user, now=now)
    return render(request, "registration.html", _page(request, renewal, now=now))


@require_safe
def status(request: SignedIn, reference: str) -> HttpResponse:
    """Asked again and again by a page that shows something moving.

    ``seen`` is the mark of what that page shows. As long as it holds, there is nothing to say (or,
    while a reviewer has it, only when we last looked; or, after a moment, that it may ask less
    often than ``every`` so many milliseconds). Then the whole region is replaced; and when
    it is the customer's turn, or all is done, the asking stops.
    """
    renewal = standing_of(request, reference)
    now = timezone.now()
    waiting, saved_at = waiting_of(renewal)
    stage = stage_of(renewal.bundle, renewal, waiting=bool(waiting), now=now)
    progress = progress_of(renewal, stage, waiting=waiting, saved_at=saved_at, now=now)
    mark = mark_of(renewal, stage, waiting=waiting, slow=progress.slow)
    seen = request.GET.get("seen", "")
    if seen and seen != mark:
        context = _page(request, renewal_of(request, reference, whole=True), now=now) | {
            "swapped": True
        }
        response = render(request, "_registration.html", context)
        retarget(reswap(response, "outerHTML"), "#registration")
    elif seen and progress.pause and _asks_so_often(request, progress) and not progress.looked:
        return HttpResponse(status=204)
    else:
        context = {
            "progress": progress,
            "status_url": _status_url(renewal, mark, pause=progress.pause),
            "page_url": url_of(renewal),
        }
        response = render(request, "_status.html", context)
    if not progress.pause:
        response.status_code = HttpResponseStopPolling.status_code
    return response


def _newer(renewal: Renewal) -> Renewal | None:
    """An old address leads to the renewal that is open now."""
    if renewal.state not in Renewal.ENDED:
        return None
    return Renewal.objects.open().filter(bundle=renewal.bundle).only("reference").first()


def _status_url(renewal: Renewal, mark: str, *, pause: int) -> str:
    return f"{url_of(renewal, 'registration-status')}?seen={mark}&every={pause}"


def _asks_so_often(request: SignedIn, progress: Progress) -> bool:
    return request.GET.get("every") in (None, str(progress.pause))


@dataclass(frozen=True, kw_only=True)
class Moment:
    iso: str
    at: str
    sentence: str


def _page(request: SignedIn, renewal: Renewal, *, now: datetime) -> dict[str, object]:
    bundle, zone = renewal.bundle, _zone(renewal)
    answers = {answer.task: answer for answer in renewal.answers.all()}
    waiting, saved_at = waiting_of(renewal)
    stage = stage_of(bundle, renewal, waiting=bool(waiting), now=now)
    until = renewal.valid_until if renewal.state not in Renewal.ENDED else bundle.valid_until
    dates = dates_of(until, now=now, zone=zone) if until else None
    progress = progress_of(renewal, stage, waiting=waiting, saved_at=saved_at, now=now)

    checklist = checklist_of(renewal) if shows_tasks(stage) else Checklist(tasks=(), fine=())
    done = rows.done(renewal, checklist, answers) if shows_tasks(stage) else []
    completed = sum(row.completed for row in done)
    editor = is_editor(request, renewal)
    nothing_to_fix = stage == Stage.READY and not answers
    return {
        "reference": renewal.reference,
        "stage": stage.value,
        "title": title(bundle),
        "heading": _heading(stage, country(bundle)),
        "customer": str(bundle.customer or ""),
        "tag": tag(
            stage,
            dates,
            done=completed,
            total=completed + len(checklist.tasks),
            stopped=is_stopped(renewal, stage),
        ),
        "deadline": deadline(stage, dates, zone, now=now) if dates else None,
        "why": _why(stage, country(bundle)),
        "trouble": bool(renewal.trouble),
        "customers_turn": stage in WITH_CUSTOMER,
        "progress": progress,
        "status_url": _status_url(
            renewal,
            mark_of(renewal, stage, waiting=waiting, slow=progress.slow),
            pause=progress.pause,
        ),
        "tasks": rows.open_rows(renewal, checklist, answers),
        "done": done,
        "fine": [_fine(entry) for entry in checklist.fine],
        "changes": _changes(renewal, checklist.tasks) if stage == Stage.CHANGES else None,
        "offer_help": renewal.rejections >= 3 and stage == Stage.CHANGES,
        "can_send": stage == Stage.READY and editor,
        "nothing_to_fix": nothing_to_fix,
        "send_url": url_of(renewal, "send"),
        "change_url": f"{url_of(renewal, 'send')}#answers",
        "page_url": url_of(renewal),
        "record_url": url_of(renewal, "record") if has_been_sent(renewal) else "",
        "editor": editor,
        "offers": offers(renewal) if editor else [],
        "offers_url": url_of(renewal, "use-elsewhere"),
        "numbers": [phone_number(number) for number in bundle.numbers],
        "timeline": _timeline(renewal, request.user, zone),
        "ended": words.short_day(renewal.valid_until, zone),
        "away": _away(renewal, zone),
        "review_days": settings.REVIEW_DAYS,
    }


def shows_tasks(stage: Stage) -> bool:
    return stage in (*WITH_CUSTOMER, Stage.CHECKING)


def _zone(renewal: Renewal) -> str:
    customer = renewal.bundle.customer
    return customer.time_zone if customer else "UTC"


def _away(renewal: Renewal, zone: str) -> str:
    since = renewal.bundle.account.unreachable_since
    return words.stamp(since, zone) if since else ""


def _heading(stage: Stage, place: str) -> str:
    if stage in (*WITH_CUSTOMER, Stage.PREPARING, Stage.CHECKING):
        if place:
            return gettext("Update your registration for %(country)s") % {"country": place}
        return gettext("Update your registration")
    if place:
        return gettext("Your registration for %(country)s") % {"country": place}
    return gettext("Your registration")


def _why(stage: Stage, place: str) -> str:
    if stage not in (Stage.DUE, Stage.FIXING, Stage.PREPARING):
        return ""
    why = why_update(place)
    if stage == Stage.FIXING:
        rest = gettext("Below is only what we still need from you; everything else stays as it is.")
        return f"{why} {rest}"
    return why


def _changes(renewal: Renewal, tasks: Sequence[Task]) -> str:
    """What the reviewer turned down, in one sentence."""
    refused = [task for task in tasks if task.refused]
    if refused and all(task.kind == "document" for task in refused):
        return ngettext(
            "One document was not accepted. Everything else is fine and stays as it is.",
            "%(count)s documents were not accepted. Everything else is fine and stays as it is.",
            len(refused),
        ) % {"count": len(refused)}
    if refused:
        return gettext("What is marked below was not accepted. Everything else stays as it is.")
    if renewal.state == Renewal.State.REJECTED:
        return gettext(
            "The reviewer did not accept your update and gave no details. Compare each part with "
            "your papers and correct what differs, or ask us."
        )
    return gettext("A few things are still to be fixed before it can be checked again.")


def _fine(entry: Fine) -> dict[str, str]:
    named = (known_label(name, otherwise=label) for name, label in entry.fields)
    fields = dict.fromkeys(labels.in_sentence(label) for label in named if label)
    return {
        "title": labels.object_title(entry.object_type, otherwise=entry.title),
        "labels": ", ".join(fields),
    }


def _timeline(renewal: Renewal, reader: User, zone: str) -> list[Moment]:
    seen = renewal.events.filter(customer_visible=True).select_related("by")
    return [
        Moment(
            iso=event.at.isoformat(timespec="seconds"),
            at=words.stamp(event.at, zone),
            sentence=sentence,
        )
        for event in seen.order_by("-at", "-pk")[:TIMELINE_LENGTH]
        if (sentence := events.sentence(event, reader=reader))
    ]
