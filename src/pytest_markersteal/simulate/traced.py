"""The suite that a trace tells of, to be simulated, and what its run tells of the machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from statistics import median

from pytest_markersteal.durations.history import Fixture
from pytest_markersteal.simulate.clock import Costs
from pytest_markersteal.simulate.curve import Cpu
from pytest_markersteal.simulate.workloads import Workload, workload_of
from pytest_markersteal.trace.model import RUNNING, TestRun, Trace


def traced(name: str, trace: Trace) -> Workload:
    """The tests that ran, in the order of the suite, with what they and their fixtures took."""
    own_s = {run.test: run.own_s for run in trace.tests if run.outcome != RUNNING}
    tests = sorted(own_s)
    workload = workload_of(
        name,
        {trace.ids[test]: own_s[test] for test in tests},
        fixtures_of(trace),
        {trace.ids[test]: trace.demand(test) for test in tests},
        trace.capacities,
    )
    return replace(workload, hosts=max(1, len(trace.hosts)))


def fixtures_of(trace: Trace) -> dict[Fixture, float]:
    """Seconds to set up each fixture of wider scope than function, without those it asked for."""
    return {
        Fixture(fixture.scope, fixture.node, fixture.name): fixture.own_s
        for run in trace.tests
        for fixture in run.fixtures
    }


def cpu_of(trace: Trace) -> Cpu:
    """What the tests of ``traced`` need of the machine that they ran on.

    Workers elsewhere have cores of their own, so that there were more than the controller's machine
    has: as many, at least, as were busy. Without workers, the controller's time is that of tests.
    """
    used_s = {run.test: run.cpu_s for run in trace.tests if run.outcome != RUNNING}
    reports_s = trace.end.controller_cpu_us / 1e6 if trace.end and trace.head.dist else 0.0
    busy = (sum(used_s.values()) + reports_s) / ((trace.ended_s - trace.began_s) or 1.0)
    cores = max(1, trace.head.cores, busy)
    return Cpu([used_s[test] for test in sorted(used_s)], cores, reports_s)


def costs_of(trace: Trace) -> Costs:
    """A worker's time between tests, in the median, is in the trace; the rest is as usual."""
    return Costs(test_overhead_s=median([*_breaks_s(trace)] or [0.0]))


def _breaks_s(trace: Trace) -> Iterator[float]:
    """How long each worker that had its next test at hand took to come to it."""
    before: dict[int, TestRun] = {}
    for run in trace.tests:
        last = before.get(run.worker)
        if last is not None and not last.parked:
            yield max(0.0, run.span.since_s - last.span.until_s)
        before[run.worker] = run
