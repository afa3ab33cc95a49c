"""The smallest set of documents, held against trying everything."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from compliance.requirements.cover import smallest_cover

TYPES = st.sampled_from("abcdefg")
WANTED = st.lists(st.lists(TYPES, min_size=1, max_size=4, unique=True), min_size=1, max_size=6)


@given(WANTED)
def test_every_requirement_gets_a_type_that_it_accepts(wanted: list[list[str]]) -> None:
    for type_, types in zip(smallest_cover(wanted), wanted, strict=True):
        assert type_ in types


@given(WANTED)
def test_no_smaller_set_would_do(wanted: list[list[str]]) -> None:
    chosen = set(smallest_cover(wanted))
    every = sorted({type_ for types in wanted for type_ in types})
    fewer = combinations(every, len(chosen) - 1)
    if len(chosen) <= 3:
        assert not any(all(set(types) & set(some) for types in wanted) for some in fewer)


def test_what_accepts_nothing_gets_nothing() -> None:
    assert smallest_cover([[], ["a"]]) == ["", "a"]


def test_a_choice_holds_even_where_fewer_documents_would_do() -> None:
    assert smallest_cover([["a", "b"], ["b"]], pinned={0: "a"}) == ["a", "b"]
