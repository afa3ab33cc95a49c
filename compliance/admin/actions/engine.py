"""Actions on how the renewal moves: look, retry, pause, resume, cancel, reopen, and the like."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from compliance.admin.actions.base import (
    Action,
    ActionForm,
    ByStaff,
    ReasonForm,
    is_held,
    is_over,
    now_and_by,
)
from compliance.models import Renewal
from compliance.tasks import nudge
from compliance.workflow import desk
from compliance.workflow.wishes import CANCELLABLE, RESTARTABLE

State, Wish = Renewal.State, Renewal.Wish


class LookNow(Action):
    slug = "look-now"
    title = _("Look now")
    permission = "retry_renewal"

    def why_not(self, renewal: Renewal) -> str:
        return is_over(renewal) or (
            gettext("It is paused. Resume it first.") if renewal.paused_at else ""
        )

    def says(self, request: ByStaff, renewal: Renewal) -> Sequence[str]:
        return (
            gettext("A worker asks Twilio where it stands and goes on from there, within seconds."),
            gettext("Nothing is repeated that was done, and attempts are counted on."),
        )

    def do(self, request: ByStaff, renewal: Renewal, form: Any) -> str:
        desk.look(renewal, **now_and_by(request, form))
        nudge(renewal.pk)
        return gettext("It is being looked at now.")


class Retry(LookNow):
    slug = "retry"
    title = _("Retry this step")
    look = "primary"

    def applies(self, renewal: Renewal) -> bool:
        return bool(renewal.trouble or renewal.attempts or renewal.delayed_because)

    def why_not(self, renewal: Renewal) -> str:
        if found := super().why_not(renewal):
            return found
        return "" if self.applies(renewal) else gettext("Nothing has failed.")

    def says(self, request: ByStaff, renewal: Renewal) -> Sequence[str]:
        return (
            gettext("The step “%(state)s” is tried again now.") % {"state": renewal.state},
            gettext("The trouble is cleared, and the attempts start from nought."),
        )

    def do(self, request: ByStaff, renewal: Renewal, form: Any) -> str:
        desk.try_again(renewal, **now_and_by(request, form))
        nudge(renewal.pk)
        return gettext("The step is being tried again.")


class Pause(Action):
    slug = "pause"
    title = _("Pause automation")
    permission = "pause_renewal"
    form_class = ReasonForm

    def applies(self, renewal: Renewal) -> bool:
        return renewal.paused_at is None

    def why_not(self, renewal: Renewal) -> str:
        if renewal.paused_at is not None:
            return gettext("It is paused already.")
        return is_over(renewal)

    def says(self, request: ByStaff, renewal: Renewal) -> Sequence[str]:
        return (
            gettext("No worker takes it up any more, until somebody resumes it."),
            gettext("What is under way at this moment is finished first."),
            gettext("The customer can go on saving and sending; it waits here."),
            gettext("Nobody is reminded. The deadline at Twilio stays as it is."),
        )

    def do(self, request: ByStaff, renewal: Renewal, form: Any) -> str:
        reason = form.cleaned_data["reason"]
        desk.pause(renewal, reason=reason, **now_and_by(request, form))
        return gettext("It is paused.")


class Resume(Action):
    slug = "resume"
    title = _("Resume automation")
    permission = "pause_renewal"
    look = "primary"

    def applies(self, renewal: Renewal) -> bool:
        return renewal.paused_at is not None

    def why_not(self, renewal: Renewal) -> str:
        if renewal.paused_at is None:
            return gettext("It is not paused.")
        return is_over(renewal)

    def says(self, request: ByStaff, renewal: Renewal) -> Sequence[str]:
        return (gettext("A worker takes it up where it stopped, within seconds."),)

    def do(self, request: ByStaff, renewal: Renewal, form: Any) -> str:
        desk.resume(renewal, **now_and_by(request, form))
        nudge(renewal.pk)
        return gettext("It goes on.")


class TakeBack(Action):
    slug = "take-back"
    title = _("Take back what was asked for")
    permission = "cancel_renewal"

    def applies(self, renewal: Renewal) -> bool:
        return bool(renewal.wish) and renewal.state not in Renewal.ENDED

    def why_not(self, renewal: Renewal) -> str:
        if found := is_over(renewal):
            return found
        return "" if renewal.wish else gettext("The worker has not been asked for anything.")

    def says(self, request: ByStaff, renewal: Renewal) -> Sequence[str]:
        return (
            gettext("The worker does not do this any more: %(wish)s.")
            % {"wish": renewal.get_wish_display()},
            gettext("What it has done of it already stays done, and it goes on from there."),
        )

    def do(self, request: ByStaff, renewal: Renewal, form: Any) -> str:
        desk.take_back(renewal, **now_and_by(request, form))
        nudge(renewal.pk)
        return gettext("It was taken back.")


class Asks(Action):
    """For what the worker has to do."""

    wish: str
    as_seen = True
    form_class: ClassVar[type[ActionForm]] = ReasonForm

    def why_not(self, renewal: Renewal) -> str:
        return is_held(renewal)

    def do(self, request: ByStaff, renewal: Renewal, form: Any) -> str:
        values = form.cleaned_data
        desk.ask(
            renewal,
            self.wish,
            about=values.get("copy", ""),
            reason=values.get("reason", ""),
            **now_and_by(request, form),
        )
        nudge(renewal.pk)
        return gettext("A worker does it now; the timeline shows what came of it.")


class Cancel(Asks):
    slug = "cancel"
    title = _("Cancel")
    button = _("Cancel this renewal")
    permission = "cancel_renewal"
    look = "danger"
    wish = Wish.CANCEL

    def applies(self, renewal: Renewal) -> bool:
        return renewal.state not in Renewal.ENDED

    def why_not(self, renewal: Renewal) -> str:
        if found := super().why_not(renewal):
            return found
        if renewal.state not in CANCELLABLE:
            return gettext(
                "It is with the reviewer or past the review: Twilio deletes no copy that is being "
                "reviewed."
            )
        return ""

    def says(self, request: ByStaff, renewal: Renewal) -> Sequence[str]:
        return (
            gettext("A worker deletes our copy at Twilio, with what was uploaded for it."),
            gettext("What the customer entered is erased here. This can't be undone."),
            gettext(
                "The bundle itself, its phone numbers and its deadline at Twilio stay as they "
                "are: unless it is renewed, it expires."
            ),
            gettext("No new renewal is opened for this deadline, unless you reopen it."),
            gettext("Nobody is told by mail."),
        )


class Reopen(Action):
    slug = "reopen"
    title = _("Reopen")
    permission = "reopen_renewal"
    look = "primary"

    def applies(self, renewal: Renewal) -> bool:
        return renewal.state == State.CANCELLED

    def why_not(self, renewal: Renewal) -> str:
        bundle = renewal.bundle
        if renewal.state != State.CANCELLED:
            return gettext("It was not cancelled.")
        if bundle.valid_until is None:
            return gettext("The bundle has no deadline any more: there is nothing to renew.")
        if bundle.customer_id is None:
            return gettext("The bundle belongs to no customer. Assign it first.")
        if Renewal.objects.open().filter(bundle=bundle).exists():
            return gettext("Another renewal of this bundle is open already.")
        return ""

    def says(self, request: ByStaff, renewal: Renewal) -> Sequence[str]:
        return (
            gettext("A new renewal with a new reference is opened for the same bundle."),
            gettext("A worker makes a new copy at Twilio, and the customer is told what to do."),
            gettext("What was entered before the cancellation was erased and is asked for again."),
        )

    def do(self, request: ByStaff, renewal: Renewal, form: Any) -> HttpResponse:
        opened = desk.reopen(renewal, **now_and_by(request, form))
        nudge(opened.pk)
        return redirect("admin:compliance_renewal_change", opened.pk)


class HandledInConsole(Asks):
    slug = "handled"
    title = _("Handled in Console")
    button = _("Check and close")
    permission = "finish_elsewhere"
    wish = Wish.CHECK

    def applies(self, renewal: Renewal) -> bool:
        return renewal.state not in Renewal.ENDED

    def says(self, request: ByStaff, renewal: Renewal) -> Sequence[str]:
        return (
            gettext("A worker reads the bundle at Twilio."),
            gettext(
                "If it is approved and has no deadline any more, our copy is deleted and this is "
                "closed as brought up to date another way. Whom we have asked is told."
            ),
            gettext("If not, nothing changes, and the timeline says what Twilio answered."),
        )


class NewCopy(Asks):
    slug = "new-copy"
    title = _("Start over with a new copy")
    button = _("Delete our copy and start over")
    permission = "handle_copies"
    look = "danger"
    wish = Wish.START_OVER

    def applies(self, renewal: Renewal) -> bool:
        return renewal.state in RESTARTABLE

    def why_not(self, renewal: Renewal) -> str:
        if found := super().why_not(renewal):
            return found
        if renewal.state not in RESTARTABLE:
            return gettext("There is no copy now that could be given up.")
        if renewal.state == State.APPROVED and not renewal.trouble:
            return gettext("It is approved and is being put in place: there is no need.")
        return ""

    def says(self, request: ByStaff, renewal: Renewal) -> Sequence[str]:
        lines = [
            gettext("A worker deletes our copy at Twilio, and makes a new one of the bundle."),
            gettext(
                "Lost is what was added to the copy: everything that the customer entered or "
                "uploaded for this renewal. They are asked for it again."
            ),
            gettext("The bundle itself and its phone numbers stay as they are."),
        ]
        if renewal.state == State.APPROVED:
            lines.insert(1, gettext("Lost is the reviewer's approval of that copy, too."))
        return lines
