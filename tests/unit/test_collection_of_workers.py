"""Collections of different workers, mapped onto each other."""

from __future__ import annotations

import pytest

from pytest_markersteal.distribution.collection import Numbering, difference, other_marks
from pytest_markersteal.distribution.input import suite_from
from pytest_markersteal.distribution.protocol import Catalog


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


@pytest.mark.parametrize(("run", "worker", "empty"), [(["a", "b"], [], "gw1"), ([], ["a"], "gw0")])
def test_a_worker_without_tests_has_no_project(
    run: list[str], worker: list[str], empty: str
) -> None:
    """To list all that it lacks would lead to another cause."""
    told = difference(run, worker, "gw0", "gw1")
    assert told is not None
    assert told.startswith(f"Worker {empty} collected no tests, and gw")
    assert "Is the project where that worker runs?" in told
    assert "random" not in told


def test_other_marks_for_the_same_tests_are_told() -> None:
    """By node id, whatever the order in which each worker has them."""
    serial, plain = [[], False, True, None], [[], False, False, None]
    run = Catalog(1, "0", [serial, plain], [0, 1, 1], [])
    suite = suite_from(["a", "b", "c"], run, {})
    same = Catalog(1, "0", [plain, serial], [0, 1, 0], [])
    assert other_marks(["a", "b", "c"], suite, ["c", "a", "b"], same, "gw0", "gw1") is None
    told = other_marks(["a", "b", "c"], suite, ["a", "c", "b"], same, "gw0", "gw1")
    assert told is not None
    assert "different marks for 2 of their tests" in told
    assert "\n  a\n  c\n" in told
