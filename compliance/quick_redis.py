"""The connection to Redis for what is worth asking only if it answers at once. Behind a breaker,
whoever asks waits a second for a Redis that is away, and only once in a while."""

from functools import lru_cache

from redis import Redis


@lru_cache(maxsize=2)
def quick_redis(url: str) -> "Redis":
    return Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)
