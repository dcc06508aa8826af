"""The changes that would help most: which are found, and what they say."""

from __future__ import annotations

import pytest
from builders import ALONE, PLAIN, SERIAL, group, key

from pytest_markersteal.core.suite import Demand
from pytest_markersteal.durations.history import Fixture
from pytest_markersteal.simulate.changes import Change, best_changes
from pytest_markersteal.simulate.curve import Cpu
from pytest_markersteal.simulate.workloads import Workload, workload_of

TINY_S = 0.01


def workload(
    *parts: tuple[int, float, Demand], fixtures_s: dict[Fixture, float] | None = None
) -> Workload:
    """Of each part, so many tests of so many seconds; a module has ten of them."""
    tests = [(seconds, demand) for number, seconds, demand in parts for _ in range(number)]
    ids = [f"tests/test_{test // 10}.py::test_{test}" for test in range(len(tests))]
    return workload_of(
        "a",
        {node_id: seconds for node_id, (seconds, _) in zip(ids, tests, strict=True)},
        fixtures_s or {},
        {node_id: demand for node_id, (_, demand) in zip(ids, tests, strict=True)},
    )


def check(change: Change, text: str, before_s: float, after_s: float) -> None:
    """To within a few per cent, as messages and chance take some time."""
    assert change.text == text
    assert change.before_s == pytest.approx(before_s, rel=0.03)
    assert change.after_s == pytest.approx(after_s, rel=0.03)


@pytest.mark.parametrize(
    ("demand", "before_s", "text"),
    [
        (key(), 10.0, "split key 'db' in two"),
        (SERIAL, 10.0, "unmark 10 serial tests, if they share nothing"),
        (ALONE, 12.5, "unmark 10 no_parallel tests, if they may run beside others"),
        (
            group("x"),
            10.0,
            "unmark 10 xdist_group tests, if those of a group may run on several workers",
        ),
    ],
)
def test_what_holds_the_run_up_is_the_first_change(
    demand: Demand, before_s: float, text: str
) -> None:
    """Ten seconds of tests that can't overlap, beside as many that can, on four workers."""
    first, *_ = best_changes(workload((10, 1.0, demand), (100, 0.1, PLAIN)), 4)
    check(first, text, before_s, 5.0)


def test_a_test_longer_than_the_rest_is_split() -> None:
    """And named, with what it takes."""
    first, second = best_changes(workload((1, 10.0, PLAIN), (100, 0.1, PLAIN)), 4)
    check(first, "split tests/test_0.py::test_0 (10.0 s) in two", 10.0, 5.0)
    assert str(second) == "4 workers are no faster than 2"


def test_a_fixture_of_many_modules_may_be_wider() -> None:
    """Set up once for each worker, it costs no more than that."""
    fixtures_s = {Fixture("module", f"tests/test_{n}.py", "app"): 2.0 for n in range(20)}
    slow = workload((200, 0.05, PLAIN), fixtures_s=fixtures_s)
    text = (
        "set up module fixture 'app' once for each worker instead of in 20 places, if those can "
        "share it"
    )
    check(best_changes(slow, 2, fixtures_s=fixtures_s)[0], text, 25.0, 7.0)
    assert not any("fixture" in change.text for change in best_changes(slow, 2))


def test_a_set_up_that_is_repeated_may_be_cheaper() -> None:
    """That of the place where repeating it takes longest."""
    fixtures_s = {Fixture("module", "tests/test_0.py", "app"): 4.0}
    changes = best_changes(workload((10, 2.0, PLAIN), fixtures_s=fixtures_s), 2)
    text = "halve the set-up of what tests/test_0.py shares (4.00 s, 2 times)"
    check(changes[1], text, 14.0, 12.0)


def test_more_workers_are_as_few_as_are_as_good() -> None:
    """Up to twice as many."""
    even = workload((12, 1.0, PLAIN))
    check(best_changes(even, 2)[0], "4 workers instead of 2", 6.0, 3.0)
    held = workload((3, 1.0, key()), (6, 1.0, PLAIN))
    check(best_changes(held, 2)[0], "3 workers instead of 2", 5.0, 3.0)


@pytest.mark.parametrize(
    ("workers", "said"),
    [
        (3, "6 workers would be no faster than 3"),
        (8, "8 workers are no faster than 3"),
    ],
)
def test_that_more_workers_would_not_help_is_a_statement(workers: int, said: str) -> None:
    """It comes last, without figures."""
    changes = best_changes(workload((3, 1.0, key()), (6, 1.0, PLAIN)), workers)
    assert str(changes[-1]) == said
    assert not changes[-1].gains
    assert all(change.gains for change in changes[:-1])


def test_cores_that_are_busy_need_no_more_workers() -> None:
    """What would help on more cores does not on these."""
    even = workload((12, 1.0, PLAIN))
    changes = best_changes(even, 4, Cpu(even.duration_s, cores=2))
    assert list(map(str, changes)) == ["4 workers are no faster than 2"]


def test_a_change_is_one_line() -> None:
    """What to do, and from how long to how long."""
    assert str(Change("split it", 84.0, 6.1)) == "split it: 84.0 s to 6.10 s"


def test_no_more_changes_than_asked_for() -> None:
    """The best of them, the best first."""
    slow = workload((5, 1.0, ALONE), (10, 1.0, key()), (1, 8.0, PLAIN), (40, 0.5, PLAIN))
    found = best_changes(slow, 4, count=4)
    assert [change.after_s for change in found] == sorted(change.after_s for change in found)
    assert best_changes(slow, 4, count=1) == found[:1]


@pytest.mark.parametrize("parts", [[], [(1, TINY_S, PLAIN)], [(5, TINY_S, SERIAL)]])
def test_too_little_to_gain_is_nothing_to_tell(parts: list[tuple[int, float, Demand]]) -> None:
    """Not even from a suite that could be twice as fast."""
    assert not any(change.gains for change in best_changes(workload(*parts), 4))


def test_a_change_gains_a_hundredth_and_a_moment() -> None:
    """Less of either is chance."""
    assert Change("x", 1.0, 0.95).gains
    assert not Change("x", 1.0, 0.96).gains
    assert Change("x", 100.0, 99.0).gains
    assert not Change("x", 100.0, 99.5).gains
