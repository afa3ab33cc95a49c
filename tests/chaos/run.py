"""One run: the processes, what happens to them, and the end."""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests import servers
from tests.chaos.judge import Verdict, judge
from tests.chaos.standin import REFUSED, Standin
from tests.chaos.supervisor import Program
from tests.patience import until
from tests.serving import TIMETABLE, WEB, WORKER, Portal, migrated_database, new_portal

LOOK_SECONDS = 0.2
# A late effect comes when the client has given up, and far within the time in which it is waited
# for, so that a busy machine makes no duplicates.
WAITS = {
    "SWEEP_SECONDS": "4",
    "TWILIO_CONNECT_TIMEOUT": "1",
    "TWILIO_READ_TIMEOUT": "2",
    "LEASE_SECONDS": "8",
    "LATE_ANSWER_SECONDS": "10",
}
# Before and after, when nothing is to go wrong, a slow machine may take its time.
CALM = {
    "TWILIO_CONNECT_TIMEOUT": "60",
    "TWILIO_READ_TIMEOUT": "60",
    "LEASE_SECONDS": "600",
}
# What is committed is there after a kill; the other clusters of the tests may lose it.
SAFE = (
    "-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "full_page_writes=on",
)  # fmt: skip
# For all of a machine that is slow and busy.
SET_UP_SECONDS = 600
# A poll is a call to each account.
POLL_SECONDS, POLL_SECONDS_PER_ACCOUNT = 6.0, 1.0


@dataclass(frozen=True, kw_only=True)
class Options:
    """``share`` of the calls go wrong; ``guards`` False is the control run; ``window`` is how many
    renewals are under way at once. After ``seconds`` no more begin, and the run ends with those
    that have; ``deadline`` is in seconds as well, and for a run that never ends. With
    ``server_kills`` PostgreSQL and Redis are the run's own, and each is killed so many times."""

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
    server_kills: int = 0


class NeverEnded(Exception):
    """The overall deadline came first; the text says where everything stood."""


def run(
    options: Options,
    folder: Path,
    say: Callable[[str], None] = lambda _: None,
    enough: Callable[[], bool] = lambda: False,
) -> Verdict:
    """Once it is ``enough``, no more renewals begin, and the run ends with those that have.

    :raises servers.Missing, NeverEnded:
    """
    standin = Standin(options.renewals)
    standin.sandbox.start()
    (folder / "over").touch()
    (folder / "target").write_text(str(options.renewals), encoding="utf-8")
    began = time.monotonic()
    try:
        with _product(options, folder, standin) as product:
            until((folder / "set-up").exists, told=product.portal.all_logs, seconds=SET_UP_SECONDS)
            standin.trouble(options.share)
            (folder / "over").unlink()
            _live(options, folder, product, standin, say, enough)
            (folder / "over").touch()
            standin.calm()
            record = json.loads(_afterwards(product.portal))
    finally:
        standin.sandbox.stop()
    verdict = judge(options, standin, record, folder, seconds=time.monotonic() - began)
    verdict.kills_by_role |= product.kills
    return verdict


@dataclass
class Product:
    """What runs: the programs, below their supervisor, and the servers if they are ours to kill."""

    portal: Portal
    servers: list[servers.Server]
    kills: Counter[str] = field(default_factory=Counter)

    def kill_a_server(self) -> None:
        """Each in its turn; it comes back as a supervisor would start it again."""
        server = self.servers[self.kills.total() % len(self.servers)]
        server.kill()
        self.kills[server.name] += 1
        server.start()


@contextmanager
def _product(options: Options, folder: Path, standin: Standin) -> Iterator[Product]:
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
    own: list[servers.Server] = []
    if options.server_kills and options.database == "postgres":
        own.append(servers.start_postgres(*SAFE))
        env["DATABASE_URL"] = migrated_database(own[-1])
    if options.server_kills and options.broker == "redis":
        own.append(servers.start_redis())
        env["REDIS_URL"] = own[-1].url
    twilio = standin.sandbox.base_url
    portal = new_portal(folder / "portal", twilio, options.database, options.broker, **env)
    programs = folder / "programs.json"
    programs.write_text(json.dumps([asdict(each) for each in _programs(portal)]), "utf-8")
    portal._start("supervisor", "tests.chaos.supervisor", str(programs))
    try:
        yield Product(portal, own)
    finally:
        portal.stop()
        for server in own:
            server.end()


def _programs(portal: Portal) -> Iterator[Program]:
    def program(role: str, command: tuple[str, ...], **env: str) -> Program:
        log = str(portal.folder / f"{role}.log")
        return Program(role=role, command=list(command), log=log, env=env)

    yield program("web", WEB)
    if portal.broker == "embedded":
        yield program("web", WEB, BIND=f"127.0.0.1:{servers.free_port()}")
    else:
        yield from [program("worker", WORKER), program("timetable", TIMETABLE)] * 2
    yield program("people", PEOPLE)


def _afterwards(portal: Portal) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos.people", "afterwards"],
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
    product: Product,
    standin: Standin,
    say: Callable[[str], None],
    enough: Callable[[], bool],
) -> None:
    deadline = time.monotonic() + options.deadline
    began, turn, told, progress = time.monotonic(), 0, 0.0, dict[str, Any]()
    # Renewals that have ended, between one kill of a server and the next.
    every = options.renewals / (options.server_kills * len(product.servers) + 1)
    every = min(every, options.window / 2)
    while not (folder / "at-rest").exists():
        turn += 1
        late = options.seconds is not None and time.monotonic() - began > options.seconds
        if late or enough():
            standin.demand_no_more()
            (folder / "target").write_text(str(standin.due), encoding="utf-8")
        if turn % 5 == 0:
            standin.call_back(turn // 5)
        done = progress.get("ended", 0) + progress.get("waiting", 0)
        standin.demand(options.window - (standin.due - done))
        if (folder / "progress").exists():
            progress = json.loads((folder / "progress").read_text(encoding="utf-8"))
        killed = product.kills.total()
        if killed < options.server_kills * len(product.servers) and done >= every * (killed + 1):
            product.kill_a_server()
        assert product.portal.processes["supervisor"].poll() is None, product.portal.all_logs()
        if time.monotonic() > deadline:
            raise NeverEnded(json.dumps(progress))
        if time.monotonic() - told > 10:
            told = time.monotonic()
            say(f"{standin.ledger.calls + len(standin.ledger):7} calls  {json.dumps(progress)}")
        time.sleep(LOOK_SECONDS)


PEOPLE = ("tests.chaos.people", "live")


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """Power is not cut here, so nothing is gained by a disk that is slow."""
    memory = Path("/dev/shm")  # noqa: S108
    with TemporaryDirectory(prefix="chaos-", dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)
