"""The critical path of a run: the tests that followed each other, without a break, to its end.

It is read backwards from the test that ended last. Before a test came the one before it on its
worker, unless that worker was at rest: then it came after the test, on another worker, that it had
to wait for, which ended just before it started and could not run beside it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from pytest_markersteal.core.suite import Mode
from pytest_markersteal.trace import idle
from pytest_markersteal.trace.idle import Cause
from pytest_markersteal.trace.model import TestRun, Trace

REACTION_S = 0.1
"""A test starts so soon, at most, after the end of the one that it waited for."""


@dataclass(frozen=True, slots=True)
class Step:
    """A test on the path, and how long, and why, its worker had none before it.

    ``cause`` is None where the worker went on at once.
    """

    run: TestRun
    wait_s: float
    cause: Cause | None


def critical_path(trace: Trace) -> list[Step]:
    """The path, in the order in which the tests ran; empty if none did."""
    tests = trace.tests
    if not tests:
        return []
    previous = _previous(trace)
    ends = sorted(range(len(tests)), key=lambda index: tests[index].span.until_s)
    end_times_s = [tests[index].span.until_s for index in ends]
    path: list[Step] = []
    index: int | None = ends[-1]
    while index is not None:
        run, before = tests[index], previous[index]
        cause: Cause | None = None
        if before is None or _rested(tests[before], run):
            ended = ends[: bisect_right(end_times_s, run.span.since_s)]
            before, cause = _waited_for(trace, run, ended) or (before, None)
            cause = cause or Cause(idle.STARTUP if before is None else idle.TAIL)
        free_s = 0.0 if before is None else tests[before].span.until_s
        path.append(Step(run, max(0.0, run.span.since_s - free_s), cause))
        index = before
    path.reverse()
    return path


def _previous(trace: Trace) -> list[int | None]:
    """The test before each on its slot."""
    last: dict[int, int] = {}
    found: list[int | None] = []
    for index, run in enumerate(trace.tests):
        slot = trace.slot(run)
        found.append(last.get(slot))
        last[slot] = index
    return found


def _rested(before: TestRun, run: TestRun) -> bool:
    return before.parked or run.span.since_s - before.span.until_s > REACTION_S


def _waited_for(trace: Trace, run: TestRun, ended: Sequence[int]) -> tuple[int, Cause] | None:
    """The test that ended last of those that could not run beside ``run``, and why not.

    ``ended`` are the tests that ended before it started, in the order of their ends.
    """
    for index in reversed(ended):
        other = trace.tests[index]
        if other.span.until_s < run.span.since_s - REACTION_S:
            return None
        cause = _conflict(trace, run, other)
        if cause is not None:
            return index, cause
    return None


def _conflict(trace: Trace, run: TestRun, before: TestRun) -> Cause | None:
    """Why two tests can't overlap, where they ran, if they can't."""
    one, other = trace.demand(run.test), trace.demand(before.test)
    if one.exclusive or other.exclusive:
        return Cause(idle.NO_PARALLEL)
    if one.serial and other.serial:
        return Cause(idle.SERIAL)
    if one.group is not None and one.group == other.group:
        return Cause(idle.GROUP, one.group)
    for claim in one.claims:
        for held in other.claims:
            is_same = (claim.key, trace.host(run, claim)) == (held.key, trace.host(before, held))
            if is_same and Mode.WRITE in (claim.mode, held.mode):
                return Cause(idle.KEY, claim.key)
    return None
