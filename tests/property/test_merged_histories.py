"""Durations merged where nobody is asked: the same whoever merges, and nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from known import families, histories

from pytest_markersteal.durations.format import decode, encode
from pytest_markersteal.durations.history import History
from pytest_markersteal.durations.merging import merge

Family = tuple[History, History, History]


@given(families, st.booleans())
def test_the_order_of_the_sides_makes_no_difference(family: Family, known: bool) -> None:
    """Whoever merges whom, the file has the same bytes, with or without a common base."""
    base, ours, theirs = family
    common = base if known else None
    assert encode(merge([ours, theirs], common)) == encode(merge([theirs, ours], common))


@given(families, st.integers(1, 4), st.booleans())
def test_what_is_merged_with_itself_stays(family: Family, times: int, known: bool) -> None:
    """However often; so a second merge of the same changes nothing."""
    base, ours, _ = family
    assert encode(merge([ours] * times, base if known else None)) == encode(ours)


@given(families)
def test_a_side_that_changed_nothing_leaves_all_to_the_other(family: Family) -> None:
    """Its additions, its changes, and what it dropped; but for the day, which is the newest."""
    base, ours, _ = family
    merged = merge([base, ours], base)
    assert merged.functions == ours.functions
    assert merged.fixtures == ours.fixtures
    assert merged.startups == ours.startups
    assert merged.written == max(base.written, ours.written)


@given(families)
def test_nothing_is_lost_that_only_one_side_has(family: Family) -> None:
    """Functions, tests with a value of their own, demands, fixtures and start-ups."""
    base, ours, theirs = family
    merged = merge([ours, theirs], base)
    for side, other in ((ours, theirs), (theirs, ours)):
        _assert_only(side.fixtures, other.fixtures, base.fixtures, merged.fixtures)
        _assert_only(side.startups, other.startups, base.startups, merged.startups)
        _assert_only(side.functions, other.functions, base.functions, merged.functions)
        for name in side.functions.keys() & other.functions.keys() - base.functions.keys():
            one, two, both = (known.functions[name] for known in (side, other, merged))
            _assert_only(one.own, two.own, {}, both.own)
            _assert_only(one.demands, two.demands, {}, both.demands)
            assert both.tests >= max(one.tests, two.tests, len(both.own))


@given(st.lists(histories, min_size=1, max_size=4))
def test_what_was_merged_can_be_written_and_read(sides: list[History]) -> None:
    """From any number of sides, and what comes back is written in the same bytes."""
    merged = encode(merge(sides))
    assert encode(decode(merged)) == merged


@given(families)
def test_a_merged_value_lies_between_those_of_the_sides(family: Family) -> None:
    """No merge makes a test longer or shorter than both sides say."""
    base, ours, theirs = family
    merged = merge([ours, theirs], base)
    for fixture in ours.fixtures.keys() & theirs.fixtures.keys():
        one, two = ours.fixtures[fixture], theirs.fixtures[fixture]
        assert min(one, two) <= merged.fixtures[fixture] <= max(one, two)
    for name in ours.functions.keys() & theirs.functions.keys():
        for one, two, both in zip(
            *(known.functions[name].shared for known in (ours, theirs, merged)), strict=True
        ):
            assert min(one, two) <= both <= max(one, two)


def _assert_only(
    side: Mapping[Any, Any],
    other: Mapping[Any, Any],
    base: Mapping[Any, Any],
    merged: Mapping[Any, Any],
) -> None:
    """What ``side`` alone has, and had not before, is in ``merged`` as it is."""
    for key in side.keys() - other.keys() - base.keys():
        assert merged[key] == side[key]
