"""One task on one page: details to fill in, or a document to send."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from compliance import answers
from compliance.models import Answer, Draft, Renewal, Upload
from compliance.requirements import (
    Checklist,
    Held,
    Option,
    Task,
    addresses_in,
    asks_for_local_address,
    checklist,
)
from compliance.tasks import nudge
from compliance.wording import dates as words
from compliance.wording import labels, reasons
from compliance.wording.fields import worded
from compliance.wording.registrations import country, title
from portal.document import Document
from portal.files import max_megabytes
from portal.forms import AnswerForm
from portal.forms.inputs import inputs_in, inputs_of
from portal.views.common import (
    SignedIn,
    back_with,
    editors_only,
    is_editor,
    renewal_of,
    url_of,
    zone_of,
)
from portal.views.sharing import documents_for, use_here
from portal.wording import refusals
from portal.wording.presence import at_this_page

CORRECTION = "correction"
ACCEPTED_FILES = "application/pdf,image/jpeg,image/png,.pdf,.jpg,.jpeg,.png,.heic,.heif"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A task, and whether it is really open or only shown because somebody wants to change it."""

    task: Task
    is_open: bool


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
    option = _option(asked.task, wanted, answer)
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


def _save(page: "TaskPage") -> HttpResponse:
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


def _asked_otherwise(page: "TaskPage") -> HttpResponse:
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


def _was_sent_twice(page: "TaskPage", form: AnswerForm) -> bool:
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


class TaskPage:
    """What the page of one task is made of."""

    def __init__(
        self,
        request: SignedIn,
        renewal: Renewal,
        task: Task,
        option: Option,
        answer: Answer | None,
        draft: Draft | None,
        others: Sequence[Draft],
    ) -> None:
        self.request = request
        self.renewal = renewal
        self.task = task
        self.option = option
        self.answer = answer
        self.draft = draft
        self.others = others
        # What was answered for this very option and has not arrived.
        self.pending = (
            answer
            if answer is not None
            and answer.state != Answer.State.DELIVERED
            and answer.type == option.type
            and answer.changes_sid == option.changes_sid
            else None
        )
        self.keeps_file = (
            self.pending is not None
            and option.needs_file
            and Upload.objects.filter(answer=self.pending).exists()
        )
        self.details = answers.details_of(renewal) if task.kind == "document" else None
        self.zone = zone_of(renewal)
        self.document = Document(request, renewal, task=task.key, document=option.type)
        self.document.is_late = bool(answer and version_in(request.POST) < answer.version)

    def opened(self) -> HttpResponse:
        """As it stands, or as this person left it. What was saved by somebody since then is shown
        beside what they had typed."""
        draft, answer = self.draft, self.answer
        if draft and answer and draft.version < answer.version:
            return self.drawn(self.form(), colleague=answer)
        return self.drawn(self.form())

    def keep_typed(self) -> None:
        """What was sent and could not be taken is not lost with the page."""
        with suppress(answers.NotOpen):
            answers.keep_draft(
                self.renewal,
                task=self.task.key,
                inputs=inputs_of(self.request.POST) | {"as": token_of(self.option)},
                version=version_in(self.request.POST),
                by=self.request.user,
                now=timezone.now(),
            )

    def form(self, *, posted: bool = False) -> AnswerForm:
        regulation = self.renewal.bundle.regulation
        region = regulation.iso_country if regulation else ""
        local = asks_for_local_address(self.task)
        known = self._addresses()
        return AnswerForm(
            self.option,
            is_document=self.task.kind == "document",
            region=region,
            country=country(self.renewal.bundle),
            addresses={sid: labels.address(parts) for sid, parts in known.items()},
            new_address=self._may_add_to(known, country=region if local else ""),
            local=local,
            values=self.pending.values() if self.pending else None,
            details=self.details.values if self.details else None,
            keeps_file=self.keeps_file,
            document=self.document,
            draft=inputs_in(self.draft.inputs()) if self.draft and not posted else None,
            data=self.request.POST if posted else None,
        )

    def _addresses(self) -> dict[str, Mapping[str, str]]:
        """By SID, which no page shows, the parts of the addresses that are there."""
        every = (*self.option.fields, *self.option.others)
        if not any(field.kind == "address" for field in every):
            return {}
        held = answers.held_items(self.renewal)
        places = {sid: parts for item in held for sid, parts in item.addresses.items()}
        return {sid: places.get(sid, {}) for sid in addresses_in(held)}

    def _may_add_to(self, known: Mapping[str, Mapping[str, str]], *, country: str) -> bool:
        """Twilio puts the update onto the registration only with the addresses that it has (error
        22229), so another one would be of no use; unless none of them can be right.

        :param country: the one in which the address has to be, if it has.
        """
        made = {
            sid
            for answer in self.renewal.answers.all()
            for sid in (answer.address_sid, *answer.left_addresses)
        }
        original = [parts for sid, parts in known.items() if sid not in made]
        here = [p for p in original if not country or p.get("iso_country", country) == country]
        return not here

    def drawn(
        self,
        form: AnswerForm,
        *,
        colleague: Answer | None = None,
        closed: bool = False,
        doubted: Sequence[str] = (),
        status: int = 200,
    ) -> HttpResponse:
        """The page. With ``colleague``, what was typed stands beside what was saved meanwhile, and
        saving once more is then a decision; with ``closed`` it is only shown."""
        renewal, now = self.renewal, timezone.now()
        version = self.answer.version if self.answer else 0
        details_version = self.details.version if self.details else 0
        if form.is_bound:
            version, details_version = form.posted_version(), form.posted_details_version()
        if colleague is not None and colleague.task == self.task.key:
            version = colleague.version
            form.theirs = colleague.values() if colleague.type == self.option.type else {}
        elif colleague is not None:
            details_version = colleague.version
        problems = form.problems() if not (colleague or closed) else []
        can_save = not closed and is_editor(self.request, renewal)
        context = {
            "title": labels.task_title(self.task),
            "caption": title(renewal.bundle),
            "is_document": self.task.kind == "document",
            "whys": reasons.of_task(self.task.reasons),
            "refused": self.task.refused,
            "reviewer_wrote": gettext("What the reviewer wrote:"),
            "not_accepted": self._not_accepted(),
            "descriptions": self.task.descriptions,
            "option_label": self._label(self.option),
            "alternatives": self._alternatives(),
            "problems": problems,
            "controls": form.controls(),
            "others": form.other_controls(),
            "others_open": form.others_need_attention(),
            "needs_file": self.option.needs_file,
            "file_error": form.file_error() if problems else "",
            "file_label": self._file_label(),
            "kept": self._kept() if self.keeps_file else None,
            "max_megabytes": max_megabytes(),
            "elsewhere": documents_for(renewal, self.task) if can_save else [],
            "accepted_files": ACCEPTED_FILES,
            "as": token_of(self.option),
            "version": version,
            "details_version": details_version,
            "colleague": self._colleague(colleague) if colleague else "",
            "closed": closed,
            "doubted": doubted,
            "can_save": can_save,
            "rows": self.document.rows(can_save=can_save) if self.option.needs_file else [],
            "file_url": self.document.upload_url(),
            "max_bytes": settings.MAX_UPLOAD_BYTES,
            "reference": renewal.reference,
            "back_url": url_of(renewal),
            "saved": self._saved(now=now),
            "draft": self._drafted(now=now) if not form.is_bound else "",
            "draft_url": self._draft_url(),
            "others_here": at_this_page(self.others, self.zone),
        }
        return render(self.request, "task.html", context, status=status)

    def _not_accepted(self) -> str:
        """What was said about the answer when it was passed on."""
        answer = self.answer
        if answer is None or answer.state != Answer.State.REFUSED:
            return ""
        return refusals.sentence(answer)

    def _alternatives(self) -> list[dict[str, str]]:
        change = {"change": "1"} if "change" in self.request.GET else {}
        return [
            {
                "label": self._label(option),
                "url": "?" + urlencode({"as": token_of(option), **change}),
            }
            for option in self.task.options
            if token_of(option) != token_of(self.option)
        ]

    def _label(self, option: Option) -> str:
        if option.changes_sid and self.task.kind == "document" and len(self.task.options) > 1:
            return gettext("Correct the details of the document we have")
        if any(other.changes_sid or other.supersedes for other in self.task.options):
            return gettext("Send a new document: %(document)s") % {"document": option.label}
        return option.label

    def _file_label(self) -> str:
        if self.keeps_file:
            return gettext("Replace the file")
        return gettext("Upload your %(document)s") % {
            "document": labels.in_sentence(self.option.label)
        }

    def _kept(self) -> dict[str, str]:
        kept = self.pending
        if kept is None:
            return {}
        return {"name": kept.file_name, "size": labels.size(kept.file_size)}

    def _saved(self, *, now: datetime) -> str:
        if self.pending is None:
            return ""
        return words.since(self.pending.saved_at, now=now)

    def _draft_url(self) -> str:
        query = urlencode({"as": token_of(self.option)})
        return f"{reverse('draft', args=[self.renewal.reference, self.task.key])}?{query}"

    def _drafted(self, *, now: datetime) -> str:
        """When what is shown was typed."""
        at = self.draft.saved_at if self.draft else None
        if at is None:
            return ""
        zone = ZoneInfo(self.zone)
        if at.astimezone(zone).date() == now.astimezone(zone).date():
            return words.clock(at, self.zone)
        return words.stamp(at, self.zone)

    def _colleague(self, theirs: Answer) -> str:
        at = words.clock(theirs.saved_at, self.zone)
        if theirs.task != self.task.key:
            return gettext(
                "Your details were changed at %(time)s. Choose below once more; what you typed "
                "has not been saved."
            ) % {"time": at}
        if theirs.saved_by_id == self.request.user.pk:
            return gettext(
                "You saved this page at %(time)s in another window. What you typed here is below, "
                "and has not been saved."
            ) % {"time": at}
        return gettext(
            "A colleague changed this page at %(time)s. Your answers are below, and have not been "
            "saved."
        ) % {"time": at}


def version_in(data: QueryDict) -> int:
    """The answer on which the page builds that was sent."""
    version = data.get("version", "")
    return int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0


def asked_for(renewal: Renewal, key: str) -> Asked | None:
    found = answers.checklist_of(renewal).task(key)
    if found is not None:
        return Asked(task=found, is_open=True)
    found = everything_of(renewal, answers.held_items(renewal)).task(key)
    return Asked(task=found, is_open=False) if found is not None else None


def everything_of(renewal: Renewal, held: tuple[Held, ...]) -> Checklist:
    """The checklist as if nothing were fine: what a customer may change before sending."""
    regulation = renewal.bundle.regulation
    return checklist(
        regulation.requirements if regulation else {},
        (renewal.evaluation or {}).get("results") or [],
        held,
        shared=answers.shared_sids(renewal, held),
        everything=True,
    )


def token_of(option: Option) -> str:
    """Names an option in an address. Stays the same when the order of the options changes."""
    return CORRECTION if option.changes_sid else option.type


def _option(task: Task, wanted: str, answer: Answer | None) -> Option:
    """The option asked for, or the one answered before, or the one proposed."""
    by_token: Mapping[str, Option] = {token_of(option): option for option in task.options}
    if wanted in by_token:
        return by_token[wanted]
    if answer is not None and answer.state != Answer.State.DELIVERED:
        before: Any = CORRECTION if answer.changes_sid else answer.type
        if before in by_token:
            return by_token[before]
    return task.options[0]
