"""Values that must be equal in the details and on a document: changed in both places or in none."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from compliance.answers.reading import held_items
from compliance.answers.saving import Conflict, File, record, save
from compliance.models import Answer, Renewal, User
from compliance.requirements import DETAILS, Option, Task


@dataclass(frozen=True, kw_only=True)
class Details:
    """The person or company as it will be once everything saved has arrived. ``version`` is that
    of the answer about it, 0 if there is none."""

    values: Mapping[str, Any]
    version: int
    option: Option | None


def details_of(renewal: Renewal) -> Details:
    end_user = next((item for item in held_items(renewal) if item.is_end_user), None)
    answer = _answer(renewal)
    pending = answer if answer and answer.state != Answer.State.DELIVERED else None
    option = None
    if pending is not None:
        option = Option(
            type=pending.type,
            label="",
            covers=tuple(pending.covers),
            fields=(),
            changes_sid=pending.changes_sid,
            supersedes=tuple(pending.supersedes),
        )
    elif end_user is not None:
        option = Option(
            type=end_user.type, label="", covers=(), fields=(), changes_sid=end_user.sid
        )
    values = {**(end_user.attributes if end_user else {}), **(pending.values() if pending else {})}
    return Details(values=values, version=answer.version if answer else 0, option=option)


def save_match(
    renewal: Renewal,
    *,
    task: Task,
    option: Option,
    values: Mapping[str, Any],
    shared: Collection[str],
    file: File | None,
    version: int,
    details_version: int,
    by: User,
    now: datetime,
) -> Answer:
    """Commit a document's answer, and put the ``shared`` fields of it into the details as well.

    Everything else in the details stays as it is, saved or on its way. What the details say
    already is not written again.

    :param details_version: that of the details which the page showed beside the document.
    :raises NotOpen: the page is stale, the renewal has moved on.
    :raises Conflict: somebody saved this task, or the details, meanwhile.
    """
    with transaction.atomic():
        # As it is now, not as the page fetched it.
        renewal = Renewal.objects.get(pk=renewal.pk)
        details_answer = _answer(renewal)
        if shared and details_answer is not None and details_answer.version != details_version:
            raise Conflict(details_answer)
        details = details_of(renewal)
        changed = {
            name: values[name]
            for name in shared
            if name in values and values[name] != details.values.get(name)
        }
        if changed and details.option is not None:
            pending = details_answer and details_answer.state != Answer.State.DELIVERED
            earlier = details_answer.values() if details_answer and pending else {}
            record(
                renewal,
                task=Task(key=DETAILS, kind="details", title="", covers=(), options=()),
                option=details.option,
                values={**earlier, **changed},
                file=None,
                version=details_version,
                by=by,
                now=now,
            )
        return save(
            renewal,
            task=task,
            option=option,
            values=values,
            file=file,
            version=version,
            by=by,
            now=now,
        )


def _answer(renewal: Renewal) -> Answer | None:
    return next((answer for answer in renewal.answers.all() if answer.task == DETAILS), None)
