"""A whole portal in its processes beside a stand-in for Twilio, for rows that measure it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from compliance.sandbox.faults import parse
from tests.bench.row import Bench
from tests.chaos.standin import Standin
from tests.patience import PATIENCE
from tests.serving import Portal, kill, start_portal

# No call is given up because the machine is slow.
CALM = {
    "DJANGO_SETTINGS_MODULE": "portal.settings",
    "TWILIO_CONNECT_TIMEOUT": "60",
    "TWILIO_READ_TIMEOUT": "60",
    "LOG_LEVEL": "WARNING",
    # Polls are calls, too.
    "POLL_SECONDS": "10",
}
LOOK = 0.1


@contextmanager
def standing_in(bundles: int, *, patterns: tuple[str, ...], accounts: int = 1) -> Iterator[Standin]:
    """Twilio, with so many bundles that have no date yet."""
    standin = Standin(bundles, patterns=patterns, accounts=accounts)
    standin.sandbox.start()
    try:
        yield standin
    finally:
        standin.sandbox.stop()


@contextmanager
def running(
    bench: Bench,
    standin: Standin,
    *,
    database: str = "postgres",
    broker: str = "redis",
    set_up: bool = True,
    **env: str,
) -> Iterator[Portal]:
    """With one worker of two processes, or what is embedded; its customers are there."""
    folder, url = bench.folder / broker, standin.sandbox.base_url
    portal = start_portal(folder, url, database, broker, **{**CALM, **env})
    try:
        if set_up:
            people(portal, "set-up")
        yield portal
    finally:
        portal.stop()


def employ(portal: Portal, processes: int, *, each: int = 1, **env: str) -> None:
    """So many workers in the place of those there are, of so many processes each; they are ready.

    :param env: from now on, for whatever is started in this portal.
    """
    portal.env |= env
    for name in [name for name in portal.processes if name.startswith("worker")]:
        kill(portal.processes.pop(name))
    for number in range(processes):
        portal._start(
            f"worker-{number}", "celery", "-A", "portal", "worker", "--concurrency", str(each),
            "--without-gossip", "--without-mingle", "--loglevel", "WARNING",
            "--hostname", f"{number}@%h",
        )  # fmt: skip
    if processes:
        people(portal, "await-workers", str(processes))


def people(portal: Portal, what: str, *arguments: str, module: str = "tests.bench.people") -> Any:
    """What this program prints, run within the portal's environment."""
    ended = subprocess.run(
        [sys.executable, "-m", module, what, *arguments],
        env=portal.env,
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout or "null")


def slow(standin: Standin, seconds: float) -> None:
    """Every call takes so much longer."""
    calm(standin)
    with standin.state.lock:
        standin.state.faults.append(parse({"kind": "latency", "seconds": seconds}))


def calm(standin: Standin) -> None:
    with standin.state.lock:
        standin.state.faults.clear()


def calls(standin: Standin) -> int:
    return standin.ledger.calls + len(standin.ledger)


def family(portal: Portal, kind: str) -> list[int]:
    """The processes of this kind ("web", "worker"), and those that they have started."""
    found: list[int] = []
    for name, process in portal.processes.items():
        if name.partition("-")[0] == kind:
            listed = Path(f"/proc/{process.pid}/task/{process.pid}/children")
            found += [process.pid, *map(int, listed.read_text().split())]
    return found


def cpu_seconds(portal: Portal, kind: str) -> float:
    """That they have used so far, whatever else the machine does."""
    ticks = 0
    for pid in family(portal, kind):
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(stat[11]) + int(stat[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def watched(
    value: Callable[[], float], over: Callable[[], bool], *, seconds: float = 20 * PATIENCE
) -> dict[str, list[float]]:
    """``{"t": seconds since now, "y": values}`` until it is over."""
    began = time.monotonic()
    seen: dict[str, list[float]] = {"t": [], "y": []}
    while True:
        is_over = over()
        seen["t"].append(round(time.monotonic() - began, 2))
        seen["y"].append(value())
        if is_over:
            return seen
        assert seen["t"][-1] < seconds, seen["y"][-1]
        time.sleep(LOOK)
