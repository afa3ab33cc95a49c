"""What the figures were taken on."""

import os
import platform
import sqlite3
from importlib.metadata import version
from pathlib import Path

import psycopg

from tests import servers

PACKAGES = ("django", "celery", "twilio", "psycopg", "gunicorn")


def machine() -> dict[str, str]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cpu": _cpu(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{memory / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
        "sqlite": sqlite3.sqlite_version,
        "postgres": _postgres(),
    }


def _cpu() -> str:
    file = Path("/proc/cpuinfo")
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor()


def _postgres() -> str:
    try:
        with psycopg.connect(servers.postgres_url()) as connection:
            return str(connection.info.parameter_status("server_version"))
    except (servers.Missing, psycopg.Error):
        return "none"
