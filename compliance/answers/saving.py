"""Saves what a customer entered, values and file together or not at all."""

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from django.db import transaction

from compliance import sealing
from compliance.models import (
    Answer,
    Draft,
    Event,
    Renewal,
    StagedFile,
    Upload,
    User,
    on_behalf,
)
from compliance.requirements import Option, Task

FILE_NAME_LENGTH = 80


class NotOpen(Exception):
    """The renewal is not in the customer's hands: it is being checked, or it has ended."""


class Conflict(Exception):
    """Somebody saved this task meanwhile. ``answer`` is what stands there now."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


@dataclass(frozen=True, kw_only=True)
class File:
    """A checked file: ``type`` is what its bytes are, not what the browser called them."""

    name: str
    type: str
    data: bytes


def save(
    renewal: Renewal,
    *,
    task: Task,
    option: Option,
    values: Mapping[str, Any],
    file: File | None,
    version: int,
    by: User,
    now: datetime,
) -> Answer:
    """Commit an answer; it goes to Twilio later.

    :param values: by field name; a string each, but the address field's value, which is either
        ``{"sid": "AD..."}`` (one that Twilio has) or the parts of a new address.
    :param file: None keeps the file of an earlier answer to this task that is still on its way.
    :param version: that of the answer which the page showed, 0 if there was none.
    :raises NotOpen: the page is stale, the renewal has moved on.
    :raises Conflict: a colleague, or another tab, was quicker.
    """
    with transaction.atomic():
        answer = record(
            renewal,
            task=task,
            option=option,
            values=values,
            file=file,
            version=version,
            by=by,
            now=now,
        )
        forget_unsaved(renewal, task=task.key, by=by)
    return answer


def forget_unsaved(renewal: Renewal, *, task: str, by: User) -> None:
    """What this person typed and chose for the task has been saved, or is not needed any more."""
    Draft.objects.filter(renewal=renewal, task=task, user=by).delete()
    StagedFile.objects.filter(renewal=renewal, task=task, user=by).delete()


def record(
    renewal: Renewal,
    *,
    task: Task,
    option: Option,
    values: Mapping[str, Any],
    file: File | None,
    version: int,
    by: User,
    now: datetime,
    used_from: str = "",
    reuses: Answer | None = None,
) -> Answer:
    """The same for an answer that was not given on its own task's page: a draft there stays.

    :param used_from: the reference of the renewal in which it was given.
    :param reuses: the answer whose document, which Twilio holds already, is this one's as well.
    """
    with transaction.atomic():
        # Write first: on SQLite it takes the lock, on PostgreSQL it locks the row.
        renewal_is_open = Renewal.objects.filter(pk=renewal.pk, state__in=Renewal.EDITABLE).update(
            next_look_at=now
        )
        if not renewal_is_open:
            raise NotOpen
        answer = Answer.objects.filter(renewal=renewal, task=task.key).first()
        if answer is not None and answer.version != version:
            raise Conflict(answer)
        answer = answer or Answer(renewal=renewal, task=task.key, version=0)
        if reuses is None:
            _check_for_a_file(answer, option, file)
        supersedes = [*option.supersedes, *_left_behind(answer, option)]
        if reuses is not None:
            # Chosen a second time, it does not take its own place.
            supersedes = [sid for sid in supersedes if sid != reuses.item_sid]
        answer.version += 1
        answer.covers = list(option.covers)
        answer.type = option.type
        answer.changes_sid = option.changes_sid
        answer.supersedes = list(dict.fromkeys(supersedes))
        answer.sealed = renewal.seal(values, about=f"answer/{task.key}")
        if reuses is not None and answer.intent_at is not None:
            # Nothing is made for this version; the end looks for what an earlier one made.
            answer.uncertain, answer.intent_at = True, None
        if answer.state == Answer.State.DELIVERED:
            # Otherwise it stays: delivery then looks for what an earlier version left behind.
            answer.intent_at = None
        answer.state = Answer.State.WAITING
        if answer.address_sid:
            answer.left_addresses = [*answer.left_addresses, answer.address_sid]
        answer.reuses = reuses
        answer.item_sid = reuses.item_sid if reuses else ""
        answer.address_sid = ""
        answer.delivered_at = None
        answer.refused_code, answer.sealed_refusal = None, b""
        answer.saved_by, answer.saved_at = by, now
        if file is not None:
            answer.file_name = display_name(file.name)
            answer.file_type = file.type
            answer.file_size = len(file.data)
            answer.file_sha256 = hashlib.sha256(file.data).hexdigest()
        elif reuses is not None:
            answer.file_name, answer.file_type = reuses.file_name, reuses.file_type
            answer.file_size, answer.file_sha256 = reuses.file_size, reuses.file_sha256
        elif not option.needs_file:
            answer.file_name = answer.file_type = answer.file_sha256 = ""
            answer.file_size = 0
        answer.save()
        if file is not None:
            _keep(answer, file.data)
        elif reuses is not None or not option.needs_file:
            Upload.objects.filter(answer=answer).delete()
        Event.objects.create(
            at=now,
            kind="answer-saved",
            renewal=renewal,
            by=by,
            customer_visible=True,
            details={
                "task": task.key,
                "fields": sorted(values),
                "type": option.type,
                "file": answer.file_sha256 if file or reuses else "",
                **({"used_from": used_from} if used_from else {}),
                **on_behalf(renewal, by=by, now=now),
            },
        )
    return answer


def _check_for_a_file(answer: Answer, option: Option, file: File | None) -> None:
    """The page may show a file as kept that has gone to Twilio since."""
    kept = Upload.objects.filter(answer__renewal=answer.renewal, answer__task=answer.task).exists()
    if option.needs_file and file is None and not kept:
        raise Conflict(answer)


def _left_behind(answer: Answer, option: Option) -> list[str]:
    """What an earlier version of the answer has put into the copy, or was about to take out.

    The page was made before that was known, so its option does not name it.
    """
    left = [] if answer.state == Answer.State.DELIVERED else list(answer.supersedes)
    if answer.item_sid and not answer.changes_sid:
        left.append(answer.item_sid)
    return [sid for sid in left if sid != option.changes_sid]


def _keep(answer: Answer, data: bytes) -> None:
    renewal = answer.renewal
    if renewal.key is None:
        raise sealing.Unreadable
    sealed = sealing.seal(data, key=renewal.key, about=f"{renewal.reference}/file/{answer.pk}")
    Upload.objects.update_or_create(answer=answer, defaults={"sealed": sealed})


def bytes_of(answer: Answer) -> bytes:
    """The file of an answer that Twilio does not hold yet."""
    renewal = answer.renewal
    return sealing.unseal(
        answer.upload.sealed, key=renewal.key, about=f"{renewal.reference}/file/{answer.pk}"
    )


def display_name(name: str) -> str:
    """A file's name fit to be shown: no path, no control or direction characters, not too long."""
    name = unicodedata.normalize("NFKC", PurePosixPath(name.replace("\\", "/")).name)
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C").strip()
    stem, dot, ending = name.rpartition(".")
    if dot and len(name) > FILE_NAME_LENGTH:
        name = f"{stem[: FILE_NAME_LENGTH - len(ending) - 1]}.{ending}"
    return name[:FILE_NAME_LENGTH] or "document"
