"""Words that a list of many says again and again: put together once for each language."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

from django.utils.translation import get_language

P = ParamSpec("P")
T = TypeVar("T")
MOST = 4096


def kept(say: Callable[P, T]) -> Callable[P, T]:
    """For a function that depends on nothing but its arguments, which are few and hashable, and on
    the reader's language."""

    @lru_cache(maxsize=MOST)
    def once(language: str | None, *args: P.args, **kwargs: P.kwargs) -> T:
        return say(*args, **kwargs)

    @wraps(say)
    def said(*args: P.args, **kwargs: P.kwargs) -> T:
        return once(get_language(), *args, **kwargs)  # type: ignore[arg-type]

    return said
