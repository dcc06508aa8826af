"""What follows from a trace, for all that shows a whole run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pytest_markersteal.explain.explanation import Explanation, explain
from pytest_markersteal.explain.kept import as_kept
from pytest_markersteal.simulate.curve import Point, point
from pytest_markersteal.simulate.traced import costs_of, cpu_of, traced
from pytest_markersteal.trace.idle import Idle, idle_spans
from pytest_markersteal.trace.model import Trace

Counted = Callable[[Iterable[int], int], Iterable[int]]
"""Passes numbers of workers on, of which there are so many, and tells how far it is."""


@dataclass(frozen=True, slots=True)
class Findings:
    """A run. ``name`` is what people call it, such as the name of its file.

    ``ids`` are the node ids of the tests that ended, which limits and the ``curve`` speak of by
    number; the curve is the makespan and the floor on other numbers of workers.
    """

    name: str
    trace: Trace
    ids: Sequence[str]
    idle: Sequence[Idle]
    explanation: Explanation
    curve: Sequence[Point]

    @property
    def slots(self) -> int:
        """How many tests could run at once: one where there were no workers."""
        return max(1, self.trace.head.slots)

    def limit_test(self) -> str | None:
        """The node id of the longest test of what holds the run."""
        test = self.explanation.gap.floor.limit.test
        return None if test is None else self.ids[test]


def findings(name: str, trace: Trace, counted: Counted | None = None) -> Findings:
    """All that is to be known of ``trace``; ``ValueError`` where no test of it ended.

    The curve, which takes long, is empty unless ``counted`` is there.
    """
    explanation = explain(trace)
    if explanation is None:
        raise ValueError("no test of it ended")
    kept = as_kept(trace)
    workload = traced(name, kept)
    curve: list[Point] = []
    if counted is not None:
        counts = worker_counts(max(1, trace.head.slots))
        costs, cpu = costs_of(trace), cpu_of(trace)
        curve = [point(workload, n, costs, cpu) for n in counted(counts, len(counts))]
    return Findings(name, trace, workload.ids, idle_spans(kept), explanation, curve)


def worker_counts(slots: int) -> list[int]:
    """Powers of two up to twice the ``slots`` of a run, and the ``slots``."""
    counts = {slots}
    workers = 1
    while workers <= 2 * slots:
        counts.add(workers)
        workers *= 2
    return sorted(counts)
