"""What a trace tells the simulator: the suite, and the machine that it ran on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from builders import PLAIN, key
from trace_files import Ran, write_trace

from pytest_markersteal.durations.history import Fixture
from pytest_markersteal.simulate.traced import costs_of, cpu_of, fixtures_of, traced
from pytest_markersteal.trace.model import Trace
from pytest_markersteal.trace.reader import read

APP = ("module", "a.py", "app", 2.0)


def trace_of(folder: Path, *tests: Ran, workers: int = 2, cores: int = 8) -> Trace:
    return read(write_trace(folder / "any.trace", *tests, workers=workers, cores=cores))


def test_a_trace_is_a_workload(tmp_path: Path) -> None:
    """Tests and marks, with what tests take by themselves, and their fixtures apart."""
    tests = (Ran("a.py::t1", 1.0, key(), fixtures=[APP]), Ran("a.py::t2", 3.0))
    trace = trace_of(tmp_path, *tests)
    workload = traced("any", trace)
    assert workload.ids == ["a.py::t1", "a.py::t2"]
    assert list(workload.duration_s) == [1.0, 3.0]
    assert [workload.suite.demand(test) for test in range(2)] == [key(), PLAIN]
    assert workload.setups_s == {("module", 0): 2.0}
    assert fixtures_of(trace) == {Fixture("module", "a.py", "app"): 2.0}


def test_cores_limit_what_computes(tmp_path: Path) -> None:
    """CPU seconds are by test of the workload."""
    tests = [Ran(f"a.py::t{n}", 2.0, cpu_s=0.5 * n) for n in range(4)]
    cpu = cpu_of(trace_of(tmp_path, *tests, cores=3))
    assert cpu.tests_s == [0.0, 0.5, 1.0, 1.5]
    assert (cpu.cores, cpu.least_s) == (3, 1.0)


def test_a_run_that_kept_more_cores_busy_had_more(tmp_path: Path) -> None:
    """Workers on other machines bring their own: the bound is never above what was measured."""
    tests = [Ran(f"a.py::t{n}", 2.0, cpu_s=2.0) for n in range(4)]
    cpu = cpu_of(trace_of(tmp_path, *tests, workers=4, cores=2))
    assert cpu.cores == pytest.approx(4.0)
    assert cpu.least_s == pytest.approx(2.0)


@pytest.mark.parametrize(("dist", "least_s"), [("load", 3.0), ("", 2.0)])
def test_reports_keep_a_core_busy_too(tmp_path: Path, dist: str, least_s: float) -> None:
    """One that works beside the workers, unless the controller is where tests run."""
    tests = [Ran(f"a.py::t{n}", 2.0, cpu_s=1.0) for n in range(2)]
    trace = trace_of(tmp_path, *tests, cores=1)
    assert trace.end is not None
    trace = replace(
        trace,
        head=replace(trace.head, dist=dist),
        end=replace(trace.end, controller_cpu_us=1_000_000),
    )
    cpu = cpu_of(trace)
    assert cpu.least_s * cpu.cores == pytest.approx(least_s, rel=0.01)


def test_the_time_between_tests_is_that_of_the_trace(tmp_path: Path) -> None:
    """The median, of workers that had their next test at hand."""
    tests = [Ran(f"a.py::t{n}", 0.1) for n in range(6)]
    assert costs_of(trace_of(tmp_path, *tests)).test_overhead_s == pytest.approx(0.001)


def test_where_nobody_went_from_test_to_test_no_time_is_between(tmp_path: Path) -> None:
    """Parked workers waited for other reasons."""
    tests = [Ran(f"a.py::t{n}", 0.1, parked=True) for n in range(4)]
    assert costs_of(trace_of(tmp_path, *tests)).test_overhead_s == 0.0
