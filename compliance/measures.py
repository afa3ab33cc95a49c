"""Counts to which every process adds: how often Twilio was called, what it said, how long it took.

They are kept where all processes see them: in a hash in Redis, or, without Redis, in the memory of
the one process that there is then. Not in the database: a write for each call would queue up behind
the one writer of SQLite, and what Prometheus makes of a count bears its loss. Not in Prometheus'
own files: they would need a disk that the worker and the web server share.
"""

import json
import threading
from collections import Counter
from collections.abc import Iterable
from functools import partial

from django.conf import settings
from redis.exceptions import RedisError

from compliance.breaker import Breaker
from compliance.quick_redis import quick_redis

HASH = "portal:measures"
# Of a call to Twilio, in seconds; the slowest is cut off by the timeouts.
BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0)

CALLS, SECONDS, BUCKET, REFUSALS = "calls", "seconds", "bucket", "refusals"
STRAYS = "strays"

# What is counted: (what, label, label, ...).
Name = tuple[str, ...]

_lock = threading.Lock()
_here: Counter[Name] = Counter()
_count = Breaker(RedisError, OSError, says="Redis does not answer. Nothing is counted.")


def note_call(operation: str, outcome: str, *, seconds: float, code: str = "") -> None:
    """One call to Twilio.

    :param outcome: ok, gone, refused, limit, credentials, server or connection.
    :param code: Twilio's number of the error, where it gave one.
    """
    amounts: list[tuple[Name, float]] = [
        ((CALLS, operation, outcome), 1),
        ((SECONDS, operation), seconds),
    ]
    fitting = next((bound for bound in BUCKETS if seconds <= bound), None)
    amounts.append(((BUCKET, operation, "+Inf" if fitting is None else str(fitting)), 1))
    if code:
        amounts.append(((REFUSALS, code), 1))
    add(amounts)


def note_stray(kind: str) -> None:
    """Something of ours was deleted at Twilio that nothing needed; ``kind`` is BU, IT, RD or AD."""
    add([((STRAYS, kind), 1)])


def add(amounts: Iterable[tuple[Name, float]]) -> None:
    """Never raises, and never waits for a Redis that did not answer a moment ago."""
    if not settings.REDIS_URL:
        with _lock:
            for name, amount in amounts:
                _here[name] += amount  # type: ignore[assignment]  # seconds are no whole numbers
        return
    _count.ask(partial(_add, list(amounts)), instead=None)


def _add(amounts: list[tuple[Name, float]]) -> None:
    with quick_redis(settings.REDIS_URL).pipeline(transaction=False) as pipeline:
        for name, amount in amounts:
            pipeline.hincrbyfloat(HASH, json.dumps(name), amount)
        pipeline.execute()


def read() -> dict[Name, float]:
    """Everything that was counted; nothing if Redis does not answer."""
    if not settings.REDIS_URL:
        with _lock:
            return dict(_here)
    try:
        found = quick_redis(settings.REDIS_URL).hgetall(HASH)
    except (RedisError, OSError):
        return {}
    return {tuple(json.loads(name)): float(amount) for name, amount in found.items()}


def forget() -> None:
    """For tests."""
    with _lock:
        _here.clear()
