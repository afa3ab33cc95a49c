"""The cache, which holds nothing but the counts of who has tried how often.

Without Redis nobody is throttled for a while, but everybody still gets in: the codes themselves
stand three tries, whatever the cache knows.
"""

from functools import lru_cache
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

from compliance.breaker import Breaker


@lru_cache(maxsize=8)
def _breaker(server: str) -> Breaker:
    """One for all threads: each has a cache of its own, and would otherwise wait for itself."""
    return Breaker(RedisError, OSError, says="Redis does not answer. Nobody is throttled.")


class RedisOrNothing(RedisCache):
    """After a failure Redis is left alone for a while, so that not every request waits for it."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._redis = _breaker(server)

    def add(self, *args: Any, **kwargs: Any) -> bool:
        # True: whoever asked has the lock.
        return self._redis.ask(
            lambda: super(RedisOrNothing, self).add(*args, **kwargs), instead=True
        )

    def get(self, key: Any, default: Any = None, *args: Any, **kwargs: Any) -> Any:
        return self._redis.ask(
            lambda: super(RedisOrNothing, self).get(key, default, *args, **kwargs), instead=default
        )

    def set(self, *args: Any, **kwargs: Any) -> None:
        return self._redis.ask(
            lambda: super(RedisOrNothing, self).set(*args, **kwargs), instead=None
        )

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return self._redis.ask(
            lambda: super(RedisOrNothing, self).delete(*args, **kwargs), instead=False
        )
