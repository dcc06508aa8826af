"""All that explains a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_markersteal.explain.critical import Step, critical_path
from pytest_markersteal.explain.gap import Gap, gap_of
from pytest_markersteal.explain.kept import as_kept
from pytest_markersteal.simulate.changes import Change, best_changes
from pytest_markersteal.simulate.traced import costs_of, cpu_of, fixtures_of, traced
from pytest_markersteal.trace.model import Trace


@dataclass(frozen=True, slots=True)
class Explanation:
    """The gap of a run to its floor, its critical path, and what would help most."""

    gap: Gap
    path: Sequence[Step]
    changes: Sequence[Change]


def explain(trace: Trace) -> Explanation | None:
    """Why the run of ``trace`` took as long as it did; None if no test of it ran to its end."""
    trace = as_kept(trace)
    workload = traced("", trace)
    if not workload.ids:
        return None
    changes = best_changes(
        workload,
        trace.head.slots,
        cpu_of(trace),
        costs=costs_of(trace),
        fixtures_s=fixtures_of(trace),
    )
    return Explanation(gap_of(trace, workload), critical_path(trace), changes)
