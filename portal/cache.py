"""The cache, which holds nothing but the counts of who has tried how often.

Without Redis nobody is throttled for a while, but everybody still gets in: the codes themselves
stand three tries, whatever the cache knows.
"""

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

LEFT_ALONE_SECONDS = 30
Answer = TypeVar("Answer")


class RedisOrNothing(RedisCache):
    """After a failure Redis is left alone for a while, so that not every request waits for it."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._left_alone_until = 0.0

    def add(self, *args: Any, **kwargs: Any) -> bool:
        # True: whoever asked has the lock.
        return self._try(lambda: super(RedisOrNothing, self).add(*args, **kwargs), True)

    def get(self, key: Any, default: Any = None, *args: Any, **kwargs: Any) -> Any:
        return self._try(
            lambda: super(RedisOrNothing, self).get(key, default, *args, **kwargs), default
        )

    def set(self, *args: Any, **kwargs: Any) -> None:
        return self._try(lambda: super(RedisOrNothing, self).set(*args, **kwargs), None)

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return self._try(lambda: super(RedisOrNothing, self).delete(*args, **kwargs), False)

    def _try(self, ask: Callable[[], Answer], instead: Answer) -> Answer:
        if time.monotonic() < self._left_alone_until:
            return instead
        try:
            return ask()
        except (RedisError, OSError) as error:
            logger.warning("Redis does not answer (%s). Nobody is throttled.", error)
            self._left_alone_until = time.monotonic() + LEFT_ALONE_SECONDS
            return instead
