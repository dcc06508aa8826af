"""Orders in which each thing comes directly after each other one."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_markersteal.races.verify.designs import orders, square


@pytest.mark.parametrize("things", range(31))
def test_every_pair_is_adjacent(things: int) -> None:
    """In as many orders as there are things if they are even in number, else in twice as many."""
    rows = list(square(things))
    assert all(sorted(row) == list(range(things)) for row in rows)
    assert len(rows) == (0 if things < 2 else things * (1 + things % 2))
    adjacent = {pair for row in rows for pair in itertools.pairwise(row)}
    assert adjacent == set(itertools.permutations(range(things), 2))


@given(st.integers(0, 9), st.data())
def test_only_what_is_not_seen_is_covered(things: int, data: st.DataObject) -> None:
    """Every pair that was not seen is adjacent; nothing is in an order twice, or for nothing."""
    pairs = list(itertools.permutations(range(things), 2))
    seen = data.draw(st.sets(st.sampled_from(pairs))) if pairs else set()
    rows = list(orders(things, lambda *pair: pair in seen))
    adjacent = {pair for row in rows for pair in itertools.pairwise(row)}
    assert adjacent >= set(pairs) - seen
    for row in rows:
        assert len(set(row)) == len(row)
        assert set(itertools.pairwise(row)) - seen
