"""What a mail says about one registration, in the language that is active.

No personal data: a mail names the company, its phone numbers, and papers by their kind. What a
reviewer wrote can repeat a name or an address, so it stays on the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext, ngettext

from compliance.models import Mail, Renewal
from compliance.notifications.notices import Notice
from compliance.requirements import Task
from compliance.stages import Dates, Stage
from compliance.wording import dates as words
from compliance.wording import reasons
from compliance.wording.labels import labelled
from compliance.wording.registrations import phone_numbers, why_update

Kind = Mail.Kind


@dataclass(frozen=True, kw_only=True)
class Sentences:
    """About one registration, as its leading notice has it."""

    notice: Notice
    place: str
    dates: Dates
    zone: str
    tasks: tuple[Task, ...]
    now: datetime

    # --- An update is needed --------------------------------------------------------------------

    def update_subject(self) -> str:
        if self.dates.late:
            day = words.short_day(self.dates.expires, self.zone)
            if self.place:
                return gettext(
                    "Your phone registration for %(country)s expires on %(day)s: please send your "
                    "update now"
                ) % {"country": self.place, "day": day}
            return gettext(
                "Your phone registration expires on %(day)s: please send your update now"
            ) % {"day": day}
        day = words.short_day(self.dates.send_by, self.zone)
        if self.place:
            return gettext("Please update your phone registration for %(country)s by %(day)s") % {
                "country": self.place,
                "day": day,
            }
        return gettext("Please update your phone registration by %(day)s") % {"day": day}

    def update_lines(self) -> tuple[str, ...]:
        return (
            self.what(),
            why_update(self.place),
            self.needed(),
            self.how_long(),
            self.by_when(),
            self.if_not(),
        )

    def what(self) -> str:
        numbers = phone_numbers(self.notice.renewal.bundle.numbers)
        if not numbers:
            return ""
        return gettext("This is about the registration of %(numbers)s.") % {"numbers": numbers}

    def needed(self) -> str:
        if not self.tasks:
            return gettext("Everything already meets the new rules. Please check it and send it.")
        things = _things(self.tasks)
        if not things:
            return gettext("What we need from you is on the page.")
        return gettext("What we need from you: %(things)s.") % {"things": things}

    def how_long(self) -> str:
        fields = sum(_details_in(task) for task in self.tasks)
        papers = len(self.tasks) - sum(not _is_paper(task) for task in self.tasks)
        minutes = 5 * -(-(2 + fields + 3 * papers) // 5)
        return gettext("It takes about %(minutes)s minutes.") % {"minutes": minutes}

    def by_when(self) -> str:
        expires = words.moment(self.dates.expires, self.zone)
        if self.dates.late:
            return gettext(
                "It is later than we recommend, so please send it now. Checking may finish after "
                "%(expires)s."
            ) % {"expires": expires}
        return gettext(
            "Please send it by %(day)s (%(left)s), so that checking can finish before %(expires)s."
        ) % {
            "day": words.day(self.dates.send_by, self.zone),
            "left": words.relative(self.dates.send_by, self.zone, now=self.now),
            "expires": expires,
        }

    def if_not(self) -> str:
        return gettext(
            "If not, the registration expires on %(day)s, and the numbers on it may then stop "
            "working."
        ) % {"day": words.short_day(self.dates.expires, self.zone)}

    # --- Something was refused, or came back ---------------------------------------------------

    def changes_subject(self) -> str:
        if self.place:
            return gettext("Changes needed to your phone registration for %(country)s") % {
                "country": self.place
            }
        return gettext("Changes needed to your phone registration")

    def changes_lines(self) -> tuple[str, ...]:
        return (self.what(), self.what_came_back())

    def changes_after(self) -> tuple[str, ...]:
        return (
            f"{self.expired_when()} {self.way_back()}" if self.dates.expired else self.by_when(),
            gettext("After that it is checked again. What the reviewer wrote is on the page.")
            if self.points()
            else "",
        )

    def what_came_back(self) -> str:
        if self.notice.stage != Stage.CHANGES:
            return gettext(
                "When we looked at it once more before handing it over, something was still "
                "missing. It has not been sent for checking: please look at it again."
            )
        if self.notice.renewal.state == Renewal.State.REJECTED and not self.points():
            return gettext(
                "The reviewer did not accept your update and gave no details. Compare each part "
                "with your papers and correct what differs, or ask us."
            )
        refused = sum(task.refused for task in self.tasks)
        if not refused:
            return gettext("A few things are still to be fixed before it can be checked again.")
        return ngettext(
            "One thing was not accepted. Everything else is fine and stays as it is.",
            "%(count)s things were not accepted. Everything else is fine and stays as it is.",
            refused,
        ) % {"count": refused}

    def points(self) -> tuple[str, ...]:
        """``Commercial register extract: The document cannot be read. Send a sharp picture.``"""
        found = []
        for task in self.tasks:
            if not task.refused:
                continue
            refusals = [reason for reason in task.reasons if reason.kind == "refused"]
            ours = [why.sentence for why in reasons.of_task(refusals) if why.sentence]
            explained = " ".join(ours) or gettext("The reviewer gave a reason; it is on the page.")
            found.append(labelled(task.title, explained))
        return tuple(found)

    # --- Expired -------------------------------------------------------------------------------

    def expired_subject(self) -> str:
        day = words.short_day(self.dates.expires, self.zone)
        if self.place:
            return gettext("Your phone registration for %(country)s expired on %(day)s") % {
                "country": self.place,
                "day": day,
            }
        return gettext("Your phone registration expired on %(day)s") % {"day": day}

    def expired_lines(self) -> tuple[str, ...]:
        if self.notice.stage == Stage.EXPIRED:
            by_hand = gettext(
                "We need to do one step by hand. We have been told and will contact you."
            )
            return (self.what(), self.expired_when(), by_hand)
        return (self.what(), self.expired_when(), self.way_back(), self.needed())

    def expired_when(self) -> str:
        return gettext(
            "The registration expired on %(expires)s. The numbers on it may stop working."
        ) % {"expires": words.moment(self.dates.expires, self.zone)}

    def way_back(self) -> str:
        return gettext(
            "You can still send your update; we will do everything we can to restore it."
        )

    # --- Nothing to do -------------------------------------------------------------------------

    def sent_subject(self) -> str:
        if self.place:
            return gettext("Sent for checking: your phone registration for %(country)s") % {
                "country": self.place
            }
        return gettext("Sent for checking: your phone registration")

    def sent_lines(self) -> tuple[str, ...]:
        usual = ngettext(
            "Checking usually takes %(days)s working day.",
            "Checking usually takes %(days)s working days.",
            settings.REVIEW_DAYS,
        ) % {"days": settings.REVIEW_DAYS}
        return (
            self.what(),
            gettext("Your update is being checked by %(reviewer)s.")
            % {"reviewer": settings.REVIEWER_NAME},
            usual,
            gettext("We will e-mail you the result. Your phone numbers stay as they are."),
            gettext("You do not need to do anything."),
        )

    def on_behalf_subject(self) -> str:
        if self.place:
            return gettext("We worked on your phone registration for %(country)s") % {
                "country": self.place
            }
        return gettext("We worked on your phone registration")

    def on_behalf_lines(self) -> tuple[str, ...]:
        return (
            self.what(),
            *self.who_did_it(),
            gettext("What was done is on the page. Please look at it once."),
        )

    def who_did_it(self) -> tuple[str, ...]:
        return (
            gettext(
                "Our support has answered or sent something on your behalf. You did not ask for "
                "it? Then write to us."
            ),
        )

    def approved_subject(self) -> str:
        if self.place:
            return gettext("Approved: your phone registration for %(country)s") % {
                "country": self.place
            }
        return gettext("Approved: your phone registration")

    def approved_lines(self) -> tuple[str, ...]:
        return (
            self.what(),
            gettext("Your update was approved. We are updating your registration now."),
            gettext("It takes a little longer than usual, and we are on it."),
            gettext("You do not need to do anything. We will e-mail you when it is done."),
        )

    def done_subject(self) -> str:
        if self.place:
            return gettext("Your phone registration for %(country)s is up to date") % {
                "country": self.place
            }
        return gettext("Your phone registration is up to date")

    def done_lines(self) -> tuple[str, ...]:
        event = self.notice.event
        elsewhere = event is not None and event.kind == "finished-elsewhere"
        return (
            self.what(),
            gettext("Your registration was brought up to date another way.")
            if elsewhere
            else gettext("Your update was approved, and your registration is up to date."),
            gettext("The deadline of %(day)s no longer applies. Your numbers did not change.")
            % {"day": words.short_day(self.dates.expires, self.zone)},
            gettext("You do not need to do anything."),
        )

    def button(self) -> str:
        match self.notice.kind:
            case Kind.CHANGES:
                return gettext("See what to change")
            case Kind.EXPIRED if self.notice.stage == Stage.EXPIRED:
                return gettext("See status")
            case Kind.FOUND | Kind.REMINDER | Kind.EXPIRED if self.notice.stage == Stage.READY:
                return gettext("Check and send")
            case Kind.FOUND | Kind.REMINDER | Kind.EXPIRED:
                return gettext("Update registration")
        return gettext("See status")


def _is_paper(task: Task) -> bool:
    return bool(task.options) and task.options[0].needs_file


def _details_in(task: Task) -> int:
    if _is_paper(task) or not task.options:
        return 0
    fields = task.options[0].fields
    return sum(field.reason is not None for field in fields) or len(fields) or 1


def _things(tasks: Sequence[Task]) -> str:
    """``2 details and 1 document (Commercial register extract)``"""
    details = sum(_details_in(task) for task in tasks)
    papers = [task.title for task in tasks if _is_paper(task)]
    parts = []
    if details:
        parts.append(
            ngettext("%(count)s detail", "%(count)s details", details) % {"count": details}
        )
    if papers:
        parts.append(
            ngettext(
                "%(count)s document (%(names)s)", "%(count)s documents (%(names)s)", len(papers)
            )
            % {"count": len(papers), "names": ", ".join(papers)}
        )
    if len(parts) == 2:
        return gettext("%(one)s and %(other)s") % {"one": parts[0], "other": parts[1]}
    return "".join(parts)
