"""Collections of different workers, mapped onto each other."""

from __future__ import annotations

from pytest_markersteal.distribution.collection import Numbering, difference


def test_equal_order_needs_no_map() -> None:
    """The usual case costs nothing."""
    numbering = Numbering(["a", "b"], ["a", "b"])
    assert [numbering.to_run(n) for n in range(2)] == [0, 1]
    assert [numbering.to_worker(n) for n in range(2)] == [0, 1]


def test_another_order_is_mapped_both_ways() -> None:
    """The worker's first test is the run's third."""
    numbering = Numbering(["a", "b", "c"], ["c", "a", "b"])
    assert [numbering.to_run(n) for n in range(3)] == [2, 0, 1]
    assert [numbering.to_worker(numbering.to_run(n)) for n in range(3)] == [0, 1, 2]


def test_a_node_id_that_occurs_twice_is_two_tests() -> None:
    """Occurrences are paired in order."""
    numbering = Numbering(["a", "b", "a"], ["b", "a", "a"])
    assert [numbering.to_run(n) for n in range(3)] == [1, 0, 2]


def test_the_same_tests_in_another_order_are_no_difference() -> None:
    """Only the sets are compared, with how often each occurs."""
    assert difference(["a", "b"], ["b", "a"], "gw0", "gw1") is None
    assert difference(["a", "a"], ["a"], "gw0", "gw1") is not None


def test_a_difference_is_listed_by_worker() -> None:
    """The message says which tests only one of the two has, and what to look for."""
    run = [f"t{n:02}" for n in range(30)]
    told = difference(run, ["t00", "new"], "gw0", "gw1")
    assert told is not None
    assert "Only on gw0 (29):\n  t01\n" in told
    assert "... and 19 more" in told
    assert "Only on gw1 (1):\n  new\n" in told
    assert "random values" in told
