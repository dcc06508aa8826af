"""What coming to a test costs, and where sharing with another worker pays."""

from __future__ import annotations

import pytest
from builders import PLAIN, suite_of

from pytest_markersteal.core.estimates import Estimates
from pytest_markersteal.core.setups import REPEAT_PRICE_S, Setups
from pytest_markersteal.core.sharing import share
from pytest_markersteal.core.suite import Suite
from pytest_markersteal.distribution.input import suite_from
from pytest_markersteal.distribution.places import setups_from, setups_of
from pytest_markersteal.distribution.protocol import Catalog
from pytest_markersteal.durations.history import Fixture

NOTHING: dict[str, float] = {}


def two_classes(tests: int) -> Suite:
    """One module with two classes of equally many tests."""
    return suite_of([PLAIN] * tests, classes=[0] * (tests // 2) + [1] * (tests - tests // 2))


def test_coming_to_a_test_sets_up_what_the_last_one_does_not_share() -> None:
    """Of package, module and class, those that the worker is not in."""
    suite = suite_of([PLAIN] * 3, modules=[0, 0, 1], classes=[0, 1, 2])
    setups = Setups(suite, {("package", 0): 8.0, ("module", 0): 4.0, ("class", 0): 1.0})
    assert setups.entry(0, after=None) == (13.0, 3)
    assert setups.entry(0, after=0) == (0.0, 0)
    assert setups.entry(0, after=1) == (1.0, 1)
    assert setups.entry(0, after=2) == (5.0, 2)


def test_a_place_without_fixtures_is_known_once_a_test_of_it_ran() -> None:
    """Until then it may have some, and a second set-up has its price."""
    suite = suite_of([PLAIN] * 2, modules=[0, 1])
    setups = Setups(suite, seen=[1])
    assert setups.price_s("module", 0) == REPEAT_PRICE_S
    assert setups.price_s("module", 1) == 0
    setups.learn(0, NOTHING)
    assert setups.price_s("module", 0) == 0


def test_the_dearest_set_up_of_a_run_counts() -> None:
    """A test that used fewer of the fixtures does not make its place cheaper."""
    setups = Setups(suite_of([PLAIN] * 2))
    setups.learn(0, {"module": 2.0})
    setups.learn(1, {"module": 0.5})
    assert setups.of("module", 0) == 2.0


def cut(
    suite: Suite, setups_s: dict[tuple[str, int], float], test_s: float, wait_s: float = 0.0
) -> int:
    """How much of all tests of ``suite`` goes to a worker that comes from nowhere."""
    tests = range(len(suite))
    estimates = Estimates(suite, [test_s] * len(suite), setups_s)
    return share(tests, None, test_s * len(suite), None, estimates, wait_s)


def test_half_is_shared_where_nothing_is_set_up_twice() -> None:
    """Both workers are done at the same time."""
    assert cut(two_classes(8), {}, 0.01) == 4


def test_less_is_shared_with_who_has_to_wait_for_it() -> None:
    """Both are done at the same time all the same, unless all is done before."""
    assert cut(two_classes(8), {}, 1.0, wait_s=2.0) == 3
    assert cut(two_classes(8), {}, 1.0, wait_s=8.0) == 0


def test_nothing_is_shared_where_it_would_not_pay() -> None:
    """Neither for the seconds that a set-up takes, nor for the price of a second one."""
    assert cut(two_classes(8), {("module", 0): 9.0}, 1.0) == 0
    assert cut(two_classes(8), {("module", 0): 0.001}, 0.01) == 0


def test_a_dear_set_up_leaves_more_with_the_worker_that_has_it() -> None:
    """With V seconds to do and a set-up of s, the thief takes about (V - s) / 2."""
    assert cut(suite_of([PLAIN] * 100), {("module", 0): 2.0}, 0.1) == 40


def test_a_cut_falls_between_classes_where_that_is_nearly_as_good() -> None:
    """A class with fixtures is cut only if that gains more than the price of a second set-up."""
    classes = {("class", 0): 0.001, ("class", 1): 0.001}
    uneven = suite_of([PLAIN] * 9, classes=[0] * 4 + [1] * 5)
    assert cut(uneven, classes, 0.02) == 5
    lopsided = suite_of([PLAIN] * 20, classes=[0] * 2 + [1] * 18)
    assert cut(lopsided, classes, 1.0) == 10


def test_places_are_read_off_node_ids() -> None:
    """Fixtures are counted at the package, module or class that they were set up for."""
    ids = ["p/test_a.py::TestA::test_x[a::b]", "p/test_a.py::test_y", "test_b.py::test_z"]
    suite = suite_from(ids, Catalog(1, "", [[[], False, False, None]], [0, 0, 0], []), {})
    fixtures_s = {
        Fixture("package", "p", "one"): 1.0,
        Fixture("package", "p", "two"): 2.0,
        Fixture("module", "test_b.py", "three"): 4.0,
        Fixture("class", "p/test_a.py::TestA", "four"): 8.0,
        Fixture("class", "p/test_a.py::test_y", "its own"): 16.0,
        Fixture("session", "", "everybody's"): 32.0,
    }
    setups = Setups(suite, setups_from(ids, suite, fixtures_s))
    assert [setups.entry(test, None)[0] for test in range(3)] == [11.0, 3.0, 4.0]


@pytest.mark.parametrize(
    ("node_id", "expected"),
    [
        ("p/test_a.py::TestA::test_x", {"package": 1.0, "class": 8.0}),
        ("p/test_a.py::test_y", {"package": 1.0}),
    ],
)
def test_what_a_test_set_up_for_itself_is_not_shared(
    node_id: str, expected: dict[str, float]
) -> None:
    """A class-scoped fixture of a plain function is set up for that function alone."""
    fixtures = [
        ["package", "p", "one", 1.0],
        ["class", "p/test_a.py::TestA", "four", 8.0],
        ["class", "p/test_a.py::test_y", "its own", 16.0],
    ]
    assert setups_of(node_id, fixtures) == expected
