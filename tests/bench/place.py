"""Where a row runs: a process of its own, with a database of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compliance.sandbox import seed
from tests import servers, serving

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Outcome:
    """:param figures: each as the row gave it, with "row" and "database".
    :param failure: why there are no more; "" if all is well."""

    figures: list[dict[str, Any]]
    failure: str = ""


def run(name: str, database: str, folder: Path, *, smoke: bool) -> Outcome:
    """The row on this database. What it says goes to the standard error.

    :raises servers.Missing: this machine has no such server.
    """
    folder.mkdir(parents=True)
    url = serving.fresh_database(database, folder) if database else ""
    answer = folder / "figures.json"
    command = [sys.executable, "-m", "tests.bench.child", name, database, str(folder)]
    try:
        ended = subprocess.run(
            [*command, *(["--smoke"] if smoke else [])],
            cwd=ROOT,
            env=environment(url),
            stdout=sys.stderr,
            check=False,
        )
    finally:
        serving.drop_database(url)
    told = json.loads(answer.read_text(encoding="utf-8")) if answer.exists() else {}
    failure = told.get("failure") or (f"ended with {ended.returncode}" if ended.returncode else "")
    return Outcome(told.get("figures", []), failure)


def environment(url: str) -> dict[str, str]:
    """Of an installation that has Twilio's credentials and calls nobody.

    PostgreSQL and Redis that run already are named, for rows that start portals of their own.
    """
    given = ("PATH", "HOME", "LANG", "TEST_DATABASE_URL", "TEST_REDIS_URL", "CI")
    return {
        **{name: os.environ[name] for name in given if name in os.environ},
        "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
        "SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests-only-for-tests",
        "ENCRYPTION_KEYS": "4DXYp5oKAJY0MKgAHYI4lgTCk4NWULPtDPpzZDPGb-c=",
        "PUBLIC_URL": "http://localhost:8000",
        "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
        "EMAIL_URL": "memorymail://",
        "STAFF_SECOND_FACTOR": "false",
        "LOG_LEVEL": "ERROR",
        "TWILIO_ACCOUNT_SID": seed.ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": seed.AUTH_TOKEN,
        "DATABASE_URL": url or "sqlite:///:memory:",
        "REDIS_URL": "",
    }


def start_servers() -> None:
    """Once for all rows; what this machine lacks is told by the row that needs it."""
    for name, start in (
        ("TEST_DATABASE_URL", servers.postgres_url),
        ("TEST_REDIS_URL", servers.redis_url),
    ):
        try:
            os.environ[name] = start()
        except servers.Missing:
            continue
