"""What a run took beyond the floor, split by cause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pytest_markersteal.core.floor import Floor
from pytest_markersteal.explain.by_chain import by_chain, chain_of
from pytest_markersteal.explain.by_slots import by_slots
from pytest_markersteal.explain.causes import OTHER
from pytest_markersteal.simulate.workloads import Workload
from pytest_markersteal.trace.idle import Cause, idle_spans
from pytest_markersteal.trace.model import Trace


@dataclass(frozen=True, slots=True)
class Gap:
    """Seconds of a run: ``startup_s`` until the first test started, and ``wall_s`` from there on.

    ``by_cause_s`` adds up to what ``wall_s`` has beyond ``floor``; the largest comes first.
    """

    startup_s: float
    wall_s: float
    floor: Floor
    by_cause_s: Mapping[Cause, float]

    @property
    def seconds(self) -> float:
        """What the run took beyond the floor, after its start-up."""
        return self.wall_s - self.floor.total_s


def gap_of(trace: Trace, workload: Workload) -> Gap:
    """The gap of the run of ``trace``, whose suite is ``workload``; it has a test that ran."""
    wall_s = trace.ended_s - trace.began_s
    floor = workload.floor(trace.head.slots)
    limit = floor.limit
    spans = idle_spans(trace)
    chain = chain_of(trace, limit, None if limit.test is None else workload.ids[limit.test])
    if chain is None:
        by_cause_s = by_slots(trace, workload, floor, spans)
    else:
        by_cause_s = by_chain(trace, chain, floor, spans)
    # What crashes, reruns and the limits of the floor leave.
    rest_s = wall_s - floor.total_s - sum(by_cause_s.values())
    by_cause_s[OTHER] = by_cause_s.get(OTHER, 0.0) + rest_s
    return Gap(
        trace.began_s,
        wall_s,
        floor,
        dict(sorted(by_cause_s.items(), key=lambda item: -item[1])),
    )
