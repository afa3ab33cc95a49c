"""The smallest set of documents that satisfies what is open."""

from collections.abc import Mapping, Sequence
from itertools import combinations

# Beyond this many, trying every combination of document types is no longer instant.
EXACT_UP_TO = 3


def smallest_cover(
    wanted: Sequence[Sequence[str]], *, pinned: Mapping[int, str] | None = None
) -> list[str]:
    """For each requirement the document type chosen for it, with as few types as possible.

    ``wanted[i]`` are the types that requirement i accepts, best first. ``pinned`` maps a
    requirement's index to the type that the customer has chosen for it. Among sets of the same size
    the one with the types that stand earlier in the lists wins. A requirement that accepts nothing
    gets "".
    """
    pinned = pinned or {}
    accepted = [
        (pinned[i],) if i in pinned and pinned[i] in types else tuple(types)
        for i, types in enumerate(wanted)
    ]
    open_ = [types for types in accepted if types]
    candidates = list(dict.fromkeys(type_ for types in open_ for type_ in types))
    for size in range(1, min(EXACT_UP_TO, len(candidates)) + 1):
        covers = [
            chosen
            for chosen in combinations(candidates, size)
            if all(set(types) & set(chosen) for types in open_)
        ]
        if covers:
            best = min(covers, key=lambda chosen: _late(chosen, open_))
            return _assign(best, accepted)
    return _assign(_greedy(candidates, open_), accepted)


def _greedy(candidates: Sequence[str], open_: Sequence[Sequence[str]]) -> list[str]:
    chosen: list[str] = []
    left = list(open_)
    while left:
        best = max(candidates, key=lambda type_: sum(type_ in types for types in left))
        chosen.append(best)
        left = [types for types in left if best not in types]
    return chosen


def _late(chosen: Sequence[str], open_: Sequence[Sequence[str]]) -> int:
    return sum(
        min(list(types).index(type_) for type_ in chosen if type_ in types) for types in open_
    )


def _assign(chosen: Sequence[str], accepted: Sequence[Sequence[str]]) -> list[str]:
    reach = {type_: sum(type_ in types for types in accepted) for type_ in chosen}
    return [
        max((type_ for type_ in chosen if type_ in types), key=lambda t: reach[t], default="")
        for types in accepted
    ]
