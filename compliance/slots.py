"""How many calls an account has in flight, over all processes and machines together.

Twilio limits how many requests of an account it works on at a time, and says with a 429 that they
are too many; it names no number, so ours is a setting. The processes stand in one queue in Redis:
whose place is among the first so many may call, and leaves the queue after it. Nothing depends on
it but the pace. A process that dies leaves its place when the slowest call would have ended; and
without Redis each process keeps to the number by itself.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import Any
from uuid import uuid4

from django.conf import settings
from redis.exceptions import RedisError

from compliance.breaker import Breaker
from compliance.quick_redis import quick_redis

# Seconds between two looks of the next in the queue; those behind look less often.
LOOK = 0.005
LONGEST_LOOK = 0.1
# Seconds after which somebody who has stopped looking is not waited for.
WAITING = 2.0
# Seconds for which a 429 halves the number, and within which several are taken for one.
SLOWER = 60
AT_ONCE = 5

# A place is a member of two sorted sets: by arrival, and by when it is given up for dead. Redis'
# clock is the only one. Answers how many have to leave before it is this one's turn; below 0 it is.
LINE_UP = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
for _, dead in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now)) do
  redis.call('ZREM', KEYS[1], dead)
  redis.call('ZREM', KEYS[2], dead)
end
redis.call('ZADD', KEYS[1], 'NX', now, ARGV[1])
local limit = tonumber(redis.call('GET', KEYS[3]) or ARGV[2])
local before = redis.call('ZRANK', KEYS[1], ARGV[1]) - limit
redis.call('ZADD', KEYS[2], now + (before < 0 and ARGV[3] or ARGV[4]), ARGV[1])
return before
"""
SLOW_DOWN = """
if redis.call('TTL', KEYS[1]) > ARGV[2] - ARGV[3] then return end
local limit = tonumber(redis.call('GET', KEYS[1]) or ARGV[1])
redis.call('SET', KEYS[1], math.max(1, math.floor(limit / 2)), 'EX', ARGV[2])
"""

_shared = Breaker(
    RedisError,
    OSError,
    says="Redis does not answer. Each process counts no calls to Twilio but its own.",
)


class Busy(Exception):
    """So many calls are under way that this one could not be made in time; it was not made."""


class Slots:
    """Those of one account."""

    def __init__(self, account_sid: str) -> None:
        queue = f"portal:calls:{account_sid}"
        self._queue = (queue, f"{queue}:alive", f"{queue}:limit")
        self._here = threading.BoundedSemaphore(settings.TWILIO_MAX_CONCURRENCY)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Waits for it no longer than the lease of whoever calls can bear. Raises Busy."""
        give_up = time.monotonic() + _patience()
        if not self._here.acquire(timeout=_patience()):
            raise Busy
        try:
            if settings.REDIS_URL:
                with self._one_of_all(give_up):
                    yield
            else:
                yield
        finally:
            self._here.release()

    def slow_down(self) -> None:
        """After a 429: for a minute there are half as many, for everybody."""
        if settings.REDIS_URL:
            arguments = [settings.TWILIO_MAX_CONCURRENCY, SLOWER, AT_ONCE]
            self._run(SLOW_DOWN, self._queue[2:], arguments, instead=None)

    @contextmanager
    def _one_of_all(self, give_up: float) -> Iterator[None]:
        place = uuid4().hex
        arguments = [place, settings.TWILIO_MAX_CONCURRENCY, _slowest_call(), WAITING]
        try:
            while (before := self._run(LINE_UP, self._queue, arguments, instead=-1)) >= 0:
                if time.monotonic() >= give_up:
                    raise Busy
                time.sleep(min(LONGEST_LOOK, LOOK * (1 + before)))
            yield
        finally:
            self._leave(place)

    def _leave(self, place: str) -> None:
        def leave() -> None:
            with quick_redis(settings.REDIS_URL).pipeline() as pipeline:
                for line in self._queue[:2]:
                    pipeline.zrem(line, place)
                pipeline.execute()

        _shared.ask(leave, instead=None)

    def _run(
        self, script: str, keys: tuple[str, ...], arguments: list[Any], *, instead: Any
    ) -> Any:
        run = partial(_script(settings.REDIS_URL, script), keys=keys, args=arguments)
        return _shared.ask(run, instead=instead)


@lru_cache(maxsize=4)
def _script(url: str, text: str) -> Any:
    return quick_redis(url).register_script(text)


def _slowest_call() -> float:
    return float(settings.TWILIO_CONNECT_TIMEOUT + settings.TWILIO_READ_TIMEOUT)


def _patience() -> float:
    """In seconds: a call that only reads may be made twice, and each waits for its turn; the lease
    outlives all of it."""
    return max(0.0, (settings.LEASE.total_seconds() - 2 * _slowest_call()) / 2.5)
