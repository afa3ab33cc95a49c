"""Points at which a process kills itself with SIGKILL: before and after each call to Twilio, each
commit and each message, and in the middle of an upload.

They are put around what every such thing goes through (the SDK's HTTP client, Django's cursor and
connection, Celery's task), so that the product knows nothing of them. Each point has a number of
kills to give away in each kind of process; in a span of time the commoner points together have one,
and so have the rarer ones.
What happened is appended to files in ``CHAOS_FOLDER``, a line of JSON each.
"""

import json
import os
import re
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import random
from typing import Any

FOLDER = Path(os.environ.get("CHAOS_FOLDER", "/nowhere"))
# How often each point kills, and how many seconds a span has.
KILLS_PER_POINT = int(os.environ.get("CHAOS_KILLS", "1"))
SPAN = float(os.environ.get("CHAOS_SPAN", "0.5"))
# At each point in an upload at the least; at each in a timetable at most.
FEW = 3
# Of a point that is reached in time: otherwise the commonest would have all the first turns.
CHANCE = 0.3
# These are seldom reached and matter most: they have a turn of their own in each span.
FIRST = ("before POST", "after POST", "before DELETE", "after DELETE", "between")
# These kill whenever they still may.
UPLOAD = "in an upload"
# Of a worker's kills, those that take the whole worker and not one of its processes.
WHOLE = 0.08

# What this process is: "web", "worker", "timetable" or "people". The supervisor says it.
role = ""

_spent: set[str] = set()
_here = threading.local()

WRITES = re.compile(r"""^\s*(INSERT INTO|UPDATE|DELETE FROM)\s+"(?:compliance_)?(\w+)""")


def reached(point: str) -> None:
    _note_resumption()
    if point in _spent or (FOLDER / "over").exists():
        return
    name = re.sub(r"\W+", "-", f"{role} {point}")
    kills = [f"kill-{name}-{number}" for number in range(_kills_at(point))]
    if not kills or (FOLDER / kills[-1]).exists():
        _spent.add(point)
        return
    if not _is_in_turn(point) or not any(map(_take, kills)):
        return
    whole = role == "worker" and by_chance(WHOLE)
    reference = _reference()
    note("kills", {"point": point, "role": role, "whole": whole, "reference": reference})
    if reference:
        (FOLDER / f"killed-{reference}").write_text(str(time.time()), encoding="utf-8")
    if whole:
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def _is_in_turn(point: str) -> bool:
    span = int(time.time() / SPAN)
    if point.startswith(FIRST):
        return _take(f"first-{span}")
    return point.startswith(UPLOAD) or (by_chance(CHANCE) and _take(f"span-{span}"))


def _kills_at(point: str) -> int:
    if point.startswith(UPLOAD):
        return KILLS_PER_POINT and max(KILLS_PER_POINT, FEW)
    # A timetable that starts asks for everything: killed more often it would keep all others busy.
    return min(KILLS_PER_POINT, FEW) if role == "timetable" else KILLS_PER_POINT


def by_chance(share: float) -> bool:
    return random() < share  # noqa: S311  (a dice)


def note(file: str, values: dict[str, Any]) -> None:
    """In one write, so that lines of several processes never mix."""
    line = json.dumps({"at": time.time(), **values}) + "\n"
    with (FOLDER / file).open("ab", buffering=0) as log:
        log.write(line.encode())


def noted(folder: Path, file: str) -> list[dict[str, Any]]:
    with suppress(FileNotFoundError):
        return [json.loads(line) for line in (folder / file).read_text("utf-8").splitlines()]
    return []


def _take(name: str) -> bool:
    """True for one process only."""
    try:
        os.close(os.open(FOLDER / name, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def _reference() -> str:
    from compliance import trail

    return trail.reference.get()


def _note_resumption() -> None:
    """The first sign of work on a renewal during whose last work a process was killed."""
    reference = _reference()
    if reference and (FOLDER / f"killed-{reference}").exists():
        with suppress(FileNotFoundError, ValueError):
            killed = float((FOLDER / f"killed-{reference}").read_text("utf-8"))
            (FOLDER / f"killed-{reference}").unlink()
            note("resumed", {"reference": reference, "seconds": time.time() - killed})


# --- Where they are laid ------------------------------------------------------------------------


def lay() -> None:
    _around_calls()
    _around_commits()
    _around_messages()
    _in_uploads()


def _around_calls() -> None:
    from twilio.http.http_client import TwilioHttpClient  # noqa: TID251  (every call goes through it)

    from compliance.gateway.transport import operation

    request = TwilioHttpClient.request

    def around(self: Any, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        what = operation(method, url)
        if "numbers-upload" in url:
            what += " with a file"
        elif "Status" in (kwargs.get("data") or {}):
            what += " for review"
        reached(f"before {what}")
        _here.uploads = "numbers-upload" in url
        try:
            response = request(self, method, url, *args, **kwargs)
        finally:
            _here.uploads = False
        reached(f"after {what}")
        return response

    TwilioHttpClient.request = around  # type: ignore[method-assign]


def _around_commits() -> None:
    """A statement outside of a transaction commits by itself; one within is committed with it, and
    all tables that are written to give the point its name."""
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.backends.utils import CursorWrapper

    execute, commit = CursorWrapper._execute_with_wrappers, BaseDatabaseWrapper.commit
    rollback = BaseDatabaseWrapper.rollback

    def executed(self: Any, sql: Any, *args: Any, **kwargs: Any) -> Any:
        written = WRITES.match(sql) if isinstance(sql, str) else None
        if written is None:
            return execute(self, sql, *args, **kwargs)
        if self.db.in_atomic_block:
            self.db.chaos_tables = {**getattr(self.db, "chaos_tables", {}), written[2]: None}
            return execute(self, sql, *args, **kwargs)
        reached(f"before commit of {written[2]}")
        result = execute(self, sql, *args, **kwargs)
        reached(f"after commit of {written[2]}")
        return result

    def committed(self: Any) -> None:
        what = ", ".join(getattr(self, "chaos_tables", {}))
        if what:
            reached(f"before commit of {what}")
        commit(self)
        self.chaos_tables = {}
        if what:
            reached(f"after commit of {what}")

    def rolled_back(self: Any) -> None:
        self.chaos_tables = {}
        rollback(self)

    CursorWrapper._execute_with_wrappers = executed
    BaseDatabaseWrapper.commit = committed  # type: ignore[method-assign]
    BaseDatabaseWrapper.rollback = rolled_back  # type: ignore[method-assign]


def _around_messages() -> None:
    from celery.app.task import Task

    from compliance import callbacks

    publish, look = Task.apply_async, callbacks.look

    def published(self: Any, *args: Any, **kwargs: Any) -> Any:
        what = f"the message {self.name.rpartition('.')[2]}"
        if role == "timetable" and what != "the message sweep":
            # It asks for everything when it starts; killed at each it would do little else.
            return publish(self, *args, **kwargs)
        reached("between callback and nudge" if _in_callback() else f"before {what}")
        result = publish(self, *args, **kwargs)
        reached(f"after {what}")
        return result

    def looked(*args: Any) -> None:
        _here.callback = True
        try:
            reached("between callback and mark")
            look(*args)
        finally:
            _here.callback = False

    Task.apply_async = published
    callbacks.look = looked


def _in_callback() -> bool:
    return bool(getattr(_here, "callback", False))


def _in_uploads() -> None:
    """From the customer to the web, and from the worker to Twilio."""
    from http.client import HTTPConnection

    from compliance import answers
    from portal import uploads

    for owner, name in (
        (uploads.InMemoryOnly, "new_file"),
        (uploads.InMemoryOnly, "file_complete"),
        (answers, "stage"),
    ):
        setattr(owner, name, _then(getattr(owner, name), name))
    send = HTTPConnection.send

    def sent(self: Any, data: Any) -> None:
        if getattr(_here, "uploads", False) and isinstance(data, bytes) and b"%PDF" in data:
            middle = len(data) // 2
            send(self, data[:middle])
            reached("in an upload, half of it sent")
            data = data[middle:]
        send(self, data)

    HTTPConnection.send = sent  # type: ignore[method-assign]


def _then(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    def done(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        reached(f"in an upload, at {name}")
        return result

    return done
