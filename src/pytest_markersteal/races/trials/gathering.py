"""Puts together what a trial says."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_markersteal.races.trials.model import CRASHED, HUNG, NOT_RUN, Round, TestResult
from pytest_markersteal.races.trials.results import (
    OUTCOMES,
    PHASES,
    Collected,
    Over,
    Reported,
    Result,
    Started,
)


class Gathering:
    """Takes in results, in order; tells what became of the tests."""

    def __init__(self, script: Iterable[str] = ()) -> None:
        """``script`` are the tests that are to run; without, all that are collected."""
        self._script = dict.fromkeys(script)
        self._over: list[Round] = []
        self._begin()

    def take(self, result: Result) -> None:
        """Take in what came next."""
        match result:
            case Collected(ids):
                if not self._script:
                    self._expected.update(dict.fromkeys(ids))
            case Started(test):
                self._results.setdefault(test, TestResult("passed"))
                self._running[test] = None
            case Reported():
                self._report(result)
            case Over(status):
                self._end(status, CRASHED)  # It ended pytest.

    def rounds(self, *, hung: bool) -> list[Round]:
        """All rounds, now that the process is gone; ``hung``: it was ended."""
        if self._results or not self._over:
            self._end(None, HUNG if hung else CRASHED)
        return self._over

    def _begin(self) -> None:
        self._expected = self._script.copy()
        self._results: dict[str, TestResult] = {}
        self._running: dict[str, None] = {}

    def _report(self, report: Reported) -> None:
        earlier = self._results.get(report.test, TestResult("passed"))
        phase = PHASES[report.phase]
        if phase in ("teardown", "crash"):
            self._running.pop(report.test, None)
        duration_s = earlier.duration_s + report.duration_us / 1e6
        outcome = OUTCOMES[report.outcome]
        if OUTCOMES.index(earlier.outcome) >= report.outcome:
            outcome, phase = earlier.outcome, earlier.phase or phase
            message, where = earlier.message, earlier.where
        else:
            message, where = report.message, report.where
        self._results[report.test] = TestResult(
            outcome, phase, message, where, report.worker, duration_s
        )

    def _end(self, status: int | None, running: str) -> None:
        for test in self._running:
            self._results[test] = TestResult(running)
        for test in self._expected:
            self._results.setdefault(test, TestResult(NOT_RUN))
        self._over.append(Round(self._results, status))
        self._begin()
