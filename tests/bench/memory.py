"""How much memory something takes at most, in a fresh process on the same database."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import django


def peak_megabytes(function: str, *arguments: str | int) -> float:
    """The most that a process held which did nothing else: ``peak_megabytes("module:name", 1)``.

    Linux alone tells it.
    """
    told = subprocess.run(
        [sys.executable, "-m", "tests.bench.memory", function, json.dumps(arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return float(told.stdout)


def main() -> None:
    module, _, name = sys.argv[1].partition(":")
    django.setup()
    getattr(import_module(module), name)(*json.loads(sys.argv[2]))
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    print(int(kilobytes) / 1024)  # noqa: T201


if __name__ == "__main__":
    main()
