"""What became of each test in all runs so far, counted."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pytest_markersteal.races.stress.bounds import least_failures, most_failures
from pytest_markersteal.races.stress.plan import Condition, Settings, conditions
from pytest_markersteal.races.trials.model import BAD, NOT_RUN, TestResult

PASSED = "passed"

STABLE, FLAKY, FAILING = "stable", "flaky", "failing"
"""What a suite is: all its runs passed; some tests passed in some and failed in others; or some
failed in all of them, and none was flaky."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the suite, or a round of one.

    ``results`` are those of tests that did not pass, by their numbers. ``trouble`` is why not a
    single test ran, or empty. ``trace`` is the name of its trace, if that was kept, or empty.
    """

    number: int
    round: int
    condition: Condition
    hash_seed: str
    seconds: float
    results: Mapping[int, TestResult]
    trouble: str = ""
    trace: str = ""

    @property
    def passed(self) -> bool:
        """Whether every test ran, and none failed."""
        kinds = {result.outcome for result in self.results.values()}
        return not self.trouble and not kinds.intersection((*BAD, NOT_RUN))

    def failed(self, test: int) -> bool | None:
        """Whether ``test`` failed; None where it did not run."""
        result = self.results.get(test)
        if self.trouble or (result is not None and result.outcome == NOT_RUN):
            return None
        return result is not None and result.is_bad


@dataclass(frozen=True, slots=True)
class Level:
    """What the runs of one condition say; of None, those of the block of drawn ones.

    ``most`` is the greatest rate of failing runs that they leave possible, at the confidence asked
    for; ``consistent`` the number of tests with one and the same outcome in all of them;
    ``seconds`` the median of what a run took, with its start.
    """

    condition: Condition | None
    runs: int
    passed: int
    most: float
    consistent: int
    seconds: float


@dataclass(slots=True)
class Tally:
    """All runs of the tests ``ids`` so far."""

    settings: Settings
    ids: Sequence[str] = ()
    runs: list[Run] = field(default_factory=list)
    _by_group: dict[Condition | None, list[Run]] = field(default_factory=dict)
    _ever_bad: set[int] = field(default_factory=set)
    _own: frozenset[Condition] = field(init=False)

    def __post_init__(self) -> None:
        self._own = frozenset(conditions(self.settings))

    def add(self, run: Run) -> None:
        """Count ``run`` in."""
        self.runs.append(run)
        self._by_group.setdefault(self._group(run.condition), []).append(run)
        self._ever_bad.update(test for test, result in run.results.items() if result.is_bad)

    def has_failed(self, test: int) -> bool:
        """Whether ``test`` failed in any run."""
        return test in self._ever_bad

    def levels(self) -> list[Level]:
        """By condition, in the order of the plan."""
        groups = [*conditions(self.settings), None]
        return [
            self._level(group, self._by_group[group]) for group in groups if group in self._by_group
        ]

    def is_settled(self, condition: Condition) -> bool:
        """Whether the runs of ``condition`` have proven what was asked for, either way."""
        rate, confidence = self.settings.rate, self.settings.confidence
        runs = self._by_group.get(self._group(condition), [])
        if not rate or not runs:
            return False
        failures = sum(not run.passed for run in runs)
        return (
            most_failures(failures, len(runs), confidence) <= rate
            or least_failures(failures, len(runs), confidence) > rate
        )

    def flaky(self) -> list[int]:
        """The tests that failed in some runs, and not in others in which they ran; ascending."""
        return [test for test in sorted(self._ever_bad) if self._sometimes_good(test)]

    def failing(self) -> list[int]:
        """The tests that failed in all runs in which they ran, ascending."""
        return [test for test in sorted(self._ever_bad) if not self._sometimes_good(test)]

    def inconsistent(self) -> list[int]:
        """The tests that did not always end in the same way, though they never failed."""
        return sorted(_varying(self.runs) - self._ever_bad)

    def verdict(self) -> str:
        """``STABLE``, ``FLAKY`` or ``FAILING``."""
        could_begin = {not run.trouble for run in self.runs}
        not_run = any(
            result.outcome == NOT_RUN for run in self.runs for result in run.results.values()
        )
        if self.flaky() or len(could_begin) > 1:
            return FLAKY
        if self.failing() or False in could_begin:
            return FAILING
        return FLAKY if not_run else STABLE

    def of_test(self, test: int) -> list[tuple[Condition, bool]]:
        """Of each run in which ``test`` ran: its condition, and whether the test failed."""
        told = [(run.condition, run.failed(test)) for run in self.runs]
        return [(condition, failed) for condition, failed in told if failed is not None]

    def passes(self, test: int) -> dict[Condition | None, tuple[int, int]]:
        """As of ``Level``: in how many runs ``test`` did not fail, and in how many it ran."""
        counted: dict[Condition | None, tuple[int, int]] = {}
        for condition, failed in self.of_test(test):
            group = self._group(condition)
            good, ran = counted.get(group, (0, 0))
            counted[group] = good + (not failed), ran + 1
        return counted

    def first_failing(self, test: int) -> list[Run]:
        """The runs in which ``test`` failed, those with a trace first, then the earliest."""
        failed = [run for run in self.runs if run.failed(test)]
        return sorted(failed, key=lambda run: (not run.trace, run.number, run.round))

    def _sometimes_good(self, test: int) -> bool:
        return any(run.failed(test) is False for run in self.runs)

    def _group(self, condition: Condition) -> Condition | None:
        return condition if condition in self._own else None

    def _level(self, condition: Condition | None, runs: Sequence[Run]) -> Level:
        failures = sum(not run.passed for run in runs)
        return Level(
            condition,
            len(runs),
            len(runs) - failures,
            most_failures(failures, len(runs), self.settings.confidence),
            len(self.ids) - len(_varying(runs)),
            statistics.median(run.seconds for run in runs),
        )


def _varying(runs: Sequence[Run]) -> set[int]:
    """The tests whose outcome is not the same in all ``runs`` that could begin."""
    begun = [run for run in runs if not run.trouble]
    outcomes: dict[int, Counter[str]] = {}
    for run in begun:
        for test, result in run.results.items():
            outcomes.setdefault(test, Counter())[result.outcome] += 1
    return {
        test for test, kinds in outcomes.items() if len(kinds) > 1 or kinds.total() < len(begun)
    }
