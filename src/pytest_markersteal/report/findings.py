"""What follows from a trace, for all that shows a whole run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pytest_markersteal.explain.critical import Step, critical_path
from pytest_markersteal.explain.gap import Gap, gap_of
from pytest_markersteal.simulate.curve import Point, point
from pytest_markersteal.simulate.traced import traced
from pytest_markersteal.simulate.workloads import Workload
from pytest_markersteal.trace.idle import Idle, idle_spans
from pytest_markersteal.trace.model import RUNNING, Trace

Counted = Callable[[Iterable[int], int], Iterable[int]]
"""Passes numbers of workers on, of which there are so many."""


@dataclass(frozen=True, slots=True)
class Findings:
    """A run. ``name`` is what people call it, such as the name of its file.

    ``workload`` holds the tests that ended, ``curve`` the makespan and the floor of those on other
    numbers of workers; it is empty where nobody asked for it.
    """

    name: str
    trace: Trace
    workload: Workload
    idle: Sequence[Idle]
    gap: Gap
    path: Sequence[Step]
    curve: Sequence[Point]

    def limit_test(self) -> str | None:
        """The node id of the longest test of what holds the run."""
        test = self.gap.floor.limit.test
        return None if test is None else self.workload.ids[test]


def findings(name: str, trace: Trace, counted: Counted | None = None) -> Findings:
    """All that is to be known of ``trace``; ``ValueError`` where no test of it ended.

    The curve is made, which takes long, if ``counted`` is there to tell how far it is.
    """
    if all(run.outcome == RUNNING for run in trace.tests):
        raise ValueError("no test of it ended")
    workload = traced(name, trace)
    counts = [] if counted is None else worker_counts(trace.head.slots)
    return Findings(
        name,
        trace,
        workload,
        idle_spans(trace),
        gap_of(trace, workload),
        critical_path(trace),
        [point(workload, workers) for workers in counted(counts, len(counts))] if counted else [],
    )


def worker_counts(slots: int) -> list[int]:
    """Powers of two up to twice the ``slots`` of a run, and the ``slots``."""
    counts = {slots}
    workers = 1
    while workers <= 2 * slots:
        counts.add(workers)
        workers *= 2
    return sorted(counts)
