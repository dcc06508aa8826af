"""The gap of a run that is held by all of its work: what all slots spent on other things.

From the first test on, n slots spend their time on tests, on set-ups, or idle::

    n * wall = work + repeated set-ups + idle + other

where ``work`` is each test and each set-up once. The floor leaves ``n * floor - work`` unused too;
taking that off what the floor itself can't avoid, and then off the rest of the idle time, what is
left adds up to ``n * (wall - floor)``. A cause's part of the gap is an nth of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from pytest_markersteal.core.floor import Floor
from pytest_markersteal.explain.causes import SETUPS
from pytest_markersteal.simulate.workloads import Workload
from pytest_markersteal.trace import idle
from pytest_markersteal.trace.idle import Cause, Idle
from pytest_markersteal.trace.model import Trace


def by_slots(
    trace: Trace, workload: Workload, floor: Floor, spans: Iterable[Idle]
) -> dict[Cause, float]:
    """Seconds by cause; ``spans`` are those in which slots were idle."""
    slots = trace.head.slots
    spent_s = _spent(trace, workload, spans)
    unused_s = max(0.0, slots * floor.total_s - _work_s(workload))
    for cause in _unavoidable(floor, spent_s):
        most_s = (slots - 1) * floor.exclusive_s if cause.kind == idle.NO_PARALLEL else unused_s
        taken_s = min(spent_s[cause], unused_s, most_s)
        spent_s[cause] -= taken_s
        unused_s -= taken_s
    return {cause: seconds / slots for cause, seconds in spent_s.items()}


def _spent(trace: Trace, workload: Workload, spans: Iterable[Idle]) -> dict[Cause, float]:
    """Seconds that the slots together spent on other things than work, by cause."""
    spent_s: dict[Cause, float] = defaultdict(float)
    began_s, ended_s = trace.began_s, trace.ended_s
    for one in spans:
        since_s, until_s = max(one.span.since_s, began_s), min(one.span.until_s, ended_s)
        spent_s[one.cause] += max(0.0, until_s - since_s)
    setups_s = sum(fixture.own_s for run in trace.tests for fixture in run.fixtures)
    spent_s[SETUPS] = max(0.0, setups_s - sum(workload.setups_s.values()))
    return spent_s


def _work_s(workload: Workload) -> float:
    """Each test once, and the set-ups of each place that has tests once."""
    return sum(workload.duration_s) + sum(workload.setups_s.values())


def _unavoidable(floor: Floor, causes: Mapping[Cause, float]) -> Iterator[Cause]:
    """The causes from which the floor's own unused time is taken, in order."""
    first = [Cause(idle.NO_PARALLEL)]
    if floor.limit.kind == "work":
        first.append(SETUPS)  # A module that takes long is set up by several, in the floor too.
    first += [Cause(idle.NOTHING_LEFT), Cause(idle.TAIL)]
    yield from (cause for cause in first if cause in causes)
    yield from sorted(set(causes) - set(first), key=lambda cause: -causes[cause])
