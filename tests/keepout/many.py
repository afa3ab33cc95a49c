"""Has many files inspected in one process, for starting one for each would take most of the time.

As a program, started by its path with that of the inspection: reads files from standard input, each
after its length, and says of each what was found.
"""

import importlib.util
import json
import struct
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIMIT = 5 * 1024 * 1024
CPU_SECONDS, SECONDS = 300, 900


@dataclass(frozen=True, kw_only=True)
class Found:
    verdict: dict[str, Any]
    kept: bytes

    @property
    def is_taken(self) -> bool:
        return "code" not in self.verdict


def inspected(files: Sequence[bytes]) -> list[Found]:
    """What is found in each.

    :raises subprocess.CalledProcessError: one has killed the process.
    """
    from portal.files import INSPECTION

    packed = b"".join(struct.pack("!L", len(data)) + data for data in files)
    answer = subprocess.run(
        [sys.executable, "-I", "-B", __file__, str(INSPECTION)],
        input=packed,
        stdout=subprocess.PIPE,
        # It can write no file, and this may be one.
        stderr=subprocess.DEVNULL,
        env={},
        timeout=SECONDS,
        check=True,
    ).stdout
    return list(_read(answer))


def _read(answer: bytes) -> Iterable[Found]:
    at = 0
    while at < len(answer):
        end = answer.index(b"\n", at)
        verdict = json.loads(answer[at:end])
        at = end + 1 + verdict.pop("size")
        yield Found(verdict=verdict, kept=answer[end + 1 : at])


def main(path: str) -> None:
    spec = importlib.util.spec_from_file_location("inspection", Path(path))
    assert spec is not None
    assert spec.loader is not None
    inspection = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(inspection)
    inspection.give_up_power(CPU_SECONDS)
    while head := sys.stdin.buffer.read(4):
        data = sys.stdin.buffer.read(*struct.unpack("!L", head))
        verdict, kept = (
            inspection.judged(lambda data=data: inspection.inspected(data, LIMIT))
            if data
            else ({"code": "empty", "detail": ""}, b"")
        )
        line = json.dumps({**verdict, "size": len(kept)}).encode()
        sys.stdout.buffer.write(line + b"\n" + kept)


if __name__ == "__main__":
    main(*sys.argv[1:])
