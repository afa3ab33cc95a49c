"""The rows of the task list."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from compliance.models import Answer, Renewal
from compliance.requirements import Checklist, Task
from compliance.requirements.regulation import humanized, read
from compliance.stages import Stage


@dataclass(frozen=True, kw_only=True)
class Row:
    """``look`` is the tag's; plain is black text. A row without ``url`` cannot be opened now."""

    title: str
    state: str
    look: str = "plain"
    note: str = ""
    url: str = ""


def open_rows(
    renewal: Renewal, checklist: Checklist, answers: Mapping[str, Answer], *, stage: Stage
) -> list[Row]:
    editable = renewal.state in Renewal.EDITABLE
    return [_row(renewal, task, answers.get(task.key), editable) for task in checklist.tasks]


def _row(renewal: Renewal, task: Task, answer: Answer | None, editable: bool) -> Row:
    url = reverse("task", args=[renewal.reference, task.key]) if editable else ""
    if answer and answer.state == Answer.State.WAITING:
        return Row(title=task.title, state=gettext("Saved, checking"), look="quiet", url=url)
    if answer and answer.state == Answer.State.REFUSED:
        note = gettext("We saved your answer, but it was not accepted: “%(reason)s”") % {
            "reason": answer.refused_message
        }
        return Row(
            title=task.title, state=gettext("There is a problem"), look="bad", note=note, url=url
        )
    if task.refused:
        return Row(title=task.title, state=gettext("Not accepted"), look="bad", url=url)
    return Row(title=task.title, state=_wanted(task), look="needs", url=url)


def _wanted(task: Task) -> str:
    option = task.options[0] if task.options else None
    if option is None or (task.kind == "document" and not option.changes_sid):
        if option is not None and not option.needs_file:
            return gettext("Address needed")
        return gettext("Document needed")
    count = sum(field.reason is not None for field in option.fields) or len(option.fields) or 1
    return ngettext("%(count)s thing to fix", "%(count)s things to fix", count) % {"count": count}


def done(renewal: Renewal, checklist: Checklist, answers: Mapping[str, Answer]) -> list[Row]:
    """What the customer has done: answers that have arrived and are no longer asked for."""
    open_keys = {task.key for task in checklist.tasks}
    finished = [
        answer
        for key, answer in answers.items()
        if key not in open_keys and answer.state == Answer.State.DELIVERED
    ]
    if not finished:
        return []
    regulation = renewal.bundle.regulation
    rules = read(regulation.requirements if regulation else {})
    names: dict[str, str] = {}
    for requirement in (*rules.end_users, *rules.documents):
        for accepted in requirement.accepted:
            names.setdefault(accepted.type, accepted.label)
    return [
        Row(title=names.get(a.type) or humanized(a.type), state=gettext("Completed"))
        for a in sorted(finished, key=lambda answer: answer.pk)
    ]
