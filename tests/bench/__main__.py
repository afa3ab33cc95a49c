"""Measures the portal, and prints one table.

``python -m tests.bench`` takes every row, ``python -m tests.bench P1 P4 --json figures.json`` some.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import django

from tests import servers
from tests.bench import place, rows
from tests.bench.machine import machine
from tests.bench.row import BOTH, NONE
from tests.bench.table import table


def main() -> int:
    os.environ.update(place.environment(""))
    django.setup()
    known = rows.every()
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(known))
    parser.add_argument("--json", type=Path, help="file for the raw figures")
    parser.add_argument("--database", choices=BOTH, help="only on this one")
    parser.add_argument("--smoke", action="store_true", help="tiny, for its answers alone")
    given = parser.parse_args()
    unknown = [name for name in given.rows if name not in known]
    if unknown:
        parser.error(f"no such row: {', '.join(unknown)}. There are: {', '.join(known)}")
    place.start_servers()
    figures: list[dict[str, Any]] = []
    failures: list[str] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for name in given.rows or known:
            for database in known[name].databases:
                if given.database and database not in (*NONE, given.database):
                    continue
                label = f"{name} {database}".strip()
                say(f"--- {label}: {known[name].title}")
                outcome = measured(name, database, Path(folder) / label.replace(" ", "-"), given)
                figures += outcome.figures
                if outcome.failure:
                    say(f"      {outcome.failure}")
                    failures.append(f"{label}: {outcome.failure}")
    here = machine()
    say("")
    print(table(figures))  # noqa: T201
    print("\n" + ", ".join(f"{name} {value}" for name, value in here.items()))  # noqa: T201
    print("\n".join(failures))  # noqa: T201
    if given.json:
        told = {"machine": here, "figures": figures, "failures": failures}
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(json.dumps(told, indent=1), encoding="utf-8")
    return 1 if any("skipped: " not in failure for failure in failures) else 0


def measured(name: str, database: str, folder: Path, given: argparse.Namespace) -> place.Outcome:
    try:
        return place.run(name, database, folder, smoke=given.smoke)
    except servers.Missing as missing:
        return place.Outcome([], f"skipped: {missing}")


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
