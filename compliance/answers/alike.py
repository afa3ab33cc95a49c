"""Whether two End-Users are the same person or company."""

from collections.abc import Collection

from compliance.requirements import Held

# What tells one person or company from another, wherever both sides have it.
IDENTITY = (
    "business_name",
    "business_registration_number",
    "first_name",
    "last_name",
    "birth_date",
)
# One of these has to be there and the same.
TELLING = (("business_name",), ("first_name", "last_name"))


def is_the_same(here: Held, there: Held, *, apart_from: Collection[str] = ()) -> bool:
    """Nothing that both have differs, and a name is among it. Case and spaces don't matter."""
    same = set()
    for name in IDENTITY:
        ours, theirs = _plain(here, name), _plain(there, name)
        if name in apart_from or not ours or not theirs:
            continue
        if ours != theirs:
            return False
        same.add(name)
    return any(same.issuperset(names) for names in TELLING)


def _plain(item: Held, name: str) -> str:
    return " ".join(str(item.attributes.get(name) or "").casefold().split())
