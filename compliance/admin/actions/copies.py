"""Actions on other copies of the same bundle at Twilio. The list is a worker's, and as old as it
says; before anything is touched, the worker looks again."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from compliance.admin.actions.base import ActionForm, ByStaff, ReasonForm, is_held
from compliance.admin.actions.engine import Asks
from compliance.models import Renewal
from compliance.workflow.copies import Copy, known_copies
from compliance.workflow.wishes import ADOPTABLE, ADOPTING, DELETABLE

Wish = Renewal.Wish


def found_copies(renewal: Renewal) -> list[Copy]:
    """Those of its bundle that no open renewal works with, as last seen."""
    return list(known_copies([renewal.bundle_id])[renewal.bundle_id].copies.values())


def whose(copy: Copy) -> str:
    if copy.is_ours:
        return gettext("ours, made for %(reference)s") % {"reference": copy.tag}
    if copy.tag:
        return gettext("not ours: no renewal of this bundle is called %(mark)s") % {
            "mark": copy.tag
        }
    return gettext("not ours: it does not carry our mark")


def _in_words(copies: Sequence[Copy]) -> list[str]:
    return [f"{copy.sid}, {copy.status}, {whose(copy)}" for copy in copies]


class FindCopies(Asks):
    slug = "find-copies"
    title = _("List copies at Twilio")
    button = _("List them")
    permission = "handle_copies"
    form_class = ActionForm
    wish = Wish.FIND_COPIES

    def applies(self, renewal: Renewal) -> bool:
        return renewal.state not in Renewal.ENDED

    def says(self, request: ByStaff, renewal: Renewal) -> Sequence[str]:
        lines = [
            gettext("A worker asks Twilio for all copies of this bundle and notes them here."),
            gettext("Nothing is changed at Twilio."),
        ]
        if found := found_copies(renewal):
            lines += [gettext("Found last time, beside the one in use:"), *_in_words(found)]
        return lines


class CopyForm(ReasonForm):
    copy = forms.ChoiceField(label=_("Copy"), widget=UnfoldAdminSelectWidget)
    field_order = ("copy", "reason")


class OnACopy(Asks):
    permission = "handle_copies"
    form_class = CopyForm
    statuses: tuple[str, ...]

    def applies(self, renewal: Renewal) -> bool:
        return renewal.state not in Renewal.ENDED and bool(self.eligible(renewal))

    def why_not(self, renewal: Renewal) -> str:
        if found := is_held(renewal):
            return found
        if not self.eligible(renewal):
            return gettext("No copy is known that is provably ours. List the copies first.")
        return ""

    def eligible(self, renewal: Renewal) -> list[Copy]:
        return [copy for copy in found_copies(renewal) if not self.why_not_this(copy)]

    def why_not_this(self, copy: Copy) -> str:
        """Why this one is not to be touched, in a sentence; empty if it may be."""
        if not copy.is_ours:
            return gettext("It is not provably ours, so it is left alone.")
        if copy.status not in self.statuses:
            return gettext("Twilio allows nothing with it while it is %(status)s.") % {
                "status": copy.status
            }
        return ""

    def form(self, request: ByStaff, renewal: Renewal) -> ActionForm:
        form = super().form(request, renewal)
        field: Any = form.fields["copy"]
        copies = self.eligible(renewal)
        field.choices = [
            (copy.sid, words) for copy, words in zip(copies, _in_words(copies), strict=True)
        ]
        field.initial = request.GET.get("copy")
        return form


class AdoptCopy(OnACopy):
    slug = "adopt-copy"
    title = _("Go on with another copy")
    look = "danger"
    wish = Wish.ADOPT_COPY
    statuses = ADOPTABLE

    def why_not(self, renewal: Renewal) -> str:
        if found := super().why_not(renewal):
            return found
        if renewal.state not in ADOPTING:
            return gettext("The present copy is with the reviewer or past the review.")
        return ""

    def says(self, request: ByStaff, renewal: Renewal) -> Sequence[str]:
        return (
            gettext("A worker marks the copy that you choose as this renewal's and evaluates it."),
            gettext("The copy that is in use now is deleted at Twilio, with what it holds."),
            gettext("Only copies that carry our mark for this bundle are offered."),
        )


class DeleteCopy(OnACopy):
    slug = "delete-copy"
    title = _("Delete another copy")
    look = "danger"
    wish = Wish.DELETE_COPY
    statuses = DELETABLE

    def says(self, request: ByStaff, renewal: Renewal) -> Sequence[str]:
        return (
            gettext("A worker deletes the copy that you choose, with what only it holds."),
            gettext("The bundle and the copy that is in use stay as they are."),
            gettext("Only copies that carry our mark for this bundle are offered."),
        )
