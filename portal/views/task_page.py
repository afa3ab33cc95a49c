"""The page of one task: its form, and what stands around it.

It keeps what was typed, as a draft; what is done with an answer is ``portal.views.tasks``'s to say.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from compliance import answers
from compliance.models import Answer, Draft, Renewal, Upload
from compliance.requirements import Option, Task, addresses_in, asks_for_local_address
from compliance.wording import dates as words
from compliance.wording import labels, reasons
from compliance.wording.registrations import country, title
from portal.document import Document
from portal.files import max_megabytes
from portal.forms import AnswerForm
from portal.forms.inputs import inputs_in, inputs_of, version_in
from portal.views.asked import token_of
from portal.views.common import SignedIn, is_editor, url_of, zone_of
from portal.views.sharing import documents_for
from portal.wording import refusals
from portal.wording.presence import at_this_page

ACCEPTED_FILES = "application/pdf,image/jpeg,image/png,.pdf,.jpg,.jpeg,.png,.heic,.heif"


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
