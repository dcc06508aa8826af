"""A run as its trace tells it.

Times are seconds since the controller's session began, on one clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pytest_markersteal.core.suite import Claim, Demand, KeyScope
from pytest_markersteal.trace.names import PHASES
from pytest_markersteal.trace.records import Command, End, Head

CRASHED = "crashed"
RUNNING = "running"


class Span(NamedTuple):
    """A stretch of time."""

    since_s: float
    until_s: float

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.until_s - self.since_s


class FixtureRun(NamedTuple):
    """A fixture of wide scope was set up; ``own_s`` is without those that it asked for."""

    scope: str
    node: str
    name: str
    own_s: float
    span: Span


@dataclass(frozen=True, slots=True)
class TestRun:
    """A test ran, or crashed: ``outcome`` is one of ``OUTCOMES``, ``CRASHED`` or ``RUNNING``.

    The trace of a run that was killed ends while tests are running. ``own_s`` is what it took
    without fixtures of wider scope and without waiting, ``cpu_s`` the CPU time. ``parts_us`` are
    the phases as in ``records.Finished``, ``waits`` the times in it that it waited for the
    controller, which are not work. ``parked``: the worker then tore down all but fixtures of
    session scope.
    """

    __test__ = False

    test: int
    worker: int
    span: Span
    own_s: float
    cpu_s: float
    outcome: str
    parts_us: tuple[int, ...] = ()
    waits: tuple[Span, ...] = ()
    fixtures: tuple[FixtureRun, ...] = ()
    parked: bool = False

    def phases(self) -> Iterator[tuple[str, Span]]:
        """Set-up, call and teardown; more of them where it was run again at once."""
        began_s = self.span.since_s
        triples = zip(self.parts_us[::3], self.parts_us[1::3], self.parts_us[2::3], strict=True)
        for phase, since_us, until_us in triples:
            yield PHASES[phase], Span(began_s + since_us / 1e6, began_s + until_us / 1e6)

    @property
    def busy_s(self) -> float:
        """Seconds that it kept its worker busy."""
        return self.span.seconds - sum(wait.seconds for wait in self.waits)


@dataclass(frozen=True, slots=True)
class WorkerRun:
    """A worker, from its launch to ``left_s``, the end of the run unless it crashed.

    Workers with the same ``host`` are on one host.
    """

    number: int
    name: str
    slot: int
    launched_s: float
    ready_s: float
    collected_s: float
    joined_s: float
    left_s: float
    host: str = ""


class Isolation(NamedTuple):
    """Nobody was given an instance of a key: after a crash, until it was healthy or the run ended.

    ``finding`` is what its check found, if there was one; see ``records.Isolation``. ``host`` is
    empty where the key is the session's.
    """

    key: str
    instance: int
    span: Span
    finding: str | None
    host: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """A run. ``ids``, ``demand_of`` (numbers in ``demands``) and ``predicted_s`` are by test.

    ``tests`` are in the order in which they started; one that crashed and was run again is there
    twice. ``end`` is None where the controller was killed.
    """

    head: Head
    ids: Sequence[str]
    demands: Sequence[Demand]
    demand_of: Sequence[int]
    capacities: Mapping[str, int]
    predicted_s: Sequence[float | None]
    workers: Sequence[WorkerRun]
    tests: Sequence[TestRun]
    commands: Sequence[Command]
    end: End | None
    instances: Mapping[int, Mapping[str, Sequence[int]]] = field(default_factory=dict)
    """Which instances of keys each test held that holds some, by test and key."""
    isolations: Sequence[Isolation] = ()

    def demand(self, test: int) -> Demand:
        """What the marks of ``test`` ask for."""
        return self.demands[self.demand_of[test]]

    @property
    def began_s(self) -> float:
        """When the first test started."""
        return self.tests[0].span.since_s if self.tests else 0.0

    @property
    def ended_s(self) -> float:
        """When the last test ended."""
        return max((run.span.until_s for run in self.tests), default=0.0)

    @property
    def hosts(self) -> list[str]:
        """The hosts of its workers, sorted."""
        return sorted({worker.host for worker in self.workers})

    def host(self, run: TestRun, claim: Claim) -> str:
        """Where ``run`` had what it claims by ``claim``; empty for a key of the session."""
        return self.workers[run.worker].host if claim.scope is KeyScope.HOST else ""

    def slot(self, run: TestRun) -> int:
        """Where a test ran."""
        return self.workers[run.worker].slot
