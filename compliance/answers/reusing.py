"""A document that was sent in one renewal, used in another of the same customer as well.

Its bytes are gone from here by then. But an Item Assignment links a Supporting Document to a Bundle
and does not own it: one document may stand in several bundles of its account, and can't be deleted
while one of them holds it (error 21645).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from compliance.answers.alike import is_the_same
from compliance.answers.reading import end_user_of, held_items
from compliance.answers.saving import forget_unsaved, record
from compliance.models import Answer, Item, Renewal, User
from compliance.requirements import Held, Option, Task, addresses_in, addresses_of

# Of a document that no reviewer would take again.
SPENT = ("rejected", "expired")


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A document as Twilio holds it, and the answer that brought it there."""

    answer: Answer
    document: Held
    end_user: Held


def sent_in(renewal: Renewal, held: Sequence[Held]) -> list[Sent]:
    """The papers that were sent in this renewal and are still good."""
    end_user = end_user_of(held)
    if end_user is None or renewal.state in Renewal.ENDED:
        return []
    documents = {item.sid: item for item in held if not item.is_end_user}
    found = []
    for answer in sorted(renewal.answers.all(), key=lambda answer: answer.pk):
        if answer.state != Answer.State.DELIVERED or answer.changes_sid or not answer.file_sha256:
            continue
        document = documents.get(answer.item_sid)
        if document is not None:
            found.append(Sent(answer=answer, document=document, end_user=end_user))
    # Another renewal may have heard of a refusal before this one.
    refused = Q(refused_at__isnull=False) | Q(status__in=SPENT)
    spent = Item.objects.filter(refused, sid__in=[each.document.sid for each in found])
    spent_sids = set(spent.values_list("sid", flat=True)) if found else set()
    return [each for each in found if each.document.sid not in spent_sids]


def sent_elsewhere(renewal: Renewal, task: Task) -> list[tuple[Sent, Option]]:
    """What was sent in other open renewals and would do for this task, the newest first; with the
    way of doing it that each would be."""
    held = held_items(renewal)
    end_user = end_user_of(held)
    types = {option.type for option in task.options if option.needs_file}
    if end_user is None or not types:
        return []
    bundle = renewal.bundle
    lenders = (
        Renewal.objects.open()
        .filter(
            bundle__customer=bundle.customer_id,
            bundle__account=bundle.account_id,
            answers__in=Answer.objects.filter(state=Answer.State.DELIVERED, type__in=types),
        )
        .exclude(pk=renewal.pk)
        .select_related("bundle__regulation", "bundle__customer")
        .prefetch_related("answers", "items")
        .distinct()
    )
    sent = [each for lender in lenders for each in sent_in(lender, held_items(lender))]
    fitting = {
        each.document.sid: (each, option)
        for each in sent
        if (option := fits(each, task, end_user=end_user, held=held))
    }
    return sorted(fitting.values(), key=lambda fit: fit[0].answer.saved_at, reverse=True)


def fits(sent: Sent, task: Task, *, end_user: Held, held: Iterable[Held]) -> Option | None:
    """The way of doing the task that the document would be, with all that is wanted of it.

    :param end_user: the one of the renewal that asks, and
    :param held: all that it has.
    """
    document = sent.document
    if any(item.sid == document.sid for item in held) or not is_the_same(sent.end_user, end_user):
        return None
    if not set(addresses_of(document.attributes)) <= set(addresses_in(held)):
        # The update could not be put onto the registration with it (error 22229).
        return None
    for option in task.options:
        if option.needs_file and option.type == document.type and _says_all(document, option):
            return option
    return None


def _says_all(document: Held, option: Option) -> bool:
    for field in option.fields:
        value = document.attributes.get(field.name)
        if field.required and not value:
            return False
        if field.twin and value and value != field.twin:
            return False
    return True


def reuse(
    renewal: Renewal,
    *,
    task: Task,
    option: Option,
    sent: Sent,
    version: int,
    by: User,
    now: datetime,
) -> Answer:
    """Save the document of another renewal as the answer to this task.

    :raises NotOpen: the renewal has moved on.
    :raises Conflict: somebody saved this task meanwhile.
    """
    with transaction.atomic():
        answer = record(
            renewal,
            task=task,
            option=option,
            values={},
            file=None,
            version=version,
            by=by,
            now=now,
            used_from=sent.answer.renewal.reference,
            reuses=sent.answer,
        )
        forget_unsaved(renewal, task=task.key, by=by)
    return answer


def used_elsewhere(renewal: Renewal, sids: Collection[str]) -> set[str]:
    """Of these items, those that another renewal needs and that may not be in its bundle yet.

    From the replacement on Twilio knows that it is in use, and refuses to delete it.
    """
    others = Answer.objects.filter(item_sid__in=sids).exclude(renewal=renewal)
    settled = (*Renewal.ENDED, Renewal.State.REPLACED)
    return set(others.exclude(renewal__state__in=settled).values_list("item_sid", flat=True))


def addresses_used_elsewhere(renewal: Renewal) -> set[str]:
    """Those of the customer's other open renewals: a document that two hold has one address."""
    bundle = renewal.bundle
    others = (
        Renewal.objects.open()
        .filter(bundle__customer=bundle.customer_id, bundle__account=bundle.account_id)
        .exclude(pk=renewal.pk)
        .prefetch_related("answers", "items")
    )
    return {sid for other in others for sid in addresses_in(held_items(other))}


def refused_elsewhere(renewal: Renewal) -> bool:
    """A document that it shares was refused in another renewal since it was evaluated here."""
    if renewal.evaluated_at is None:
        return False
    refused = Item.objects.filter(
        sid__in=renewal.answers.exclude(item_sid="").values("item_sid"),
        refused_at__gt=renewal.evaluated_at,
    )
    return refused.exclude(renewal=renewal).exists()


def tell_of_refusals(renewal: Renewal, *, now: datetime) -> None:
    """Have those looked at that hold a document which was refused here, and are not sent yet."""
    refused = renewal.items.filter(refused_at__isnull=False).values("sid")
    sharing = Answer.objects.filter(item_sid__in=refused).exclude(renewal=renewal)
    Renewal.objects.filter(pk__in=sharing.values("renewal"), state__in=Renewal.EDITABLE).update(
        next_look_at=now
    )
