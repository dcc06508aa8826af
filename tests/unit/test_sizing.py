"""How many workers pay, on small suites whose answer can be told by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from builders import ALONE, PLAIN, key, suite_of

from pytest_markersteal.core.floor import floor_of
from pytest_markersteal.core.setups import Setups
from pytest_markersteal.core.sizing import Costs, Sizing, Why, size
from pytest_markersteal.core.suite import Demand

LAUNCH_S, READY_S = 0.04, 0.4


def costs_of(tests_s: float, busy: float = 1.0, reports_s: float = 0.0) -> Costs:
    return Costs(LAUNCH_S, READY_S, tests_s, tests_s * busy, reports_s, 1 - busy)


def floor_for(demands: list[Demand], seconds: list[float]) -> Callable[[int], float]:
    suite = suite_of(demands)
    return lambda n: (
        floor_of(suite, range(len(suite)), seconds.__getitem__, Setups(suite), n).total_s
    )


def sized(
    seconds: list[float],
    demands: list[Demand] | None = None,
    busy: float = 1.0,
    cores: int = 16,
    most: int = 32,
) -> Sizing:
    floor_s = floor_for(demands or [PLAIN] * len(seconds), seconds)
    return size(costs_of(sum(seconds), busy), floor_s, cores, cores, most)


def test_few_quick_tests_start_few_workers() -> None:
    """30 tests of 10 ms: start-ups of 40 ms each soon cost more than they save."""
    found = sized([0.01] * 30)
    assert found.chosen.workers == 2
    assert found.why is Why.STARTUP
    assert found.chosen.total_s < found.usual.total_s
    assert found.usual.workers == 16


def test_much_work_starts_one_for_each_core() -> None:
    """Ten minutes are worth every core."""
    found = sized([0.5] * 1200)
    assert found.chosen == found.usual
    assert found.chosen.workers == 16
    assert found.why is Why.CORES


def test_a_chain_of_half_of_the_work_starts_two_workers() -> None:
    """One works at the chain, the other at the rest."""
    found = sized([1.0] * 200, [key()] * 100 + [PLAIN] * 100)
    assert found.chosen.workers == 2
    assert found.chosen.run_s == pytest.approx(100)
    assert found.why is Why.LIMIT


def test_what_runs_alone_leaves_less_for_others() -> None:
    """Only the other half of the work is the faster for more workers."""
    found = sized([1.0] * 200, [ALONE] * 100 + [PLAIN] * 100)
    assert 8 < found.chosen.workers < 16
    assert found.usual.run_s == pytest.approx(100 + 100 / 16, abs=1)


def test_one_test_of_half_of_the_work_starts_two_workers() -> None:
    """A single test can't be cut."""
    found = sized([100.0] + [1.0] * 100)
    assert found.chosen.workers == 2
    assert found.why is Why.LIMIT


def test_tests_that_wait_start_more_workers_than_cores() -> None:
    """As many as the limit, while the cores have room."""
    found = sized([1.0] * 400, busy=0.05, cores=4, most=8)
    assert found.chosen.workers == 8
    assert found.why is Why.WAITING
    assert found.waiting_share == pytest.approx(0.95)


def test_cores_are_not_filled_by_waiting_tests() -> None:
    """Half of their time on the CPU: three quarters of four cores are busy with six workers."""
    found = sized([1.0] * 400, busy=0.5, cores=4, most=16)
    assert found.chosen.workers == 6


def test_tests_that_hardly_wait_start_no_more_workers_than_cores() -> None:
    """Whatever the limit."""
    found = sized([1.0] * 400, busy=0.6, cores=4, most=16)
    assert found.chosen.workers == 4


def test_a_limit_below_the_cores_takes_none_away() -> None:
    """It is a limit for more workers than cores."""
    assert sized([1.0] * 400, busy=0.05, cores=4, most=1).chosen.workers == 4


def test_waiting_tests_of_little_work_start_few_workers() -> None:
    """Waiting is no reason by itself."""
    assert sized([0.01] * 30, busy=0.05, cores=4, most=8).chosen.workers == 2


def test_start_ups_compete_for_cores() -> None:
    """Twice as many workers as cores take twice as long to collect."""
    costs = Costs(0.01, 20.0, 100.0, 5.0, 0.0, 0.95)
    found = size(costs, lambda n: 100.0 / n, 4, 4, 8)
    assert found.chosen.workers == 4


def test_fewer_than_the_cores_may_be_usual() -> None:
    """``--maxprocesses`` is obeyed."""
    found = size(costs_of(1000.0), lambda n: 1000.0 / n, cores=16, usual=3, most=3)
    assert found.chosen.workers == 3
    assert found.why is Why.CORES


def test_reports_are_the_controllers_work() -> None:
    """Ten thousand tests that do nothing: the controller is what takes the time."""
    found = size(costs_of(3.0, reports_s=6.0), lambda n: 3.0 / n, 8, 8, 8)
    assert found.chosen.workers == 1
    assert found.why is Why.LIMIT


def test_the_floor_is_asked_for_few_numbers() -> None:
    """It is dear for large suites."""
    asked = []

    def floor_s(workers: int) -> float:
        asked.append(workers)
        return 1000.0 / workers

    found = size(costs_of(1000.0), floor_s, 128, 128, 256)
    assert 64 <= found.chosen.workers <= 128
    assert len(asked) <= 40


def test_no_tests_need_one_worker() -> None:
    """Nothing is divided by zero."""
    found = size(costs_of(0.0), lambda _: 0.0, 8, 8, 8)
    assert found.chosen.workers == 1
    assert found.waiting_share == 0


def test_one_core_is_enough_of_a_choice() -> None:
    """One worker, unless tests wait."""
    assert sized([1.0] * 10, cores=1, most=2).chosen.workers == 1
    assert sized([1.0] * 10, busy=0.1, cores=1, most=2).chosen.workers == 2
