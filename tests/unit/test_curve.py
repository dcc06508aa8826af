"""Curves over numbers of workers: what bounds them, and where they end."""

from __future__ import annotations

import pytest
from builders import ALONE, PLAIN, key

from pytest_markersteal.core.floor import Limit
from pytest_markersteal.core.suite import Demand
from pytest_markersteal.simulate.clock import Costs
from pytest_markersteal.simulate.curve import Cpu, Point, curve, floor_stops_at, point
from pytest_markersteal.simulate.workloads import Workload, workload_of


def workload(*tests: tuple[float, Demand]) -> Workload:
    ids = [f"test_a.py::test_{number}" for number in range(len(tests))]
    seconds = {node_id: s for node_id, (s, _) in zip(ids, tests, strict=True)}
    demands = {node_id: demand for node_id, (_, demand) in zip(ids, tests, strict=True)}
    return workload_of("a", seconds, {}, demands)


EIGHT = workload(*[(1.0, PLAIN)] * 8)
CHAIN = workload(*[(1.0, key())] * 3, *[(1.0, PLAIN)] * 6)


def test_a_point_has_makespan_and_floor() -> None:
    """Eight seconds of work on four workers take two, and what messages take."""
    found = point(EIGHT, 4, Costs(test_overhead_s=0.1))
    assert found.floor_s == 2.0
    assert found.makespan_s == pytest.approx(2.2, abs=0.01)
    assert found.limit.kind == "work"


def test_points_are_in_the_order_asked_for() -> None:
    """One for each number."""
    assert [found.workers for found in curve(EIGHT, [2, 1, 4])] == [2, 1, 4]


def test_more_workers_than_cores_don_t_compute_faster() -> None:
    """Eight CPU seconds take four on two cores, with any number of workers."""
    slow, fast = curve(EIGHT, [1, 8], cpu=Cpu(EIGHT.duration_s, cores=2))
    assert slow.limit.kind == "work"
    assert slow.makespan_s > slow.floor_s == 8.0
    assert (fast.makespan_s, fast.floor_s, fast.limit) == (4.0, 4.0, Limit("cores", 4.0, 8))


def test_reports_are_of_one_process() -> None:
    """The controller does not get faster by cores."""
    assert Cpu([1.0, 1.0], cores=64, reports_s=5.0).least_s == 5.0
    assert Cpu([1.0, 1.0], cores=2, reports_s=1.0).least_s == 1.5


def test_cpu_time_follows_durations() -> None:
    """A test that takes half as long uses half of the CPU time; one that took nothing, the same."""
    before, after = (workload((first, PLAIN), (0.0, PLAIN)) for first in (4.0, 2.0))
    assert Cpu([3.0, 1.0], cores=1).changed(before, after).tests_s == [1.5, 1.0]


def test_the_floor_stops_where_a_chain_is_longest() -> None:
    """Three of nine seconds in a chain: from three workers on."""
    found = floor_stops_at(curve(CHAIN, range(1, 9)))
    assert found is not None
    assert found.workers == 3
    assert (found.limit.kind, found.limit.name) == ("key", "db")


def test_the_floor_stops_where_cores_are_the_limit() -> None:
    """Two cores that are always busy need no third worker."""
    found = floor_stops_at(curve(EIGHT, range(1, 9), cpu=Cpu(EIGHT.duration_s, cores=2)))
    assert found is not None
    assert (found.workers, found.limit.kind) == (2, "cores")


def test_a_floor_that_falls_to_the_end_has_not_stopped() -> None:
    """Eight equal tests are worth four workers, and more."""
    assert floor_stops_at(curve(EIGHT, range(1, 5))) is None


@pytest.mark.parametrize(
    ("limit", "stops"),
    [
        (Limit("test", 1.0, 1, 0), True),
        (Limit("key", 1.0, 3, 0, "db"), True),
        (Limit("cores", 1.0, 3), True),
        (Limit("work", 1.0, 3), False),
        (Limit("tests", 1.0, 3), False),
        (Limit("no_parallel", 1.0, 3), False),
    ],
)
def test_a_limit_that_no_worker_moves_has_stopped_at_once(limit: Limit, stops: bool) -> None:
    """It needs no second point to say so; the rest beside ``no_parallel`` tests may fall yet."""
    assert (floor_stops_at([Point(4, 1.0, 1.0, limit)]) is not None) == stops


def test_a_hundredth_is_no_fall() -> None:
    """What falls by less is taken to stand still."""
    work = Limit("work", 1.0, 3)
    points = [Point(n, s, s, work) for n, s in ((1, 2.0), (2, 1.009), (3, 1.0))]
    found = floor_stops_at(points)
    assert found is not None
    assert found.workers == 2


def test_alone_is_a_limit_that_more_workers_leave() -> None:
    """What runs alone is the larger part, and the rest is spread until one test is left."""
    found = floor_stops_at(curve(workload((9.0, ALONE), *[(1.0, PLAIN)] * 4), range(1, 9)))
    assert found is not None
    assert (found.workers, found.limit.kind) == (4, "no_parallel")
