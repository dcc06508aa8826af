"""The suite that a trace tells of, to be simulated."""

from __future__ import annotations

from pytest_markersteal.durations.history import Fixture
from pytest_markersteal.simulate.workloads import Workload, workload_of
from pytest_markersteal.trace.model import RUNNING, Trace


def traced(name: str, trace: Trace) -> Workload:
    """The tests that ran, in the order of the suite, with what they and their fixtures took."""
    own_s = {run.test: run.own_s for run in trace.tests if run.outcome != RUNNING}
    tests = sorted(own_s)
    return workload_of(
        name,
        {trace.ids[test]: own_s[test] for test in tests},
        {
            Fixture(fixture.scope, fixture.node, fixture.name): fixture.own_s
            for run in trace.tests
            for fixture in run.fixtures
        },
        {trace.ids[test]: trace.demand(test) for test in tests},
        trace.capacities,
    )
