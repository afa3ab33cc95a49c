"""Numbers that no two rows share."""

from itertools import count

numbers = count(1)


def sid(prefix: str) -> str:
    return f"{prefix}{next(numbers):032x}"
