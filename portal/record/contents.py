"""What stands in a record: read from the rows, every value ready to be printed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from compliance.models import Event, Renewal
from compliance.requirements.regulation import humanized, read
from compliance.wording import dates
from compliance.wording.fields import LABELS
from compliance.wording.labels import in_sentence
from compliance.wording.registrations import phone_number, title
from portal.wording import events

State = Renewal.State
SENT = (State.SUBMITTED, State.IN_REVIEW, State.APPROVED, State.REPLACED)

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Part:
    """One object of the registration, as it was sent."""

    title: str
    rows: Pairs


@dataclass(frozen=True, kw_only=True)
class Record:
    reference: str
    title: str
    facts: Pairs
    parts: tuple[Part, ...]
    # Why there are no parts.
    note: str
    # What was answered: when, and what, without its values.
    answers: Pairs
    timeline: Pairs
    printed_at: str


def has_been_sent(renewal: Renewal) -> bool:
    return renewal.submitted_at is not None or renewal.state in SENT


def record_of(renewal: Renewal, parts: tuple[Part, ...], *, zone: str, now: datetime) -> Record:
    """:param parts: what the registration holds; used while that is what was sent."""
    return Record(
        reference=renewal.reference,
        title=title(renewal.bundle),
        facts=tuple(_facts(renewal, zone)),
        parts=parts if renewal.state in SENT else (),
        note=_note(renewal),
        answers=tuple(_answers(renewal, zone)),
        timeline=tuple(_timeline(renewal, zone)),
        printed_at=dates.moment(now, zone),
    )


def _facts(renewal: Renewal, zone: str) -> Iterator[tuple[str, str]]:
    bundle = renewal.bundle
    yield gettext("Reference"), renewal.reference
    if bundle.customer:
        yield gettext("Company"), str(bundle.customer)
    yield gettext("Registration"), title(bundle)
    if bundle.numbers:
        yield gettext("Phone numbers"), ", ".join(phone_number(n) for n in bundle.numbers)
    yield gettext("Had to be renewed by"), dates.moment(renewal.valid_until, zone)
    if renewal.submitted_at:
        yield gettext("Sent for checking"), dates.moment(renewal.submitted_at, zone)
    if renewal.decided_at:
        yield gettext("Last decision"), dates.moment(renewal.decided_at, zone)
    if renewal.ended_at:
        yield gettext("Ended"), dates.moment(renewal.ended_at, zone)


def _note(renewal: Renewal) -> str:
    if renewal.state in SENT:
        return ""
    if renewal.state in Renewal.ENDED:
        return gettext(
            "The values themselves were erased here when the update ended. The list below says "
            "what was answered, when, and with which file."
        )
    return gettext(
        "The reviewer has asked for changes, and the values may differ from those that were sent. "
        "The list below says what was answered, when, and with which file."
    )


def _answers(renewal: Renewal, zone: str) -> Iterator[tuple[str, str]]:
    names, labels = _words_of(renewal)
    saved = renewal.events.filter(kind="answer-saved").select_related("by").order_by("at", "pk")
    for event in saved:
        yield dates.stamp(event.at, zone), "\n".join(_answer(event, names, labels))


def _answer(event: Event, names: dict[str, str], labels: dict[str, str]) -> Iterator[str]:
    type_ = str(event.details.get("type") or "")
    name = names.get(type_) or humanized(type_)
    yield f"{name} - {event.by}" if event.by else name
    fields = [str(field) for field in event.details.get("fields") or []]
    if fields:
        yield ", ".join(_in_words(field, labels) for field in fields)
    if event.details.get("file"):
        yield gettext("File, SHA-256: %(hash)s") % {"hash": event.details["file"]}


def _in_words(field: str, labels: dict[str, str]) -> str:
    return in_sentence(str(LABELS.get(field) or labels.get(field) or humanized(field)))


def _words_of(renewal: Renewal) -> tuple[dict[str, str], dict[str, str]]:
    """What the regulation calls its objects, and their fields."""
    names: dict[str, str] = {}
    labels: dict[str, str] = {}
    regulation = renewal.bundle.regulation
    rules = read(regulation.requirements if regulation else {})
    for requirement in (*rules.end_users, *rules.documents):
        for accepted in requirement.accepted:
            names.setdefault(accepted.type, accepted.label)
            for spec in accepted.specs:
                labels.setdefault(spec.name, spec.label)
    return names, labels


def _timeline(renewal: Renewal, zone: str) -> Iterator[tuple[str, str]]:
    """Everybody by name: it is kept, and shown to others."""
    seen = renewal.events.filter(customer_visible=True).select_related("by")
    for event in seen.order_by("at", "pk"):
        if sentence := events.sentence(event, reader=None):
            yield dates.stamp(event.at, zone), sentence
