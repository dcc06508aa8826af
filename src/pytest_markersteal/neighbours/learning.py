"""What a run's trace tells of neighbours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pytest_markersteal.neighbours.model import Neighbours
from pytest_markersteal.trace.model import CRASHED, RUNNING, Trace

_BAD = ("failed", "error", CRASHED, RUNNING)


@dataclass(slots=True)
class _Visit:
    """A worker ran tests of one module, one after the other."""

    module: str
    worker: int
    since_s: float
    until_s: float
    passed: bool
    before: str | None


def learn(known: Neighbours, trace: Trace) -> None:
    """Note which modules ran next to each other, and beside each other, without a failure."""
    visits = sorted(_visits(trace), key=lambda visit: visit.since_s)
    here: dict[int, _Visit] = {}
    for visit in visits:
        if visit.passed and visit.before is not None:
            known.saw(visit.before, visit.module)
        for other in here.values():
            apart = other.worker == visit.worker or other.until_s <= visit.since_s
            if visit.passed and other.passed and not apart and other.module != visit.module:
                known.saw_beside(visit.module, other.module)
        here[visit.worker] = visit


def _visits(trace: Trace) -> Iterator[_Visit]:
    by_worker: dict[int, _Visit] = {}
    for run in trace.tests:
        module = trace.ids[run.test].partition("::")[0]
        passed = run.outcome not in _BAD
        visit = by_worker.get(run.worker)
        if visit is not None and visit.module == module:
            visit.until_s = run.span.until_s
            visit.passed = visit.passed and passed
            continue
        if visit is not None:
            yield visit
        before = visit.module if visit is not None else None
        by_worker[run.worker] = _Visit(module, run.worker, *run.span, passed, before)
    yield from by_worker.values()
