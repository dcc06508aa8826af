"""What the trace of a run tells an audit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from pytest_markersteal.races.audit.model import Run, Waiting
from pytest_markersteal.trace.model import RUNNING, Trace

LEAST_S = 0.1
WAITS = 0.2
"""A test waits rather than works if it takes at least so long, and the CPU for at most this share.

On a machine that is busy with other things all tests wait, and more of them seem to.
"""


@dataclass(frozen=True, slots=True)
class SetUps:
    """How often a fixture was set up, on how many workers, and what that took together."""

    times: int
    workers: int
    seconds: float


def run_of(name: str, trace: Trace) -> Run:
    """The run as a whole."""
    runs = [run for run in trace.tests if run.outcome != RUNNING]
    return Run(
        name,
        trace.head.began,
        max(1, trace.head.slots),
        len({run.test for run in runs}),
        sum(run.busy_s for run in runs),
        sum(run.cpu_s for run in runs),
    )


def seconds_of(trace: Trace) -> Mapping[str, float]:
    """What each test took, by node id, without what fixtures of wider scope took."""
    return {trace.ids[run.test]: run.own_s for run in trace.tests}


def waiting(trace: Trace) -> list[Waiting]:
    """The tests that wait rather than work, those that wait longest first."""
    found = [
        Waiting(trace.ids[run.test], run.busy_s, run.cpu_s)
        for run in trace.tests
        if run.busy_s >= LEAST_S and run.cpu_s <= WAITS * run.busy_s and run.outcome != RUNNING
    ]
    return sorted(found, key=lambda one: one.cpu_s - one.wall_s)


def setups(trace: Trace) -> Mapping[tuple[str, str], SetUps]:
    """What set-ups of fixtures of wider scope than function took, by scope and name."""
    seconds: dict[tuple[str, str], list[float]] = defaultdict(list)
    workers: dict[tuple[str, str], set[int]] = defaultdict(set)
    for run in trace.tests:
        for fixture in run.fixtures:
            key = fixture.scope, fixture.name
            seconds[key].append(fixture.own_s)
            workers[key].add(run.worker)
    return {key: SetUps(len(some), len(workers[key]), sum(some)) for key, some in seconds.items()}
