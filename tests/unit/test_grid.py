"""Many simulated runs, and what they come to."""

from __future__ import annotations

import math

import pytest

from pytest_markersteal.core.suite import Demand
from pytest_markersteal.simulate.clock import Costs
from pytest_markersteal.simulate.grid import MODES, Grid, Row, by_history, over_seeds, ratios
from pytest_markersteal.simulate.late_bound import LateBoundRun
from pytest_markersteal.simulate.workloads import Workload, workload_of


def plain(seed: int) -> Workload:
    return workload_of("plain", {f"a.py::t{n}": 1.0 + seed for n in range(6)}, {})


def marked(seed: int) -> Workload:
    seconds = {f"a.py::t{n}": 1.0 + n + seed for n in range(6)}
    return workload_of("marked", seconds, {}, {"a.py::t5": Demand(exclusive=True)})


def row(ratio: float, mode: str = "load", history: str | None = None, workers: int = 2) -> Row:
    return Row("w", workers, mode, history, 0, False, 10.0 * ratio, 10.0, {})


def test_a_grid_runs_every_combination_once() -> None:
    """xdist's modes use no history, so they run once for all histories."""
    grid = Grid(
        {"plain": plain, "marked": marked},
        workers=[2, 3],
        modes=["markersteal", "load"],
        histories=["exact", "cold"],
        seeds=[4, 5],
    )
    rows = list(grid.rows())
    assert len(rows) == len(grid) == 2 * 2 * 3 * 2
    combinations = {(r.workload, r.workers, r.mode, r.history, r.seed) for r in rows}
    assert len(combinations) == len(rows)
    assert {(r.mode, r.history) for r in rows} == {
        ("markersteal", "exact"),
        ("markersteal", "cold"),
        ("load", None),
    }


def test_a_row_is_what_the_run_of_it_says() -> None:
    """With the workload, the noise and the crashes of its seed."""
    costs = Costs(crash_rate=0.3)
    (found,) = Grid({"marked": marked}, [2], seeds=[7], costs=costs).rows()
    workload = marked(7)
    outcome = LateBoundRun(workload, 2, workload.duration_s, costs, seed=7).run()
    assert found.makespan_s == outcome.makespan_s
    assert found.idle_s == outcome.idle_s
    assert found.floor_s == workload.floor(2).total_s
    assert found.ratio == outcome.makespan_s / workload.floor(2).total_s


def test_modes_that_know_no_marks_take_two_passes_where_there_are_some() -> None:
    """And say so."""
    grid = Grid({"plain": plain, "marked": marked}, [2], modes=MODES)
    two = {(r.workload, r.mode) for r in grid.rows() if r.is_two_passes}
    assert two == {("marked", mode) for mode in MODES if mode != "markersteal"}


def test_the_same_grid_is_the_same_rows() -> None:
    """Nothing in it depends on chance or on the clock."""
    grid = Grid({"marked": marked}, [1, 2], MODES, ["noise", "stale"], [1, 2])
    assert list(grid.rows()) == list(grid.rows())


def test_ratios_are_averaged_geometrically() -> None:
    """Twice the floor and half of it are the floor."""
    found = ratios([row(2.0), row(0.5), row(1.0)])
    assert found.geometric_mean == pytest.approx(1.0)
    assert found.worst.ratio == 2.0
    assert found.runs == 3
    assert math.isclose(ratios([row(1.5)]).geometric_mean, 1.5)


def test_rows_are_grouped_by_all_but_the_seed_and_by_mode_and_history() -> None:
    """In the order in which they came."""
    rows = [row(1.0), row(1.5, "markersteal", "cold"), row(4.0), row(2.0, workers=4)]
    assert over_seeds(rows) == [[rows[0], rows[2]], [rows[1]], [rows[3]]]
    found = by_history(rows)
    assert list(found) == [("load", None), ("markersteal", "cold")]
    assert found["load", None].geometric_mean == pytest.approx(2.0)
    assert found["load", None].worst is rows[2]
