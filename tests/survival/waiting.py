"""Waiting for a condition, however slow the machine is."""

import sys
import time
from collections.abc import Callable

import requests

from tests.serving import Portal

SECONDS = 120


def await_(condition: Callable[[], bool], *, every: float = 0.02) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(every)


def back(portal: Portal, after: str, *, token: str) -> None:
    """The timetable has spoken since, and a worker has worked: the same processes as before."""
    began = time.monotonic()

    def seen() -> bool:
        answer = requests.get(
            f"{portal.base_url}/readyz",
            headers={"Authorization": f"Bearer {token}"},
            timeout=SECONDS,
        )
        parts = answer.json().get("parts", {})
        ages = [parts.get(name, {}).get("age") for name in ("worker", "beat")]
        elapsed = time.monotonic() - began
        return all(age is not None and age < elapsed for age in ages)

    await_(seen, every=0.5)
    for name in ("worker", "timetable"):
        assert portal.processes[name].poll() is None, portal.log(name)[-3000:]
    say(f"{after}: worker and timetable work again after {time.monotonic() - began:.1f} s")


def say(figures: str) -> None:
    """Seen with ``pytest -s``."""
    sys.stdout.write(f"{figures}\n")
