"""How long a workload takes on more and on fewer workers, and from where on more don't help.

Two times for each number of workers n: the makespan of a simulated run, with exact history, and
the floor. Where it is known what the tests need of the cores, both are at least::

    max((P + M) / C, M)

P being the CPU seconds of all tests, M those of the controller for their reports, C the number of
cores: processes that compete for cores don't get faster by their number (``core.sizing``).

Limits: tests that already competed for cores when they were measured count as long as they took
then, so fewer workers than at that time are predicted too slow. Start-up is not part of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from pytest_markersteal.core.floor import Floor, Limit
from pytest_markersteal.simulate.clock import Costs
from pytest_markersteal.simulate.late_bound import LateBoundRun
from pytest_markersteal.simulate.workloads import Workload

CORES = "cores"
"""The kind of limit that is not the schedule's: there is no more to be had of the cores."""

STOPPED = 0.01
"""A floor that falls by no more than this share of it has stopped falling."""

_FIXED = ("test", "key", "serial", "group", CORES)
"""The kinds of limits that hold on every number of workers, if they hold on one."""

_DEFAULT_COSTS = Costs()


@dataclass(frozen=True, slots=True)
class Cpu:
    """What the tests of a workload need of a machine.

    ``tests_s`` are the CPU seconds of each, with the fixtures that were set up for it;
    ``reports_s`` those of the controller for all reports; ``cores``, above 0, how many cores work
    at once.
    """

    tests_s: Sequence[float]
    cores: float
    reports_s: float = 0.0

    @property
    def least_s(self) -> float:
        """Wall seconds below which no schedule comes."""
        return max((sum(self.tests_s) + self.reports_s) / self.cores, self.reports_s)

    def changed(self, before: Workload, after: Workload) -> Cpu:
        """The same where the tests take as long as in ``after`` and not as in ``before``."""
        seconds = zip(self.tests_s, before.duration_s, after.duration_s, strict=True)
        tests_s = [cpu_s * (new_s / old_s if old_s else 1.0) for cpu_s, old_s, new_s in seconds]
        return replace(self, tests_s=tests_s)


@dataclass(frozen=True, slots=True)
class Point:
    """A workload on ``workers`` workers.

    ``limit`` says what holds the floor up; its kind is also ``CORES``, and then it is of all tests.
    """

    workers: int
    makespan_s: float
    floor_s: float
    limit: Limit


class Stop(NamedTuple):
    """From ``workers`` on, more of them don't lower the floor, because of ``limit``."""

    workers: int
    limit: Limit


def floor_on(workload: Workload, workers: int, cpu: Cpu | None = None) -> Floor:
    """The floor on ``workers`` workers; where ``cpu`` is known, of the cores too."""
    floor = workload.floor(workers)
    if cpu is None or cpu.least_s <= floor.total_s:
        return floor
    limit = Limit(CORES, cpu.least_s, len(workload.ids))
    return replace(floor, total_s=cpu.least_s, limit=limit)


def point(
    workload: Workload, workers: int, costs: Costs = _DEFAULT_COSTS, cpu: Cpu | None = None
) -> Point:
    """One number of ``workers``, at least 1."""
    outcome = LateBoundRun(workload, workers, workload.duration_s, costs).run()
    floor = floor_on(workload, workers, cpu)
    least_s = 0.0 if cpu is None else cpu.least_s
    return Point(workers, max(outcome.makespan_s, least_s), floor.total_s, floor.limit)


def curve(
    workload: Workload,
    counts: Iterable[int],
    costs: Costs = _DEFAULT_COSTS,
    cpu: Cpu | None = None,
) -> list[Point]:
    """The points for each number of workers in ``counts``, in order."""
    return [point(workload, workers, costs, cpu) for workers in counts]


def floor_stops_at(points: Sequence[Point]) -> Stop | None:
    """The least number of workers of ``points`` from which on the floor falls no further.

    None where it still falls at the largest number. ``points`` are ordered by workers.
    """
    *fewer, most = points
    for here in fewer:
        if here.floor_s - most.floor_s <= STOPPED * here.floor_s:
            return Stop(here.workers, most.limit)
    return Stop(most.workers, most.limit) if most.limit.kind in _FIXED else None
