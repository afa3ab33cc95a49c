"""Every check and every test: what ``make test`` runs.

Each says its name, what it finds and how long it took. One that fails does not keep the next from
running; the end tells what failed. What this machine can't run is skipped with the reason, or fails
if the variable ``CI`` is set.

The tests run in two lanes at once, and each line of theirs says which it comes from: browsers and
whole portals wait more than they compute.
"""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests import browsers, messages, production, servers

ROOT = Path(__file__).resolve().parent.parent
OK, SKIPPED, FAILED = "ok", "skipped", "FAILED"
# Nothing may look for the database that is named there.
PRODUCTION = {**production.ENVIRONMENT, "DATABASE_URL": "sqlite:///:memory:"}


@dataclass
class Result:
    name: str
    verdict: str
    seconds: float
    last_line: str
    # One line for each test that failed, if only at its first try.
    broken: list[str] = field(default_factory=list)


def main() -> int:
    os.chdir(ROOT)
    results = [ensure_browser(), ensure_gettext(), ensure_systemd()]
    results += [run(name, *command, env=PRODUCTION) for name, *command in CHECKS]
    results.append(run("templates: djade", *djade()))
    with ThreadPoolExecutor(len(LANES)) as lanes:
        for found in lanes.map(lambda lane: [test() for test in lane], LANES):
            results += found
    return report(results)


PYTHON = (sys.executable, "-m")
MANAGE = (sys.executable, "manage.py")
PYTEST = (*PYTHON, "pytest", "-q", "--durations=10", "--rerun-show-tracebacks")
CHECKS: list[tuple[str, ...]] = [
    ("format: ruff", *PYTHON, "ruff", "format", "--check"),
    ("lint: ruff", *PYTHON, "ruff", "check"),
    ("types: mypy", *PYTHON, "mypy", "portal", "compliance"),
    ("migrations are complete", *MANAGE, "makemigrations", "--check", "--dry-run"),
    ("configuration for production", *MANAGE, "check", "--deploy", "--fail-level", "WARNING"),
]


def djade() -> tuple[str, ...]:
    templates = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("templates/**/*.html"))
    return str(Path(sys.executable).with_name("djade")), "--check", *templates


def on_sqlite() -> Result:
    return tests(
        "tests on SQLite with the embedded broker",
        "not (browser or processes or story)",
        lane="sqlite",
        env={**given_servers(), **LOCAL},
    )


def in_browsers() -> Result:
    """With whole portals, which have databases and brokers of their own."""
    return tests(
        "tests in browsers and of whole portals",
        "browser or processes or story",
        lane="portals",
        env={**given_servers(), **LOCAL},
    )


def on_postgres_and_redis() -> Result:
    """Of the tests that start whole portals only the stories, which run on what the tests run on;
    of the others what has to do with a database."""
    name = "tests on PostgreSQL with Redis"
    os.environ.update(given_servers())
    try:
        postgres, redis = servers.postgres_url(), servers.redis_url()
    except servers.Missing as missing:
        return cannot_run(name, str(missing))
    env = {
        "TEST_DATABASE_URL": postgres,
        "TEST_REDIS_URL": redis,
        "DATABASE_URL": postgres,
        "REDIS_URL": redis,
    }
    chosen = "story or (database and not (browser or processes))"
    return tests(name, chosen, lane="postgres", env=env)


LANES: list[list[Callable[[], Result]]] = [[on_sqlite, on_postgres_and_redis], [in_browsers]]
LOCAL = {"DATABASE_URL": "sqlite:///:memory:", "REDIS_URL": ""}


def given_servers() -> dict[str, str]:
    """Servers that the caller named are used, and only asked for databases of the tests' own."""
    database = os.environ.get("DATABASE_URL", "")
    return {
        name: value
        for name, value in {
            "TEST_DATABASE_URL": database if database.startswith("postgres") else "",
            "TEST_REDIS_URL": os.environ.get("REDIS_URL", ""),
        }.items()
        if value
    }


def tests(name: str, chosen: str, *, lane: str, env: dict[str, str]) -> Result:
    return run(name, *PYTEST, "-m", chosen, env=env, lane=lane)


def ensure_browser() -> Result:
    name = "a browser for the tests"
    try:
        return Result(name, OK, 0, browsers.chromium())
    except servers.Missing as missing:
        return install("chromium", name, str(missing))


def ensure_gettext() -> Result:
    """Only the test that collects what is to be translated needs it."""
    name = "gettext for the tests"
    absent = messages.absent()
    return install("gettext", name, absent) if absent else Result(name, OK, 0, "installed")


def ensure_systemd() -> Result:
    """Only the test that reads the units needs it, and no systemd has to run."""
    name = "systemd-analyze for the tests"
    if shutil.which("systemd-analyze"):
        return Result(name, OK, 0, "installed")
    return install("systemd", name, "systemd-analyze is not installed")


def install(package: str, name: str, missing: str) -> Result:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return cannot_run(name, missing)
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get update", "apt-get", "-qq", "update", env=quiet)
    return run(name, "apt-get", "-qq", "install", "--yes", package, env=quiet)


def run(name: str, *command: str, env: dict[str, str] | None = None, lane: str = "") -> Result:
    """Run a command and show what it prints while it does."""
    headline(name)
    began = time.monotonic()
    last_line, broken = "", []
    with subprocess.Popen(
        command,
        env={**os.environ, **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            say(f"{lane}| {line.rstrip()}" if lane else line.rstrip())
            last_line = line.strip() or last_line
            if line.startswith(("FAILED tests/", "ERROR tests/", "RERUN tests/")):
                broken.append(line.strip())
    seconds = time.monotonic() - began
    verdict = FAILED if process.returncode else OK
    return shown(Result(name, verdict, seconds, last_line, broken))


def cannot_run(name: str, reason: str) -> Result:
    headline(name)
    say(reason)
    return shown(Result(name, FAILED if os.environ.get("CI") else SKIPPED, 0, reason))


def say(line: str) -> None:
    with ONE_LINE_AT_A_TIME:
        print(line, flush=True)


ONE_LINE_AT_A_TIME = threading.Lock()


def headline(name: str) -> None:
    say(f"\n--- {name}")


def shown(result: Result) -> Result:
    say(f"--- {result.name}: {result.verdict} after {result.seconds:.0f} s")
    return result


LINE = 400  # characters of what a failing test says that the end repeats


def report(results: list[Result]) -> int:
    print("\n=== In all")
    for result in results:
        print(f"{result.verdict:8} {result.seconds:4.0f} s  {result.name}")
        if result.name.startswith("tests on") or result.verdict != OK:
            print(f"                 {result.last_line}")
        for line in result.broken:
            print(f"                 {line[:LINE]}")
    failed = [result.name for result in results if result.verdict == FAILED]
    print(f"\nFailed: {', '.join(failed)}." if failed else "\nEverything is fine.")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\nEnded before the end.")
