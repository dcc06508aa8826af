"""What an audit tells. As data, it is what ``markersteal audit --json`` prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_markersteal.races.audit.statics import Fact


@dataclass(frozen=True, slots=True)
class AsyncUse:
    """How many asynchronous ``tests`` are run by ``runner``, on event loops of ``loop_scope``."""

    runner: str
    loop_scope: str
    tests: int


@dataclass(frozen=True, slots=True)
class MarkUse:
    """A mark and how many tests have it; ``seconds`` they took, None where that isn't known.

    ``name`` is the mark's, with the key or the group where it has one: ``shared_resource db``.
    """

    name: str
    tests: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class FixtureUse:
    """A fixture: how many ``tests`` use it; how often it was set up, on how many ``workers``.

    ``seconds`` are those of all its set-ups, without fixtures that it asked for. The last three are
    None where no trace tells: without one, and for fixtures of function scope.
    """

    name: str
    scope: str
    where: str
    autouse: bool
    is_async: bool
    tests: int
    setups: int | None
    workers: int | None
    seconds: float | None

    @property
    def repeated_s(self) -> float:
        """Seconds that one set-up for all workers would save, if it is a session's."""
        if self.scope != "session" or not self.setups or self.seconds is None:
            return 0.0
        return self.seconds * (self.setups - 1) / self.setups


@dataclass(frozen=True, slots=True)
class Waiting:
    """A test that was busy for ``wall_s`` seconds and had the CPU for ``cpu_s`` of them."""

    test: str
    wall_s: float
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Reason:
    """``count`` of something, of a ``kind`` of the rules; where, for the first ones."""

    kind: str
    count: int
    where: Sequence[str]


@dataclass(frozen=True, slots=True)
class Risk:
    """A folder with ``tests`` and their risk: the sum of ``weights``, and the ``level`` of that."""

    folder: str
    tests: int
    level: str
    weights: int
    reasons: Sequence[Reason]


@dataclass(frozen=True, slots=True)
class Run:
    """What a trace tells of a run as a whole; seconds are sums over all tests."""

    name: str
    began: str
    workers: int
    tests: int
    wall_s: float
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found out. ``run`` is None, and what it tells unknown, where there is no trace.

    ``unread`` are files that could not be looked at, with reasons.
    """

    tests: int
    files: int
    findings: int
    asyncio_mode: str
    run: Run | None
    risks: Sequence[Risk]
    marks: Sequence[MarkUse]
    asynchronous: Sequence[AsyncUse]
    fixtures: Sequence[FixtureUse]
    waiting: Sequence[Waiting]
    facts: Sequence[Fact]
    unread: Sequence[str]
