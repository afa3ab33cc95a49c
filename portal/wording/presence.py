"""Who else is at a page, in a sentence."""

from collections.abc import Sequence

from django.utils.translation import gettext

from compliance.models import Draft
from compliance.wording import dates


def at_this_page(others: Sequence[Draft], zone: str) -> str:
    return " ".join(
        gettext("%(person)s is working on this page since %(time)s.")
        % {"person": draft.user, "time": dates.clock(draft.opened_at, zone)}
        for draft in others
        if draft.opened_at
    )
