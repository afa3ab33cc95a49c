"""Why something is asked for, in our words; the provider's own sentence where we have none."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext

from compliance.requirements import Field, Reason
from compliance.wording.labels import in_sentence, shown
from compliance.wording.reviewers import explanation


@dataclass(frozen=True, kw_only=True)
class Why:
    """``sentence`` first; ``quote`` is what somebody else wrote; ``pair`` are two values to set
    side by side, each with whose it is."""

    sentence: str = ""
    quote: str = ""
    pair: tuple[tuple[str, str], ...] = ()
    reference: str = ""
    quiet: bool = False


def of_field(field: Field, *, is_document: bool, is_new: bool, country: str) -> Why | None:
    """:param is_new: the whole object is missing, so that a missing field needs no reason."""
    reason = field.reason
    if reason is None or (is_new and reason.kind == "missing"):
        return None
    label = in_sentence(field.label)
    match reason.kind:
        case "missing":
            return Why(sentence=gettext("The rules now ask for this."), quiet=True)
        case "mismatch" if field.twin and is_document:
            return Why(
                sentence=gettext(
                    "The %(label)s on the document must be the same as in your details."
                )
                % {"label": label},
                pair=(
                    (gettext("On the document"), shown(field, field.value)),
                    (gettext("In your details"), field.twin),
                ),
            )
        case "mismatch":
            return Why(
                sentence=gettext("The %(label)s must be the same here and on your documents.")
                % {"label": label}
            )
        case "address" if country:
            return Why(
                sentence=gettext("Choose an address in %(country)s. This registration needs one.")
                % {"country": country}
            )
        case "address":
            return Why(sentence=gettext("Choose the address that stands on the document."))
    return _as_is(reason)


def of_task(reasons: Iterable[Reason]) -> tuple[Why, ...]:
    """Why the whole object is asked for. What is merely missing needs no reason: its page says so.

    A refusal comes with a number and, as a rule, with the reviewer's own words.
    """
    found: dict[Why, None] = {}
    quoted: set[str] = set()
    for reason in reasons:
        if reason.kind == "refused":
            ours = explanation(reason.code)
            quote = reason.text if reason.text not in quoted else ""
            quoted.add(reason.text)
            if ours or quote:
                known = bool(ours) or reason.code is None
                found[
                    Why(
                        sentence=ours,
                        quote=quote,
                        reference="" if known else str(reason.code),
                    )
                ] = None
            else:
                found[
                    Why(
                        sentence=gettext(
                            "The reviewer gave no details. Compare your document with what it "
                            "must show, or ask us."
                        )
                    )
                ] = None
        elif reason.kind == "other" and reason.text:
            found[_as_is(reason)] = None
    return tuple(found)


def _as_is(reason: Reason) -> Why:
    return Why(
        sentence="" if reason.text else gettext("This was not accepted."),
        quote=reason.text,
        reference=str(reason.code or ""),
    )
