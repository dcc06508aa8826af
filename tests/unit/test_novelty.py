"""Ties are broken toward pairs of modules that are new."""

from __future__ import annotations

import itertools
from array import array

from pytest_markersteal.core.novelty import Novelty
from pytest_markersteal.core.suite import Demand, Suite
from pytest_markersteal.simulate.clock import Costs
from pytest_markersteal.simulate.late_bound import LateBoundRun
from pytest_markersteal.simulate.workloads import Workload

MODULES = 12
WORKERS = 3


def even() -> Workload:
    """Modules of four tests, all of which take as long."""
    tests = 4 * MODULES
    module_of = array("L", [test // 4 for test in range(tests)])
    places = (array("L", range(tests)), module_of, module_of, array("L", [0] * tests))
    ids = [f"m{test // 4}.py::test_{test}" for test in range(tests)]
    return Workload("even", ids, Suite([Demand()], [0] * tests, places), [0.1] * tests, {})


def pairs_of(started: list[tuple[float, str, int]]) -> set[tuple[int, int]]:
    """The modules that followed each other in a run."""
    found = set()
    for worker in {name for _, name, _ in started}:
        modules = [test // 4 for _, name, test in started if name == worker]
        found |= {pair for pair in itertools.pairwise(modules) if pair[0] != pair[1]}
    return found


def explored(runs: int, novelty: bool) -> tuple[int, float]:
    """How many pairs so many runs have seen, and the longest makespan."""
    workload = even()
    seen: set[tuple[int, int]] = set()
    longest_s = 0.0
    known = Novelty([0] * MODULES, [0] * MODULES)
    for _ in range(runs):
        given = known if novelty else None
        run = LateBoundRun(workload, WORKERS, [0.1] * len(workload.suite), Costs(), novelty=given)
        outcome = run.run()
        seen |= pairs_of(outcome.started)
        longest_s = max(longest_s, outcome.makespan_s)
    return len(seen), longest_s


def test_runs_see_more_pairs() -> None:
    """Ten runs see far more of the 132 pairs than the ever same run, and take no longer."""
    plain, plain_s = explored(10, novelty=False)
    more, more_s = explored(10, novelty=True)

    assert more >= 3 * plain
    assert more_s <= 1.02 * plain_s


def test_gain() -> None:
    """A pair counts once, in one direction after, in both beside."""
    novelty = Novelty([0, 0, 0], [0, 0, 0])
    assert novelty.gain(1, 0, 1 << 2) == 2
    novelty.give(1, 0, 1 << 2)
    assert novelty.gain(1, 0, 1 << 2) == 0
    assert novelty.gain(0, 1, 0) == 1
    assert novelty.gain(2, None, 1 << 1) == 0
    assert novelty.gain(1, 1, 1 << 1) == 0
