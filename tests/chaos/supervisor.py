"""Starts the programs of a run, and starts again whichever ends without having been asked to.

Each is a fork of this process, which has imported what they need: a program that is killed every
few seconds would otherwise spend most of the run importing. From the fork on it is what it always
is, with its own session, database lines and threads.

``python -m tests.chaos.supervisor PROGRAMS.json``, which holds the fields of each Program.
"""

import ctypes
import gc
import json
import os
import runpy
import signal
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import NoReturn

# What the programs would otherwise import at their start, or with their first request or task.
NEEDED = (
    "portal.wsgi", "portal.gunicorn", "portal.embedded", "portal.timetable",
    "gunicorn.app.wsgiapp", "gunicorn.workers.gthread", "celery.bin.celery", "celery.apps.worker",
    "celery.apps.beat", "celery.concurrency.prefork", "celery.concurrency.thread",
    "kombu.transport.redis", "kombu.transport.memory", "tests.chaos.browsing",
    "tests.portal.specimens",
)  # fmt: skip
PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
# One that ends as soon as it starts would keep the others from running.
PAUSE = 0.3


@dataclass(kw_only=True)
class Program:
    """``role`` is what the points call it; ``command`` a module and its arguments."""

    role: str
    command: list[str]
    log: str
    env: dict[str, str] = field(default_factory=dict)

    def start(self) -> int:
        """The number of its process."""
        return os.fork() or self._run()

    def _run(self) -> NoReturn:
        code: object = 1
        try:
            self._move_out()
            runpy.run_module(self.command[0], run_name="__main__", alter_sys=True)
            code = 0
        except SystemExit as ending:
            code = ending.code
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code if isinstance(code, int) else int(code is not None))

    def _move_out(self) -> None:
        from tests.chaos import points

        os.setsid()
        if sys.platform == "linux":
            prctl = ctypes.CDLL(None).prctl
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            prctl(PR_SET_NAME, self.role.encode())
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.environ.update(self.env)
        sys.argv = list(self.command)
        points.role = self.role


def supervise(programs: list[Program]) -> None:
    """Until this process is told to end, or all the programs have ended as they should."""
    running = {program.start(): program for program in programs}
    try:
        while running:
            pid, status = os.wait()
            program = running.pop(pid)
            end(pid)
            if status:
                time.sleep(PAUSE)
                running[program.start()] = program
    finally:
        for pid in running:
            end(pid)


def end(leader: int) -> None:
    """What is left of a program: it is the head of a group of its own."""
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def preload() -> None:
    import django
    from django.conf import settings

    django.setup()
    for name in NEEDED:
        import_module(name)

    from django.template.loader import get_template
    from django.urls import get_resolver
    from twilio.rest import Client  # noqa: TID251  (only imported, so that it need not be again)

    from portal.celery import app

    app.loader.import_default_modules()
    app.finalize()
    _ = get_resolver().reverse_dict
    client = Client("AC", "-", "AC")
    _ = client.numbers.v2.regulatory_compliance.bundles, client.api.v2010.account.addresses
    for folder in settings.TEMPLATES[0]["DIRS"]:
        for file in Path(folder).rglob("*.html"):
            get_template(str(file.relative_to(folder)))
    # Else a fork would copy the memory of all that as soon as it collects garbage.
    gc.collect()
    gc.freeze()


def main() -> None:
    programs = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    preload()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    supervise([Program(**program) for program in programs])


if __name__ == "__main__":
    main()
