"""The file of one task's form: chosen now, uploaded before, or several that become one.

With JavaScript each file is uploaded when it is chosen (:mod:`portal.views.files`) and the form
only names it; without, the files come with the form. Either way the page shows them in the order
in which they will be sent.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from compliance import answers
from compliance.answers import File
from compliance.models import Renewal, StagedFile
from compliance.wording import labels
from portal.files import TURNS, Page, Unacceptable, looked_at, together
from portal.views.common import SignedIn
from portal.wording import doubts

FILE = "file"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One file as the page shows it."""

    token: str
    name: str
    size: str
    turned: int
    doubts: list[str]
    turns: list[tuple[int, str]]


class Document:
    """What the person of ``request`` has chosen for ``document`` (an option's type) so far."""

    def __init__(self, request: SignedIn, renewal: Renewal, *, task: str, document: str) -> None:
        self.request = request
        self.renewal = renewal
        self.task = task
        self.document = document
        # Came with this very form, and is fine; in the order of choosing.
        self.fresh: list[tuple[File, list[str]]] = []
        # The form has been sent before, or somebody was quicker: the files that it names went with
        # what was saved then. Saving tells the two apart.
        self.is_late = False

    def read(self) -> File | None:
        """The one file that the form amounts to.

        :raises Unacceptable: with what is wrong with one file or another; the others are kept by
            :meth:`rows`.
        """
        staged, is_complete = self._posted()
        refusals = [] if is_complete or self.is_late else [gone()]
        uploads = self.request.FILES.getlist(FILE)
        for uploaded in uploads:
            try:
                self.fresh.append(looked_at(uploaded))
            except Unacceptable as refusal:
                refusals.append(refusal if len(uploads) == 1 else _named(refusal, uploaded))
        if refusals:
            raise Unacceptable(refusals[0].code, " ".join(str(each) for each in refusals))
        pages = [
            Page(
                file=File(name=each.file_name, type=each.file_type, data=each.data()),
                turned=self._turned(each),
            )
            for each in staged
        ]
        pages += [Page(file=file, turned=0) for file, _doubts in self.fresh]
        if len(pages) > answers.MOST_FILES:
            raise too_many()
        if not pages:
            return None
        if len(pages) == 1 and not pages[0].turned:
            return pages[0].file
        return together(pages)

    def doubts(self, values: Mapping[str, Any], demands: Iterable[str], *, zone: str) -> list[str]:
        """What is better said before it is saved; none of it keeps anybody from it. A file that was
        uploaded on its own has been shown with its doubts.

        :param demands: the regulation's sentences on the document.
        """
        today = timezone.now().astimezone(ZoneInfo(zone)).date()
        said = doubts.about_dates(values, demands=demands, today=today)
        if any(found for _file, found in self.fresh):
            said.append(gettext("Look at the notes beside the files."))
        return said

    def upload_url(self) -> str:
        query = urlencode({"document": self.document})
        return f"{reverse('file', args=[self.renewal.reference, self.task])}?{query}"

    def rows(self, *, can_save: bool) -> list[Row]:
        """What is there, to be shown again; what came with this form is kept until it is saved."""
        is_sent = self.request.method == "POST"
        shown = self._posted()[0] if is_sent else self._staged()
        if can_save:
            with suppress(answers.NotOpen, answers.TooMany):
                shown += [self.stage(file, found) for file, found in self.fresh]
        self.fresh = []
        return [self.row(staged) for staged in shown]

    def stage(self, file: File, found: list[str]) -> StagedFile:
        return answers.stage(
            self.renewal,
            task=self.task,
            document=self.document,
            file=file,
            doubts=found,
            by=self.request.user,
            now=timezone.now(),
        )

    def row(self, staged: StagedFile) -> Row:
        return Row(
            token=staged.token,
            name=staged.file_name,
            size=labels.size(staged.file_size),
            turned=self._turned(staged),
            doubts=[doubts.sentence(code) for code in staged.doubts],
            turns=[
                (0, gettext("As it is")),
                (90, gettext("Turned right")),
                (180, gettext("Upside down")),
                (270, gettext("Turned left")),
            ],
        )

    def _staged(self) -> list[StagedFile]:
        return answers.staged_files(
            self.renewal,
            task=self.task,
            document=self.document,
            by=self.request.user,
            now=timezone.now(),
        )

    def _posted(self) -> tuple[list[StagedFile], bool]:
        """The files that the form names, in its order, and whether all of them are there."""
        by_token = {staged.token: staged for staged in self._staged()}
        tokens = list(dict.fromkeys(self.request.POST.getlist("page")))
        found = [by_token[token] for token in tokens if token in by_token]
        return found, len(found) == len(tokens)

    def _turned(self, staged: StagedFile) -> int:
        posted = self.request.POST.get(f"turn-{staged.token}", "0")
        return int(posted) if posted in TURNS else 0


def too_many() -> Unacceptable:
    return Unacceptable(
        "too-many",
        gettext("A document can be made of %(most)s files at most. Put them together first.")
        % {"most": answers.MOST_FILES},
    )


def gone() -> Unacceptable:
    return Unacceptable(
        "gone", gettext("A file that was uploaded before is no longer here. Select it again.")
    )


def _named(refusal: Unacceptable, uploaded: "UploadedFile[bytes]") -> Unacceptable:
    name = answers.display_name(uploaded.name or "")
    return Unacceptable(
        refusal.code,
        gettext("%(file)s: %(problem)s") % {"file": name, "problem": refusal.sentence},
    )
