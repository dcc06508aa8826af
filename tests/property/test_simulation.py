"""Simulated runs of arbitrary suites: each test once, and all time is accounted for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from suites import durations, suites

from pytest_markersteal.core.suite import Suite
from pytest_markersteal.distribution.xdist_modes import MODES
from pytest_markersteal.simulate.clock import Clock, Costs
from pytest_markersteal.simulate.late_bound import LateBoundRun
from pytest_markersteal.simulate.outcome import Outcome
from pytest_markersteal.simulate.workloads import Workload
from pytest_markersteal.simulate.xdist_bound import two_passes

costs = st.builds(
    Costs,
    message_delay_s=st.sampled_from([0.0, 0.0005, 0.1]),
    event_s=st.sampled_from([0.0, 0.00002, 0.01]),
    test_overhead_s=st.sampled_from([0.0, 0.001]),
    start_s=st.sampled_from([0.0, 1.0]),
    host_delays_s=st.sampled_from([(), (0.0, 0.1)]),
    crash_rate=st.sampled_from([0.0, 0.0, 0.1, 1.0]),
)


@st.composite
def workloads(draw: st.DrawFn) -> Workload:
    suite: Suite = draw(suites(max_tests=15))
    seconds = draw(st.lists(durations, min_size=len(suite), max_size=len(suite)))
    places = sorted({("module", module) for module in suite.module_of})
    setups_s = {place: draw(durations) for place in places}
    modules = suite.module_of
    ids = [f"test_{modules[test]}.py::test_{test}" for test in range(len(suite))]
    return Workload("any", ids, suite, seconds, setups_s)


def check(workload: Workload, outcome: Outcome, workers: int) -> None:
    assert sorted(outcome.ran) == sorted(outcome.ended_s) == list(range(len(workload.ids)))
    assert set(outcome.ran.values()) <= {1}
    spent_s = outcome.test_s + outcome.setup_s + sum(outcome.idle_s.values())
    assert abs(spent_s - workers * outcome.makespan_s) < 1e-6
    assert min(outcome.idle_s.values(), default=0.0) > -1e-6


@given(workloads(), st.integers(1, 5), costs, st.integers(0, 3), st.booleans())
def test_any_suite_is_run_to_its_end(
    workload: Workload, workers: int, costs: Costs, seed: int, known: bool
) -> None:
    """Whatever messages cost and however many workers crash; and again the same."""
    history_s = workload.duration_s if known else None

    def run() -> Outcome:
        return LateBoundRun(workload, workers, history_s, costs, seed).run()

    outcome = run()
    check(workload, outcome, workers)
    assert outcome == run()


@given(workloads(), st.integers(1, 5), costs, st.sampled_from(sorted(MODES)))
def test_any_suite_is_run_by_the_schedulers_of_xdist(
    workload: Workload, workers: int, costs: Costs, mode: str
) -> None:
    """In two passes, of which either may be empty."""
    check(workload, two_passes(workload, workers, mode, costs), workers)


@given(st.lists(st.floats(0, 1e6)))
def test_the_clock_is_a_stable_sort(times_s: list[float]) -> None:
    """By time, then by the order in which actions were planned."""
    clock = Clock()
    seen: list[tuple[float, int]] = []
    for number, time_s in enumerate(times_s):
        clock.at(time_s, lambda plan=(time_s, number): seen.append(plan))  # type: ignore[misc]
    clock.run()
    assert seen == sorted(zip(times_s, range(len(times_s)), strict=True))
