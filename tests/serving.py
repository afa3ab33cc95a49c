"""The portal as it runs in earnest, for tests that need all of it: a web server, a worker and a
timetable in processes of their own, with a database, a broker and a folder of mails of their own.

They look for work more often than in earnest, so that no test waits for the timetable.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import cycle
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql
from redis import Redis

from compliance.sandbox import seed
from portal.demo.programs import TIED_TO_THIS
from tests import servers
from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parent.parent

SHORT_WAITS = {
    "SWEEP_SECONDS": "0.5",
    "POLL_SECONDS": "1",
}
# For portals whose worker is killed: what it has begun is soon free for the next one. Short time
# limits make a slow machine look like a Twilio that is away, so nobody else has them.
SOON_RECOVERED = {
    "LEASE_SECONDS": "13",
    "LATE_ANSWER_SECONDS": "4",
    "TWILIO_CONNECT_TIMEOUT": "1",
    "TWILIO_READ_TIMEOUT": "10",
}

# The programs, each as a module and its arguments.
WEB = ("gunicorn", "--config", "python:portal.gunicorn", "portal.wsgi")
WORKER = (
    "celery", "-A", "portal", "worker", "--concurrency", "2",
    "--without-gossip", "--without-mingle", "--loglevel", "INFO",
)  # fmt: skip
TIMETABLE = ("celery", "-A", "portal", "beat")

Process = subprocess.Popen[bytes]

# Number 0 is for the tests themselves.
_redis_databases = cycle(range(1, 16))


@dataclass
class Portal:
    """A running portal. ``database``: "sqlite" or "postgres"; ``broker``: "embedded" or "redis"."""

    folder: Path
    port: int
    database: str
    broker: str
    env: dict[str, str]
    processes: dict[str, Process] = field(default_factory=dict)

    @property
    def base_url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def mail_folder(self) -> Path:
        return self.folder / "mail"

    def mails(self) -> list[str]:
        """Every mail that was sent, the oldest first, as it went over the wire."""
        found: list[str] = []
        for file in sorted(self.mail_folder.glob("*"), key=lambda file: file.stat().st_mtime_ns):
            # A line of dashes ends each; without it, the mail is still being written.
            written = file.read_text(encoding="utf-8", errors="replace")
            *complete, _rest = written.split(f"\n{'-' * 79}\n")
            found += [mail.lstrip() for mail in complete]
        return found

    def log(self, name: str) -> str:
        """What "web", "worker" or "timetable" has said; with the embedded broker all is "web"."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def all_logs(self) -> str:
        """The end of each."""
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join(f"--- {log.stem}\n{self.log(log.stem)[-2000:]}" for log in logs)

    def manage(self, *arguments: str) -> str:
        """The output of a management command; an error in it is an error here."""
        return manage(self.env, *arguments)

    def start(self) -> None:
        self.start_web()
        if self.broker == "redis":
            self.start_worker()
            self.start_timetable()

    def start_web(self) -> None:
        self._start("web", *WEB)
        await_page(f"{self.base_url}/sign-in/", self.processes["web"], lambda: self.log("web"))

    def start_timetable(self) -> None:
        self._start("timetable", *TIMETABLE)

    def start_worker(self) -> None:
        """After :meth:`kill_worker`. The embedded worker comes back with its web server."""
        if self.broker == "embedded":
            self.start_web()
        else:
            self._start("worker", *WORKER)

    def kill_worker(self) -> None:
        """SIGKILL for whatever runs the worker, its children included: it can't tidy up."""
        kill(self.processes.pop("web" if self.broker == "embedded" else "worker"))

    def stop(self) -> None:
        """The way an operator does it. What does not end in time is killed, and the test fails."""
        stopping = list(self.processes.items())
        self.processes.clear()
        for _name, process in stopping:
            process.terminate()
        late = [name for name, process in stopping if not ends(process)]
        for _name, process in stopping:
            kill(process)
        drop_database(self.env["DATABASE_URL"])
        assert not late, f"{late} did not end within {PATIENCE} seconds"

    def _start(self, name: str, program: str, *arguments: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [*TIED_TO_THIS, "-m", program, *arguments],
                cwd=ROOT,
                env=self.env,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def start_portal(
    folder: Path,
    sandbox_base_url: str,
    database: str | None = None,
    broker: str | None = None,
    **more_env: str,
) -> Portal:
    """A migrated, running, empty portal that takes the sandbox for Twilio.

    :param database: "sqlite" or "postgres"; by default what the tests themselves run on.
    :param broker: "embedded" or "redis"; likewise.
    :raises servers.Missing: this machine has no such server.
    """
    portal = new_portal(folder, sandbox_base_url, database, broker, **more_env)
    try:
        portal.start()
    except BaseException:
        portal.stop()
        raise
    return portal


def new_portal(
    folder: Path,
    sandbox_base_url: str,
    database: str | None = None,
    broker: str | None = None,
    **more_env: str,
) -> Portal:
    """The same, before its programs are started."""
    database = database or default_database()
    broker = broker or default_broker()
    folder.mkdir(parents=True, exist_ok=True)
    port = servers.free_port()
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "default",
        "SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests-only-for-tests",
        "ENCRYPTION_KEYS": "4DXYp5oKAJY0MKgAHYI4lgTCk4NWULPtDPpzZDPGb-c=",
        "DEMO": "true",
        "STAFF_SECOND_FACTOR": "false",
        "PUBLIC_URL": f"http://localhost:{port}",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "BIND": f"127.0.0.1:{port}",
        "DATABASE_URL": more_env.get("DATABASE_URL") or fresh_database(database, folder),
        "REDIS_URL": more_env.get("REDIS_URL") or (empty_redis() if broker == "redis" else ""),
        "EMAIL_URL": f"filemail:///{folder / 'mail'}",
        "TWILIO_ACCOUNT_SID": seed.ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": seed.AUTH_TOKEN,
        "TWILIO_BASE_URL": sandbox_base_url,
        **SHORT_WAITS,
        **more_env,
    }
    return Portal(folder=folder, port=port, database=database, broker=broker, env=env)


def default_database() -> str:
    return "postgres" if os.environ.get("DATABASE_URL", "").startswith("postgres") else "sqlite"


def default_broker() -> str:
    return "redis" if os.environ.get("REDIS_URL") else "embedded"


def manage(env: dict[str, str], *arguments: str) -> str:
    run = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


# --- Databases: migrated once, copied for each portal -----------------------------------------


def fresh_database(kind: str, folder: Path) -> str:
    if kind == "sqlite":
        file = folder / "portal.sqlite3"
        shutil.copyfile(migrated_file(), file)
        return f"sqlite:///{file}"
    name = f"portal_{uuid4().hex}"
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    execute(statement.format(sql.Identifier(name), sql.Identifier(migrated_template())))
    return database_url(name)


@cache
def migrated_file() -> Path:
    folder = servers.temporary_folder("portal-")
    file = folder / "migrated.sqlite3"
    migrate(f"sqlite:///{file}")
    return file


@cache
def migrated_template() -> str:
    name = f"template_{uuid4().hex}"
    execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    migrate(database_url(name))
    return name


def migrated_database(server: servers.Server) -> str:
    """An empty one in a PostgreSQL of the test's own."""
    name = "portal"
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = f"{server.url.rpartition('/')[0]}/{name}"
    migrate(url)
    return url


def migrate(url: str) -> None:
    manage(migration_env(url), "migrate", "--verbosity", "0", "--skip-checks")


def migration_env(url: str) -> dict[str, str]:
    """All that a management command needs which works on this database alone."""
    return {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests-only-for-tests",
        "ENCRYPTION_KEYS": "4DXYp5oKAJY0MKgAHYI4lgTCk4NWULPtDPpzZDPGb-c=",
        "DATABASE_URL": url,
        "DEMO": "true",
        "STAFF_SECOND_FACTOR": "false",
    }


def empty_redis() -> str:
    """One of the server's numbered databases, so that no portal takes another's messages."""
    url = f"{servers.redis_url().rpartition('/')[0]}/{next(_redis_databases)}"
    with Redis.from_url(url) as redis:
        redis.flushdb()
    return url


def drop_database(url: str) -> None:
    if url.startswith("postgres"):
        server, _, name = url.rpartition("/")
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(statement.format(sql.Identifier(name)))


def database_url(name: str) -> str:
    return f"{servers.postgres_url().rpartition('/')[0]}/{name}"


def execute(statement: sql.Composed) -> None:
    with psycopg.connect(servers.postgres_url(), autocommit=True) as connection:
        connection.execute(statement)


# --- Processes --------------------------------------------------------------------------------


def await_page(url: str, process: Process, log: Callable[[], str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert process.poll() is None, log()
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 (our own address)
                return
        except urllib.error.HTTPError:
            return  # an error page is a page
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} did not answer.\n{log()}")


def ends(process: Process) -> bool:
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        return False
    return True


def kill(process: Process) -> None:
    """The process and its children: each was started as the head of a group of its own."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
