"""What is said about an answer that was saved here and then refused by the provider."""

from django.utils.translation import gettext

from compliance.models import Answer

GONE = 20404


def sentence(answer: Answer) -> str:
    if answer.refused_code == GONE:
        return gettext(
            "We saved your answer, but what it was about has changed meanwhile. Look at it and "
            "save it again."
        )
    message = answer.refused_message
    if not message:
        return gettext("We saved your answer, but it was not accepted, and no reason was given.")
    return gettext("We saved your answer, but it was not accepted: “%(reason)s”") % {
        "reason": message
    }
