"""The floor, on suites whose floor can be told by hand."""

from __future__ import annotations

import pytest
from builders import ALONE, PLAIN, SERIAL, group, key, suite_of

from pytest_markersteal.core.floor import Floor, floor_of
from pytest_markersteal.core.setups import Setups
from pytest_markersteal.core.suite import Claim, Demand, Mode, Suite


def floor(
    suite: Suite, seconds: list[float], workers: int, setups_s: dict[int, float] | None = None
) -> Floor:
    setups = Setups(suite, {("module", module): s for module, s in (setups_s or {}).items()})
    return floor_of(suite, range(len(suite)), seconds.__getitem__, setups, workers)


def test_even_work_is_spread() -> None:
    """Eight seconds of small tests on four workers take two."""
    found = floor(suite_of([PLAIN] * 8), [1.0] * 8, 4)
    assert found.total_s == pytest.approx(2.0)
    assert found.limit.kind == "work"


def test_the_longest_test_is_a_floor() -> None:
    """No schedule beats the longest test and its module's set-up."""
    found = floor(suite_of([PLAIN] * 3), [1.0, 9.0, 1.0], 4, {0: 0.5})
    assert found.total_s == pytest.approx(9.5)
    assert (found.limit.kind, found.limit.test) == ("test", 1)


def test_a_chain_is_a_floor() -> None:
    """Writers of a key run one after another, and its longest reader beside none of them."""
    suite = suite_of([key(), key(), key(mode=Mode.READ), key(mode=Mode.READ), PLAIN])
    found = floor(suite, [3.0, 4.0, 1.0, 2.0, 5.0], 4)
    assert found.total_s == pytest.approx(9.0)
    assert (found.limit.kind, found.limit.name, found.limit.tests) == ("key", "db", 4)


def test_more_long_tests_than_workers_share_one() -> None:
    """Three tests on two workers: one worker runs two of them, at least the two shortest."""
    found = floor(suite_of([PLAIN] * 3), [5.0, 4.0, 3.0], 2)
    assert found.total_s == pytest.approx(7.0)
    assert (found.limit.kind, found.limit.tests) == ("tests", 3)


def test_set_ups_that_only_a_chain_needs_are_in_the_chain() -> None:
    """A module all of whose tests claim a key is set up while the key is held."""
    suite = suite_of([key(), key(), key(), PLAIN], modules=[0, 0, 1, 1])
    found = floor(suite, [1.0] * 4, 4, {0: 0.5, 1: 9.0})
    assert found.limit.kind == "test", "module 1 may be set up beside the chain"
    found = floor(suite, [1.0, 1.0, 10.0, 0.1], 4, {0: 0.5, 1: 0.5})
    assert found.total_s == pytest.approx(12.5)


def test_what_only_no_parallel_tests_share_is_set_up_alone() -> None:
    """The set-up of a module without other tests adds to what runs alone."""
    suite = suite_of([ALONE, PLAIN, PLAIN], modules=[0, 1, 1])
    assert floor(suite, [1.0, 2.0, 2.0], 2, {0: 0.5}).total_s == pytest.approx(3.5)


def test_readers_that_write_another_key_follow_each_other() -> None:
    """Readers of a key that all write a second one can't overlap, nor with the first's writers."""
    reader = Demand((Claim("cache"), Claim("db", Mode.READ)))
    found = floor(suite_of([key(), reader, reader]), [1.0, 2.0, 3.0], 4)
    assert found.total_s == pytest.approx(6.0)
    assert found.limit.name == "db"


def test_units_share_a_chain() -> None:
    """Two of four units for ten seconds are five seconds of the key."""
    suite = suite_of([key(units=2)] * 4, capacities={"db": 4})
    assert floor(suite, [5.0] * 4, 8).total_s == pytest.approx(10.0)


def test_no_parallel_time_comes_on_top() -> None:
    """What runs alone adds to what runs in parallel, and is named when it is the larger part."""
    found = floor(suite_of([ALONE, ALONE, PLAIN, PLAIN]), [4.0, 3.0, 2.0, 2.0], 2)
    assert found.total_s == pytest.approx(9.0)
    assert found.exclusive_s == pytest.approx(7.0)
    assert (found.limit.kind, found.limit.tests, found.limit.test) == ("no_parallel", 2, 0)


@pytest.mark.parametrize(("demand", "kind"), [(SERIAL, "serial"), (group("x"), "group")])
def test_tests_of_one_home_are_a_chain(demand: object, kind: str) -> None:
    """The serial tests, and those of a group, are on one worker."""
    found = floor(suite_of([demand] * 3 + [PLAIN]), [2.0, 2.0, 2.0, 1.0], 4)  # type: ignore[list-item]
    assert found.total_s == pytest.approx(6.0)
    assert found.limit.kind == kind


def test_spreading_a_module_pays_its_set_up_again() -> None:
    """Ten seconds with a set-up of one on two workers: two set-ups, six seconds."""
    found = floor(suite_of([PLAIN] * 100), [0.1] * 100, 2, {0: 1.0})
    assert found.total_s == pytest.approx(6.0, abs=0.01)


def test_with_one_worker_all_is_work() -> None:
    """One worker runs everything, whatever the marks."""
    found = floor(suite_of([ALONE, key(), PLAIN]), [1.0, 2.0, 3.0], 1)
    assert found.total_s == pytest.approx(6.0)
    assert found.exclusive_s == 0
