"""What the trace of an earlier run tells of a test: how it ended, what was before it and beside."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pytest_markersteal.core.apart import may_meet
from pytest_markersteal.core.suite import Demand
from pytest_markersteal.trace.model import CRASHED, RUNNING, TestRun, Trace

BAD = ("error", "failed", CRASHED, RUNNING)
"""Outcomes of a test in a trace with which it has not done what it should."""


@dataclass(frozen=True, slots=True)
class Account:
    """A test in a run. Other tests are by node id, and only those that are still collected.

    ``before`` ran before it in its process, in this order; ``beside`` overlapped with it in other
    processes, the longest first; ``around`` are all that began before it ended, in order of starts.
    ``slots`` and ``times`` (start and end, in seconds) are those of ``around`` and its own.
    """

    began: str
    outcome: str
    before: tuple[str, ...]
    beside: tuple[str, ...]
    around: tuple[str, ...]
    slots: Mapping[str, int]
    times: Mapping[str, tuple[float, float]]

    @property
    def was_bad(self) -> bool:
        """Whether the test failed in that run."""
        return self.outcome in BAD


def account(trace: Trace, victim: str, collected: Collection[str]) -> Account | None:
    """What ``trace`` tells of ``victim``, or None where it did not run; of a failure if it can."""
    own = [run for run in trace.tests if trace.ids[run.test] == victim]
    if not own:
        return None
    run = next((run for run in own if run.outcome in BAD), own[-1])
    first: dict[str, TestRun] = {}
    for other in trace.tests:
        node_id = trace.ids[other.test]
        if node_id != victim and node_id in collected and other.span.since_s < run.span.until_s:
            first.setdefault(node_id, other)
    before = [
        test
        for test, other in first.items()
        if other.worker == run.worker and other.span.since_s < run.span.since_s
    ]
    overlaps_s = {
        test: min(other.span.until_s, run.span.until_s) - max(other.span.since_s, run.span.since_s)
        for test, other in first.items()
        if other.worker != run.worker
    }
    beside = sorted(
        (test for test, overlap_s in overlaps_s.items() if overlap_s > 0),
        key=lambda test: -overlaps_s[test],
    )
    return Account(
        trace.head.began,
        run.outcome,
        tuple(before),
        tuple(beside),
        tuple(first),
        {victim: trace.slot(run), **{test: trace.slot(other) for test, other in first.items()}},
        {victim: run.span, **{test: other.span for test, other in first.items()}},
    )


def kept_apart(trace: Trace, victim: str) -> set[str]:
    """The tests that marks already keep from overlapping with ``victim``."""
    demands = {node_id: trace.demand(test) for test, node_id in enumerate(trace.ids)}
    own = demands.get(victim, Demand())
    capacities, many_hosts = trace.capacities, len(trace.hosts) > 1
    return {
        test
        for test, demand in demands.items()
        if test != victim and not may_meet(own, demand, capacities, many_hosts=many_hosts)
    }
