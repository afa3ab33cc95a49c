"""One run: the processes, what happens to them, and the end."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests import servers
from tests.chaos.judge import Verdict, judge
from tests.chaos.standin import REFUSED, Standin
from tests.serving import Portal, drop_database, kill, start_portal

LOOK_SECONDS = 0.2
# A late effect comes when the client has given up, and far within the time in which it is waited
# for, so that a busy machine makes no duplicates.
WAITS = {
    "SWEEP_SECONDS": "1",
    "TWILIO_CONNECT_TIMEOUT": "1",
    "TWILIO_READ_TIMEOUT": "2",
    "LEASE_SECONDS": "6",
    "LATE_ANSWER_SECONDS": "10",
}
# Before and after, when nothing is to go wrong, a slow machine may take its time.
CALM = {
    "TWILIO_CONNECT_TIMEOUT": "60",
    "TWILIO_READ_TIMEOUT": "60",
    "LEASE_SECONDS": "600",
}
# A poll is a call to each account.
POLL_SECONDS, POLL_SECONDS_PER_ACCOUNT = 3.0, 0.5


@dataclass(frozen=True, kw_only=True)
class Options:
    """``share`` of the calls go wrong; ``guards`` False is the control run; ``window`` is how many
    renewals are under way at once. After ``seconds`` no more begin, and the run ends with those
    that have; ``deadline`` is in seconds as well, and for a run that never ends."""

    renewals: int = 100
    database: str = "sqlite"
    broker: str = "embedded"
    share: float = 0.3
    kills: int = 1
    span: float = 0.5
    window: int = 60
    guards: bool = True
    seconds: float | None = None
    deadline: float = 900.0


class NeverEnded(Exception):
    """The overall deadline came first; the text says where everything stood."""


def run(options: Options, folder: Path, say: Callable[[str], None] = lambda _: None) -> Verdict:
    """:raises servers.Missing, NeverEnded:"""
    standin = Standin(options.renewals)
    standin.sandbox.start()
    (folder / "over").touch()
    began = time.monotonic()
    try:
        with _product(options, folder, standin) as portals:
            _people(portals[0], "set-up")
            standin.trouble(options.share)
            (folder / "over").unlink()
            _live(options, folder, portals, standin, say)
            (folder / "over").touch()
            standin.calm()
            _people(portals[0], "reconcile")
            facts = json.loads(_people(portals[0], "facts"))
    finally:
        standin.sandbox.stop()
    return judge(options, standin, facts, folder, seconds=time.monotonic() - began)


@contextmanager
def _product(options: Options, folder: Path, standin: Standin) -> Iterator[list[Portal]]:
    """Two workers and two timetables: with the embedded broker that is two web servers."""
    env = {
        **WAITS,
        "POLL_SECONDS": str(max(POLL_SECONDS, POLL_SECONDS_PER_ACCOUNT * len(standin.accounts))),
        "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
        # A process that is killed is then replaced at once and not loaded anew.
        "GUNICORN_CMD_ARGS": "--preload",
        "CHAOS_FOLDER": str(folder),
        "CHAOS_KILLS": str(options.kills),
        "CHAOS_SPAN": str(options.span),
        "CHAOS_REFUSED": str(REFUSED * options.share / 0.3),
        "CHAOS_GUARDS": "on" if options.guards else "off",
    }
    twilio = standin.sandbox.base_url
    first = start_portal(folder / "1", twilio, options.database, options.broker, **env)
    port = servers.free_port()
    second = replace(
        first,
        folder=folder / "2",
        port=port,
        env={**first.env, "BIND": f"127.0.0.1:{port}"},
        processes={},
    )
    second.folder.mkdir()
    try:
        if options.broker == "embedded":
            second.start_web()
        else:
            second.start_worker()
            second.start_timetable()
        yield [first, second]
    finally:
        for portal in (first, second):
            for process in portal.processes.values():
                kill(process)
        drop_database(first.env["DATABASE_URL"])


def _people(portal: Portal, what: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos.people", what],
        env={**portal.env, **CALM},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _live(
    options: Options,
    folder: Path,
    portals: list[Portal],
    standin: Standin,
    say: Callable[[str], None],
) -> None:
    deadline = time.monotonic() + options.deadline
    began, turn, told, progress = time.monotonic(), 0, 0.0, dict[str, Any]()
    (folder / "target").write_text(str(options.renewals), encoding="utf-8")
    while True:
        turn += 1
        if options.seconds is not None and time.monotonic() - began > options.seconds:
            standin.demand_no_more()
            (folder / "target").write_text(str(standin.due), encoding="utf-8")
        if turn % 5 == 0:
            standin.call_back(turn // 5)
        done = progress.get("ended", 0) + progress.get("waiting", 0)
        standin.demand(options.window - (standin.due - done))
        _raise_the_dead(folder, portals)
        people = portals[0].processes.get("people")
        if people is not None and people.poll() == 0:
            return
        if (folder / "progress").exists():
            progress = json.loads((folder / "progress").read_text(encoding="utf-8"))
        if time.monotonic() > deadline:
            raise NeverEnded(json.dumps(progress))
        if time.monotonic() - told > 10:
            told = time.monotonic()
            say(f"{standin.ledger.calls + len(standin.ledger):7} calls  {json.dumps(progress)}")
        time.sleep(LOOK_SECONDS)


def _raise_the_dead(folder: Path, portals: list[Portal]) -> None:
    """As a supervisor does."""
    for portal in portals:
        for name, process in list(portal.processes.items()):
            if process.poll() is None or process.returncode == 0:
                continue
            kill(process)
            {
                "web": portal.start_web,
                "worker": portal.start_worker,
                "timetable": portal.start_timetable,
                "people": lambda portal=portal: portal._start("people", *PEOPLE),
            }[name]()
    if "people" not in portals[0].processes:
        portals[0]._start("people", *PEOPLE)


PEOPLE = ("tests.chaos.people", "live")


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """Power is not cut here, so nothing is gained by a disk that is slow."""
    memory = Path("/dev/shm")  # noqa: S108
    with TemporaryDirectory(prefix="chaos-", dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)
