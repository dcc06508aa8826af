"""What becomes of the victim in a trial: asked of real runs, counted, and within bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from pytest_markersteal.races.trials.model import CRASHED, HUNG, NOT_RUN, Ran, TestResult, Trial
from pytest_markersteal.races.trials.running import Trials

GRACE_S = 30.0
"""A trial may take this long beyond what its tests and its start are known to take..."""
SLOWER = 10.0
"""...and those this many times as long."""
UNKNOWN_S = 60.0
"""What a test is granted that has never been seen to end..."""
UNKNOWN_MOST_S = 3600.0
"""...and all such tests of a trial together."""


class OutOfTrialsError(Exception):
    """As many trials were run as were allowed."""


class Tally(NamedTuple):
    """Something showed in ``shown`` of ``trials`` trials."""

    shown: int
    trials: int

    def __str__(self) -> str:
        return f"{self.shown} of {self.trials} times"


@dataclass(frozen=True, slots=True)
class Symptom:
    """What is to show of the victim: that it passes, or that it fails in this way and phase."""

    outcome: str
    phase: str = ""

    @classmethod
    def of(cls, result: TestResult) -> Symptom:
        """What shows in ``result``; of a process that ends, the phase is not known."""
        if result.has_passed:
            return cls("passed")
        return cls(result.outcome, "" if result.outcome in (CRASHED, HUNG) else result.phase)

    def shows(self, result: TestResult) -> bool:
        """Whether it shows in ``result``."""
        return Symptom.of(result) == self


class Oracle:
    """Runs trials for one victim."""

    def __init__(
        self,
        trials: Trials,
        victim: str,
        collected: Sequence[str],
        most: int,
        limit_s: float | None = None,
        about: Callable[[int], None] = lambda number: None,
    ) -> None:
        """``most`` trials are run; each is ended after ``limit_s``, or when it takes far too long.

        ``about`` is told the number of a trial when it begins.
        """
        self.victim = victim
        self.collected = collected
        self.durations_s: dict[str, float] = {}
        """What tests are known to take."""
        self.start_s = 0.0
        """What it takes until the first test."""
        self.trials = trials
        self._most = most
        self._limit_s = limit_s
        self._about = about
        self.asked = 0
        """How many trials have run."""

    def ask(self, trial: Trial) -> TestResult:
        """What becomes of the victim in ``trial``; ``OutOfTrialsError`` if there may be no more."""
        ran = self.run(trial)
        self.trials.discard(ran)
        return ran.results.get(self.victim, TestResult(NOT_RUN))

    def run(self, trial: Trial, trials: Trials | None = None) -> Ran:
        """Run ``trial``, of other ``trials`` perhaps; the caller discards what it has written."""
        if self.asked == self._most:
            raise OutOfTrialsError
        self.asked += 1
        self._about(self.asked)
        limited = replace(trial, limit_s=self._limit(trial))
        ran = (trials or self.trials).run(limited)
        for test, result in ran.results.items():
            if result.outcome not in (CRASHED, HUNG, NOT_RUN):
                self.durations_s[test] = result.duration_s
        return ran

    def tally(self, trial: Trial, symptom: Symptom, wanted: int, most: int) -> Tally:
        """How often ``symptom`` shows, until it has ``wanted`` times, or after ``most`` trials."""
        shown = trials = 0
        while shown < wanted and trials < most:
            trials += 1
            shown += symptom.shows(self.ask(trial))
        return Tally(shown, trials)

    def _limit(self, trial: Trial) -> float:
        if self._limit_s is not None:
            return self._limit_s
        tests: Iterable[str] = (test for slot in trial.slots for test in slot)
        known_s = unknown_s = 0.0
        for test in tests if trial.slots else self.collected:
            if test in self.durations_s:
                known_s += self.durations_s[test]
            else:
                unknown_s += UNKNOWN_S
        return GRACE_S + SLOWER * (self.start_s + known_s) + min(unknown_s, UNKNOWN_MOST_S)
