"""What a run would gain by other marks, as simulated runs of its trace predict."""

from __future__ import annotations

from collections.abc import Callable

from pytest_markersteal.core.suite import Demand
from pytest_markersteal.durations.exporting import seconds_text
from pytest_markersteal.races.propose.removing import Gain
from pytest_markersteal.simulate.changes import pays
from pytest_markersteal.simulate.curve import point
from pytest_markersteal.simulate.traced import costs_of, cpu_of, traced
from pytest_markersteal.simulate.whatif import with_demands
from pytest_markersteal.simulate.workloads import Workload
from pytest_markersteal.trace.model import Trace
from pytest_markersteal.words import count


def gain_in(name: str, trace: Trace) -> Gain:
    """Predictions for the run that the trace with this name tells of, on as many workers."""
    now = traced(name, trace)
    workers = max(1, trace.head.slots)
    costs, cpu = costs_of(trace), cpu_of(trace)

    def makespan_s(workload: Workload) -> float:
        return point(workload, workers, costs, cpu).makespan_s

    before_s = makespan_s(now)

    def gain(change: Callable[[str, Demand], Demand]) -> str:
        then = with_demands(now, lambda test, demand: change(now.ids[test], demand))
        after_s = makespan_s(then)
        where = f"in the run {name} on {count(workers, 'worker')}"
        if not pays(before_s, after_s):
            return f"no gain is predicted {where}"
        return f"predicted {where}: {seconds_text(after_s)} instead of {seconds_text(before_s)}"

    return gain
