"""One sentence an event, for the customer's timeline."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext, ngettext

from compliance.models import Event, User

Details = Mapping[str, Any]


def sentence(event: Event, *, reader: User | None) -> str:
    """Empty for a kind that has no sentence: it is not shown.

    :param reader: who is spoken to as "you"; None where everybody is named.
    """
    words = SENTENCES.get(event.kind)
    return words(event, reader) if words else ""


def _plain(words: Callable[[], str]) -> Callable[[Event, User | None], str]:
    return lambda event, reader: words()


def _saved(event: Event, reader: User | None) -> str:
    source = {"reference": event.details.get("used_from")}
    if source["reference"]:
        if reader is not None and event.by_id == reader.pk:
            return gettext("You used your answer from %(reference)s here") % source
        if event.by is None:
            return gettext("An answer from %(reference)s was used here") % source
        words = gettext("%(person)s used the answer from %(reference)s here")
        return words % {"person": event.by, **source}
    if reader is not None and event.by_id == reader.pk:
        return gettext("You saved an answer")
    if event.by is None:
        return gettext("An answer was saved")
    if event.details.get("on_behalf"):
        return gettext("Our support saved an answer on your behalf")
    return gettext("%(person)s saved an answer") % {"person": event.by}


def _sent(event: Event, reader: User | None) -> str:
    if reader is not None and event.by_id == reader.pk:
        return gettext("You sent your update for checking")
    if event.by is None:
        return gettext("Your update was sent for checking")
    if event.details.get("on_behalf"):
        return gettext("Our support sent your update for checking on your behalf")
    return gettext("%(person)s sent your update for checking") % {"person": event.by}


def _needs_info(event: Event, reader: User | None) -> str:
    things = event.details.get("things")
    if not isinstance(things, int) or things < 1:
        return gettext("We found things to fix")
    return ngettext(
        "We found %(things)s thing to fix", "We found %(things)s things to fix", things
    ) % {"things": things}


SENTENCES: dict[str, Callable[[Event, User | None], str]] = {
    "opened": _plain(lambda: gettext("The rules changed, and we opened your registration")),
    "regulation-changed": _plain(lambda: gettext("The rules changed again")),
    "answer-saved": _saved,
    "answer-refused": _plain(lambda: gettext("An answer was not accepted")),
    "needs-info": _needs_info,
    "ready": _plain(lambda: gettext("Everything meets the new rules and can be sent")),
    "sent": _sent,
    "in-review": _plain(lambda: gettext("Checking started")),
    "rejected": _plain(lambda: gettext("The reviewer asked for changes")),
    "approved": _plain(lambda: gettext("Your update was approved")),
    "replaced": _plain(lambda: gettext("Your registration was updated")),
    "rule-changed-in-review": _plain(
        lambda: gettext("The rules changed while it was being checked, so it is checked again")
    ),
    "completed": _plain(lambda: gettext("Your registration is up to date")),
    "finished-elsewhere": _plain(
        lambda: gettext("Your registration was brought up to date another way")
    ),
    "expired": _plain(lambda: gettext("The registration expired")),
}
