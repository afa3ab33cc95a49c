"""One row in this process: ``python -m tests.bench.child P1 sqlite FOLDER``.

Its figures are written to ``FOLDER/figures.json``.
"""

import argparse
import json
import sys
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any

import django

from tests import servers
from tests.bench import rows
from tests.bench.row import Bench, CannotRun
from tests.bench.table import table

ROUNDS, SMOKE_ROUNDS = 7, 2


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.child", description=__doc__)
    parser.add_argument("row")
    parser.add_argument("database")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--smoke", action="store_true")
    given = parser.parse_args()
    django.setup()
    row = rows.every()[given.row]
    bench = Bench(
        database=given.database,
        folder=given.folder,
        rounds=SMOKE_ROUNDS if given.smoke else ROUNDS,
        smoke=given.smoke,
        say=say,
    )
    figures: list[dict[str, Any]] = []
    failure = ""
    try:
        for figure in row.run(bench, row.smoke if given.smoke else row.full):
            figures.append({"row": row.name, "database": given.database, **asdict(figure)})
            say(" ".join(table(figures[-1:]).splitlines()[2].split()))
    except (CannotRun, servers.Missing) as error:
        failure = f"skipped: {error}"
    except Exception as error:  # whatever it is, the other rows are to run
        traceback.print_exc(chain=False)
        failure = f"{type(error).__name__}: {error}".splitlines()[0]
    told = json.dumps({"figures": figures, "failure": failure})
    (given.folder / "figures.json").write_text(told, encoding="utf-8")
    return 0


def say(line: str) -> None:
    print(f"      {line}", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
