"""The rows of the task list."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from compliance.models import Answer, Renewal
from compliance.requirements import Checklist, Task
from compliance.requirements.regulation import humanized, read
from compliance.requirements.shapes import DETAILS
from compliance.wording import labels, reasons
from portal.wording import refusals


@dataclass(frozen=True, kw_only=True)
class Row:
    """``look`` is the tag's; plain is black text. A row without ``url`` cannot be opened now."""

    title: str
    state: str
    # The title is the regulation's own, in English.
    foreign: bool = False
    look: str = "plain"
    note: str = ""
    url: str = ""
    # Done by the customer, not fine from the start.
    completed: bool = False


def open_rows(renewal: Renewal, checklist: Checklist, answers: Mapping[str, Answer]) -> list[Row]:
    """What is open; and answers to what was fine before, as long as they have not arrived."""
    rows = [
        _row(renewal, task.key, labels.task_title(task), answers.get(task.key))
        or Row(
            title=labels.task_title(task),
            foreign=task.kind == "document",
            state=gettext("Not accepted") if task.refused else _wanted(task),
            look="bad" if task.refused else "needs",
            note=_why_refused(task),
            url=_url(renewal, task.key),
        )
        for task in checklist.tasks
    ]
    open_keys = {task.key for task in checklist.tasks}
    names = _names(renewal) if answers else {}
    for key, answer in answers.items():
        if key not in open_keys:
            row = _row(renewal, key, names.get(answer.type) or humanized(answer.type), answer)
            rows += [replace(row, url=row.url and f"{row.url}?change=1")] if row else []
    return rows


def _row(renewal: Renewal, key: str, title: str, answer: Answer | None) -> Row | None:
    """The row of an answer that has not arrived; None if there is none."""
    url = _url(renewal, key)
    if answer and answer.state == Answer.State.WAITING:
        return Row(
            title=title,
            foreign=key != DETAILS,
            state=gettext("Saved, checking"),
            look="quiet",
            url=url,
        )
    if answer and answer.state == Answer.State.REFUSED:
        note = refusals.sentence(answer)
        return Row(
            title=title,
            foreign=key != DETAILS,
            state=gettext("There is a problem"),
            look="bad",
            note=note,
            url=url,
        )
    return None


def _why_refused(task: Task) -> str:
    """Our words for the reviewer's, and then the reviewer's own."""
    if not task.refused:
        return ""
    sentences = []
    for why in reasons.of_task(reason for reason in task.reasons if reason.kind == "refused"):
        sentences.append(why.sentence)
        if why.quote:
            wrote = gettext("The reviewer wrote: “%(quote)s”") % {"quote": why.quote}
            sentences.append(wrote)
    return " ".join(sentence for sentence in sentences if sentence)


def _url(renewal: Renewal, key: str) -> str:
    if renewal.state not in Renewal.EDITABLE:
        return ""
    return reverse("task", args=[renewal.reference, key])


def _wanted(task: Task) -> str:
    option = task.options[0] if task.options else None
    if option is None or (task.kind == "document" and not option.changes_sid):
        if option is not None and not option.needs_file:
            return gettext("Address needed")
        return gettext("Document needed")
    count = task.things
    return ngettext("%(count)s thing to fix", "%(count)s things to fix", count) % {"count": count}


def done(renewal: Renewal, checklist: Checklist, answers: Mapping[str, Answer]) -> list[Row]:
    """What the customer has done: answers that have arrived and are no longer asked for.

    They can be changed until all is sent; so can the details, whether they were asked for or not.
    """
    open_keys = {task.key for task in checklist.tasks}
    finished = [
        answer
        for key, answer in answers.items()
        if key not in open_keys and answer.state == Answer.State.DELIVERED
    ]
    rows = []
    if DETAILS not in open_keys and DETAILS not in answers and checklist.fine:
        details = labels.details_title(renewal.bundle)
        rows.append(Row(title=details, state=gettext("Already fine"), url=_url(renewal, DETAILS)))
    names = _names(renewal) if finished else {}
    rows += [
        Row(
            title=labels.details_title(renewal.bundle)
            if a.task == DETAILS
            else names.get(a.type) or humanized(a.type),
            foreign=a.task != DETAILS,
            state=gettext("Completed"),
            url=_url(renewal, a.task),
            completed=True,
        )
        for a in sorted(finished, key=lambda answer: answer.pk)
    ]
    return [replace(row, url=row.url and f"{row.url}?change=1") for row in rows]


def _names(renewal: Renewal) -> dict[str, str]:
    """What the regulation calls each type of details and document."""
    regulation = renewal.bundle.regulation
    rules = read(regulation.requirements if regulation else {})
    names: dict[str, str] = {}
    for requirement in (*rules.end_users, *rules.documents):
        for accepted in requirement.accepted:
            names.setdefault(accepted.type, accepted.label)
    return names
