"""What a trial is, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

NOT_RUN = "not run"
HUNG = "hung"
CRASHED = "crashed"

BAD = ("error", "failed", CRASHED, HUNG)
"""Outcomes of a test with which it has not done what it should."""


@dataclass(frozen=True, slots=True)
class Project:
    """The tests that trials run: as ``pytest`` with ``arguments`` collects them in ``folder``."""

    folder: Path
    arguments: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Trial:
    """The conditions of one run of pytest.

    With ``slots``, those tests in that order: one slot runs in one process without workers; several
    each have a worker, and their first tests start together, as do their second ones, and so on.
    ``times``, in seconds since any moment, say otherwise when each of these tests starts and ends:
    it starts when all have ended that end before, and have started that start before.
    Otherwise all tests, freely: on ``workers`` workers by ``dist``, in one process if there are 0,
    and as the project's own arguments say if it is None.
    ``rounds`` is how often they run, one round after another in one process, which has no workers.
    ``environment`` and ``arguments`` are added to those of the project; a run that takes longer
    than ``limit_s`` is ended, and its running test has hung.
    """

    slots: Sequence[Sequence[str]] = ()
    times: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    workers: int | None = 0
    dist: str = "markersteal"
    rounds: int = 1
    environment: Mapping[str, str] = field(default_factory=dict)
    arguments: Sequence[str] = ()
    limit_s: float | None = None


@dataclass(frozen=True, slots=True)
class TestResult:
    """What became of a test: ``outcome`` is the worst of its phases, ``phase`` where that was.

    One of ``results.OUTCOMES``, ``HUNG``, or ``NOT_RUN`` where the process died before it.
    ``worker`` is empty where there are none.
    """

    __test__ = False

    outcome: str
    phase: str = ""
    message: str = ""
    where: str = ""
    worker: str = ""
    duration_s: float = 0.0

    @property
    def is_bad(self) -> bool:
        """Whether it failed in one way or another; a test that was not run did not."""
        return self.outcome in BAD

    @property
    def has_passed(self) -> bool:
        """Whether it ran and passed, expectedly or not; one that was skipped did neither."""
        return self.outcome in ("passed", "xpassed")


@dataclass(frozen=True, slots=True)
class Round:
    """What became of the tests of one round, by node id, in the order in which they started."""

    results: Mapping[str, TestResult]
    exit_status: int | None
    """pytest's, or None where the process was gone before."""

    @property
    def bad(self) -> list[str]:
        """The tests that failed in one way or another."""
        return [test for test, result in self.results.items() if result.is_bad]


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a trial. ``trace`` is that of a run on workers; ``output`` what it printed."""

    rounds: Sequence[Round]
    seconds: float
    trace: Path | None
    output: Path

    @property
    def results(self) -> Mapping[str, TestResult]:
        """Of the last round, which is the only one unless more were asked for."""
        return self.rounds[-1].results
