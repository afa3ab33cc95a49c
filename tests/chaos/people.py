"""The people in this run, in a process of their own that is killed like the others: customers who
answer what they are asked and send it, most through the domain's functions and some through real
pages, and support, who presses "Try again" on what has come to them.

``python -m tests.chaos.people live`` makes them and lets them live until all is at rest, which the
file ``at-rest`` says; ``... afterwards`` is the time after that, in which what was left behind is
looked for, and prints what the portal's database says in the end.
"""

import json
import os
import sys
import time
import zlib
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import django
from pikepdf import Name, Pdf

from tests.portal import specimens

PAUSE = 0.3
PATIENCE = 25
AFTERWARDS = (2, 48, 200)
WEB_SHARE = 5
# Of their visits, those in which they take another way than the page.
IMPATIENCE = 0.1
REFUSED_SHARE = 7


def paper(marker: str, *, readable: bool) -> bytes:
    """A PDF that only this answer has. One that can't be read is blank."""

    def mark(document: Pdf) -> None:
        page = document.pages[0]
        text = f"BT /F1 24 Tf 72 720 Td ({marker}) Tj ET" if readable else f"% {marker}\n"
        page.Contents = document.make_stream(text.encode())
        page[Name.Rotate] = 0

    return specimens.pdf(change=mark)


def share(reference: str, of: int, salt: str) -> bool:
    """For one in ``of``, and always the same ones."""
    return zlib.crc32(f"{salt} {reference}".encode()) % of == 0


def marker_of(reference: str, task: str, version: int) -> str:
    return f"{reference} {task} {version}"


def file_for(reference: str, task: str, version: int) -> bytes:
    blank = version == 1 and share(reference, REFUSED_SHARE, "blank")
    return paper(marker_of(reference, task, version), readable=not blank)


# --- Making them ----------------------------------------------------------------------------------


def set_up() -> None:
    """A customer with one editor for each subaccount; the portal has taken its bearings. May be
    done again."""
    from django.db import transaction
    from django.utils import timezone

    from compliance import sync
    from compliance.models import Account, Customer, Membership, User

    now = timezone.now()
    sync.discover(now=now)
    for account in Account.objects.filter(is_main=False):
        with transaction.atomic():
            customer, is_new = Customer.objects.get_or_create(
                account=account, defaults={"name": account.friendly_name}
            )
            if is_new:
                user = User.objects.create_user(f"somebody@{account.sid.lower()}.example")
                Membership.objects.create(user=user, customer=customer)
    sync.poll(now=now)


# --- Their life -----------------------------------------------------------------------------------


def live(folder: Path) -> None:
    if not (folder / "set-up").exists():
        set_up()
        (folder / "set-up").touch()
    tries: Counter[int] = Counter(noted_pk["pk"] for noted_pk in _support_so_far(folder))
    while not _at_rest(folder, tries):
        _customers(folder)
        _support(folder, tries)
        time.sleep(PAUSE)
    (folder / "at-rest").touch()


def _at_rest(folder: Path, tries: Counter[int]) -> bool:
    from compliance.models import Renewal

    rows = list(Renewal.objects.values_list("pk", "state", "trouble"))
    states = Counter(state for _pk, state, _trouble in rows)
    ended = sum(states[state] for state in Renewal.ENDED)
    waiting = sum(
        bool(trouble) and tries[pk] >= PATIENCE and state not in Renewal.ENDED
        for pk, state, trouble in rows
    )
    progress = {"opened": len(rows), "ended": ended, "waiting": waiting, "states": states}
    partial = folder / "progress.partial"
    partial.write_text(json.dumps(progress), encoding="utf-8")
    partial.replace(folder / "progress")
    target = int((folder / "target").read_text(encoding="utf-8") or sys.maxsize)
    return len(rows) >= target and ended + waiting >= target


def _customers(folder: Path) -> None:
    from compliance.models import Answer, Renewal

    theirs = (
        Renewal.objects.filter(state__in=Renewal.EDITABLE, trouble="")
        .exclude(answers__state=Answer.State.WAITING)
        .select_related("bundle__regulation", "bundle__customer", "bundle__account")
    )
    for renewal in theirs:
        if renewal.state == Renewal.State.READY:
            _send(renewal)
        else:
            _answer(folder, renewal)


def _send(renewal: Any) -> None:
    from django.utils import timezone

    from compliance import workflow

    with suppress(workflow.NotNow):
        workflow.send(renewal, by=renewal.bundle.customer.people.get(), now=timezone.now())


def _answer(folder: Path, renewal: Any) -> None:
    from compliance.answers import checklist_of
    from tests.chaos.points import by_chance

    for task in checklist_of(renewal).tasks:
        earlier = renewal.answers.filter(task=task.key).first()
        version = earlier.version if earlier else 0
        if share(renewal.reference, WEB_SHARE, "web") and not by_chance(IMPATIENCE):
            _answer_on_the_page(renewal, task, version)
            continue
        _answer_directly(folder, renewal, task, version)


def _answer_directly(folder: Path, renewal: Any, task: Any, version: int) -> None:
    from django.utils import timezone

    from compliance import answers
    from compliance.requirements import ADDRESS_FIELD
    from tests.chaos.points import note
    from tests.world import plausible

    option, reference = task.options[0], renewal.reference
    values = {field.name: plausible(renewal, field) for field in option.fields}
    own = {}
    for field in option.fields:
        if field.kind == "text" and field.name != ADDRESS_FIELD and not (field.twin or field.value):
            own[field.name] = f"{values[field.name]} {reference}"
    file = answers.File(
        name="scan.pdf",
        type="application/pdf",
        data=file_for(reference, task.key, version + 1),
    )
    with suppress(answers.NotOpen, answers.Conflict):
        answer = answers.save(
            renewal,
            task=task,
            option=option,
            values=values | own,
            file=file if option.needs_file else None,
            version=version,
            by=renewal.bundle.customer.people.get(),
            now=timezone.now(),
        )
        saved = {"reference": reference, "task": task.key, "values": own}
        note("saved", {**saved, "version": answer.version, "file": option.needs_file})


def _answer_on_the_page(renewal: Any, task: Any, version: int) -> None:
    """If the page, for once, does not take it, they will come again."""
    from tests.chaos.browsing import answer_task
    from tests.chaos.points import note

    data = file_for(renewal.reference, task.key, version + 1)
    with_script = share(renewal.reference, 2, "script")
    outcome = answer_task(renewal, task.key, data, with_script=with_script)
    said = {"reference": renewal.reference, "task": task.key, "outcome": outcome}
    note("pages", {**said, "version": version + 1, "script": with_script})


def _support(folder: Path, tries: Counter[int]) -> None:
    from django.utils import timezone

    from compliance import workflow
    from compliance.models import Renewal
    from tests.chaos.points import note

    for renewal in Renewal.objects.open().exclude(trouble=""):
        if tries[renewal.pk] >= PATIENCE:
            continue
        tries[renewal.pk] += 1
        note(
            "support",
            {"pk": renewal.pk, "reference": renewal.reference, "reason": renewal.trouble,
             "state": renewal.state, "detail": renewal.trouble_detail},
        )  # fmt: skip
        workflow.retry(renewal, by=None, now=timezone.now())


def _support_so_far(folder: Path) -> list[dict[str, Any]]:
    from tests.chaos.points import noted

    return noted(folder, "support")


# --- Afterwards -----------------------------------------------------------------------------------


def reconcile() -> None:
    """The hourly job, some hours and days later: by then nothing is too young to be judged."""
    from django.utils import timezone

    from compliance import sync
    from compliance.models import Account

    for hours in AFTERWARDS:
        later = timedelta(hours=hours)
        for account in Account.objects.filter(active=True):
            sync.reconcile(account, clock=lambda later=later: timezone.now() + later)


def facts() -> dict[str, Any]:
    """The renewals, and what is reported to support as left behind at Twilio: SID and reason."""
    from compliance.models import Stray

    reported = Stray.objects.filter(why__in=Stray.REPORTED)
    return {"renewals": _renewals(), "reported": dict(reported.values_list("sid", "why"))}


def _renewals() -> list[dict[str, Any]]:
    from compliance.models import Renewal

    return [
        {
            "reference": renewal.reference,
            "bundle": renewal.bundle.sid,
            "state": renewal.state,
            "trouble": renewal.trouble,
            "delayed": renewal.delayed_because,
            "copy": renewal.copy_sid,
            "events": list(renewal.events.order_by("pk").values_list("kind", flat=True)),
            "answers": [
                {
                    "task": answer.task,
                    "version": answer.version,
                    "state": answer.state,
                    "sha256": answer.file_sha256,
                    "item": answer.item_sid or answer.changes_sid,
                }
                for answer in renewal.answers.all()
            ],
        }
        for renewal in Renewal.objects.select_related("bundle").prefetch_related("answers")
    ]


if __name__ == "__main__":
    django.setup()
    if sys.argv[1] == "afterwards":
        reconcile()
        json.dump(facts(), sys.stdout)
    else:
        live(Path(os.environ["CHAOS_FOLDER"]))
