"""Puts the whole product under fire, and prints the figures.

``python -m tests.chaos --renewals 2000 --database postgres --broker redis --json figures.json``
"""

import argparse
import json
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from threading import Event

from tests import servers
from tests.chaos.judge import Verdict
from tests.chaos.run import NeverEnded, Options, folder_in_memory, run

FAILURES_SHOWN = 40


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    defaults = Options()
    parser.add_argument("--renewals", type=int, default=2000)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default=defaults.database)
    parser.add_argument("--broker", choices=("embedded", "redis"), default=defaults.broker)
    parser.add_argument("--share", type=float, default=0.3, help="of the calls that go wrong")
    parser.add_argument("--kills", type=int, default=10, help="at each point")
    parser.add_argument("--span", type=float, default=2.0, help="seconds with two kills at most")
    parser.add_argument("--server-kills", type=int, default=5, help="of each server, if there are")
    parser.add_argument("--window", type=int, default=defaults.window, help="renewals at once")
    parser.add_argument("--seconds", type=float, help="after which no more renewals begin")
    parser.add_argument("--deadline", type=float, default=4 * 3600, help="seconds")
    parser.add_argument("--no-guards", dest="guards", action="store_false", help="must fail")
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--folder", type=Path, help="keeps the logs; none: they are dropped")
    given = vars(parser.parse_args())
    file, folder = given.pop("json"), given.pop("folder")
    with folder_in_memory() as memory:
        place = folder or memory
        place.mkdir(parents=True, exist_ok=True)
        try:
            verdict = run(Options(**given), place, say=say, enough=when_asked())
        except (servers.Missing, NeverEnded) as error:
            say(f"{type(error).__name__}: {error}")
            return 1
    say(table(verdict))
    if file:
        file.write_text(json.dumps(asdict(verdict), indent=2), encoding="utf-8")
    return 1 if verdict.failures else 0


def when_asked() -> Callable[[], bool]:
    """Whether somebody has pressed Ctrl-C. Once it ends the run in order, twice at once."""
    asked = Event()

    def ask(_signal: int, _frame: object) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        say("No more renewals begin. Ctrl-C once more ends the run at once.")

    signal.signal(signal.SIGINT, ask)
    return asked.is_set


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def table(verdict: Verdict) -> str:
    options = verdict.run
    strays = ", ".join(f"{n} {what}" for what, n in verdict.strays.items()) or "0"
    rows = [
        ("on", f"{options['database']}, {options['broker']} broker, guards {options['guards']}"),
        ("renewals", str(verdict.renewals)),
        ("completed", str(verdict.completed)),
        ("waiting for support", told(verdict.waiting)),
        ("support tried again", told(verdict.helped)),
        ("calls to Twilio", str(verdict.calls)),
        ("of them faulty", f"{sum(verdict.faults.values())}: {told(verdict.faults)}"),
        ("kills", f"{sum(verdict.kills.values())} at {len(verdict.kills)} points"),
        ("kills of", told(verdict.kills_by_role)),
        ("duplicates", told(verdict.duplicates)),
        ("strays", strays),
        ("answers saved", f"{verdict.saved}, {verdict.files} files on record"),
        ("on pages", told(verdict.pages)),
        ("lost", str(verdict.lost)),
        (
            "resumed",
            f"{verdict.resumed}: median {verdict.resume_median} s, longest {verdict.resume_max} s",
        ),
        ("took", f"{verdict.seconds} s"),
    ]
    lines = [f"{name:20} {value}" for name, value in rows]
    lines += ["", *(f"{count:6}  {point}" for point, count in verdict.kills.items()), ""]
    lines += verdict.failures[:FAILURES_SHOWN] or ["Nothing was lost, and nothing done twice."]
    return "\n".join(lines)


def told(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"


if __name__ == "__main__":
    sys.exit(main())
