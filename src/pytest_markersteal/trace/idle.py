"""When workers had no test, and why: read off a trace by rules.

A worker that waits without being parked is told its next test a moment later: that is *transport*.
Why a parked worker rests is the same for all of them, and changes only when a test starts or ends:

- *nothing left*: every test has started;
- *no_parallel*: a test runs that nothing may run beside, or the rest waits for that;
- *key*, *serial*, *group*: none of what is left may run beside what runs, on any host, or an
  instance of the key is isolated after a crash; the name is that of the key or group that keeps
  back most of the tests left;
- *tail*: some of what is left might run, but is with other workers, or waits for its own; for a
  moment before a worker's next test it is on its way to it, and that is *transport* too.

Before a worker joins, it is *start-up*. Between tests a worker keeps what the last one claimed, as
the scheduler does while a module lasts, but not when it parks.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import NamedTuple

from pytest_markersteal.core.suite import Claim, Demand, KeyScope, Mode
from pytest_markersteal.trace.model import CRASHED, Span, TestRun, Trace

STARTUP = "start-up"
TRANSPORT = "transport"
NOTHING_LEFT = "nothing left"
NO_PARALLEL = "no_parallel"
KEY = "key"
SERIAL = "serial"
GROUP = "group"
TAIL = "tail"

MOMENT_S = 0.05
"""A command arrives sooner. Where a trace has none, a worker without a test for longer rests."""


class Cause(NamedTuple):
    """Why a worker had no test; ``name`` is the key or group, if it is one."""

    kind: str
    name: str | None = None

    def __str__(self) -> str:
        return self.kind if self.name is None else f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Idle:
    """A stretch of time in which a worker had no test."""

    worker: int
    span: Span
    cause: Cause


def idle_spans(trace: Trace) -> list[Idle]:
    """All of them, by worker and time, until the last test ended."""
    causes: list[tuple[float, Cause]] = []
    found: list[Idle] = []
    for worker, span, kind, goes_on in _gaps(trace):
        if span.seconds <= 0:
            continue
        if kind is not None:
            found.append(Idle(worker, span, Cause(kind)))
            continue
        causes = causes or _causes(trace)
        parts = [Idle(worker, part, cause) for part, cause in _split(span, causes)]
        last = parts[-1]
        if goes_on and last.cause.kind == TAIL and last.span.seconds < MOMENT_S:
            parts[-1] = Idle(worker, last.span, Cause(TRANSPORT))
        found += parts
    return sorted(found, key=lambda idle: (idle.worker, idle.span))


def _gaps(trace: Trace) -> Iterator[tuple[int, Span, str | None, bool]]:
    """When each worker had no test, the kind of cause, and whether a test of it came after that.

    The kind is None where it rested.
    """
    end_s = trace.ended_s
    slots: set[int] = set()
    runs: dict[int, list[TestRun]] = {worker.number: [] for worker in trace.workers}
    for run in trace.tests:
        runs[run.worker].append(run)
    for worker in trace.workers:
        number, is_replacement = worker.number, worker.slot in slots
        slots.add(worker.slot)
        free_s = min(worker.joined_s, end_s)
        yield number, Span(worker.launched_s if is_replacement else 0.0, free_s), STARTUP, True
        rests = True
        for run in runs[number]:
            gap = Span(free_s, run.span.since_s)
            yield number, gap, None if _rests(trace, gap, rests) else TRANSPORT, True
            for wait in run.waits:
                yield number, wait, TRANSPORT, True
            free_s, rests = run.span.until_s, run.parked
        yield number, Span(free_s, min(worker.left_s, end_s)), None, False


def _rests(trace: Trace, gap: Span, parked: bool) -> bool:
    return parked or (not trace.commands and gap.seconds >= MOMENT_S)


def _split(rest: Span, causes: Sequence[tuple[float, Cause]]) -> Iterator[tuple[Span, Cause]]:
    """The parts of ``rest`` with their causes, which hold from their times on."""
    at = max(0, bisect_right(causes, rest.since_s, key=itemgetter(0)) - 1)
    while at < len(causes) and causes[at][0] < rest.until_s:
        until_s = causes[at + 1][0] if at + 1 < len(causes) else rest.until_s
        part = Span(max(rest.since_s, causes[at][0]), min(rest.until_s, until_s))
        if part.seconds > 0:
            yield part, causes[at][1]
        at += 1


def _causes(trace: Trace) -> list[tuple[float, Cause]]:
    """Why a worker that rests would do so: from which time on, and the cause, where it changes."""
    state = _State(trace)
    last = {run.worker: index for index, run in enumerate(trace.tests)}
    changes: list[tuple[float, bool, Callable[[], None]]] = []
    for index, run in enumerate(trace.tests):
        changes.append((run.span.since_s, True, partial(state.start, run)))
        if run.parked or run.outcome == CRASHED or last[run.worker] == index:
            changes.append((run.span.until_s, False, partial(state.end, run)))
    for one in trace.isolations:
        at = one.key, one.host
        changes.append((one.span.since_s, False, partial(state.isolate, at, 1)))
        changes.append((one.span.until_s, False, partial(state.isolate, at, -1)))
    # What ends and what starts in the same moment: first what ends.
    changes.sort(key=itemgetter(0, 1))
    causes = [(0.0, state.cause())]
    for at_s, _, change in changes:
        change()
        cause = state.cause()
        if cause != causes[-1][1]:
            causes.append((at_s, cause))
    return causes


class _State:
    """What is left at some time, and what runs."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._left = Counter(trace.demand_of[run.test] for run in trace.tests)
        self._running: dict[int, Demand] = {}
        """What each worker has claimed."""
        self._isolated: Counter[tuple[str, str]] = Counter()
        """How many instances of each key nobody is given, on which host."""

    def start(self, run: TestRun) -> None:
        """``run`` starts."""
        number = self._trace.demand_of[run.test]
        self._left[number] -= 1
        if not self._left[number]:
            del self._left[number]
        self._running[run.worker] = self._trace.demands[number]

    def end(self, run: TestRun) -> None:
        """``run`` ends, and its worker keeps nothing."""
        self._running.pop(run.worker, None)

    def isolate(self, at: tuple[str, str], instances: int) -> None:
        """So many more instances of a key, on a host if it is one per host, are isolated."""
        self._isolated[at] += instances

    def cause(self) -> Cause:
        """Why a worker rests."""
        if not self._left:
            return Cause(NOTHING_LEFT)
        if any(demand.exclusive for demand in self._running.values()):
            return Cause(NO_PARALLEL)
        blocked: Counter[Cause] = Counter()
        for number, tests in self._left.items():
            cause = self._blocker(self._trace.demands[number])
            if cause is None:
                return Cause(TAIL)
            blocked[cause] += tests
        return max(blocked, key=lambda cause: (blocked[cause], cause.kind != NO_PARALLEL))

    def _blocker(self, demand: Demand) -> Cause | None:
        """What keeps a test with ``demand`` from running beside what runs."""
        running = self._running.values()
        if demand.exclusive:
            return Cause(NO_PARALLEL) if running else None
        if demand.serial and any(other.serial for other in running):
            return Cause(SERIAL)
        if demand.group is not None and any(other.group == demand.group for other in running):
            return Cause(GROUP, demand.group)
        for claim in demand.claims:
            hosts = self._trace.hosts if claim.scope is KeyScope.HOST else [""]
            if not any(self._is_free(claim, host) for host in hosts):
                return Cause(KEY, claim.key)
        return None

    def _is_free(self, claim: Claim, host: str) -> bool:
        """Whether another test could hold ``claim``: on ``host``, if the key is one per host."""
        workers = self._trace.workers
        others = [
            other
            for worker, one in self._running.items()
            for other in one.claims
            if other.key == claim.key
            and (claim.scope is KeyScope.SESSION or workers[worker].host == host)
        ]
        units = sum(other.units for other in others if other.mode is Mode.WRITE)
        capacity = self._trace.capacities.get(claim.key, 1) - self._isolated[claim.key, host]
        if claim.mode is Mode.READ:
            return units == 0 and capacity > 0
        readers = any(other.mode is Mode.READ for other in others)
        return not readers and units + claim.units <= capacity
