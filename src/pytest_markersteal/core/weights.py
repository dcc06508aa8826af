"""What tests and the set-ups of their places take, in whole nanoseconds.

Sums of whole numbers depend neither on their order nor on the version of Python, whose ``sum`` of
floats changed in 3.12.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from pytest_markersteal.core.estimates import Estimates
from pytest_markersteal.core.setups import SCOPES
from pytest_markersteal.core.suite import Suite

LEAST_NS = 1_000
"""What a test takes at least, so that tests that take nothing are spread by their number."""

S_IN_NS = 1_000_000_000

Place: TypeAlias = tuple[int, int]
"""Its scope, as an index of ``SCOPES``, and its number."""

_MODULE = SCOPES.index("module")


class Weights:
    """The predicted time of each test and of each place with a set-up."""

    def __init__(self, suite: Suite, estimates: Estimates) -> None:
        tests = range(len(suite))
        self.test_ns = [max(LEAST_NS, round(estimates.of(test) * S_IN_NS)) for test in tests]
        self._columns = (suite.package_of, suite.module_of, suite.class_of)
        self.setup_ns = {
            (depth, place): round(seconds * S_IN_NS)
            for depth, (scope, column) in enumerate(zip(SCOPES, self._columns, strict=True))
            for place in set(column)
            if (seconds := estimates.setups.of(scope, place)) > 0
        }
        self.places_of: list[tuple[Place, ...]] = [
            tuple(
                (depth, column[test])
                for depth, column in enumerate(self._columns)
                if (depth, column[test]) in self.setup_ns
            )
            for test in tests
        ]
        """Of each test, those with set-ups."""

    def of(self, tests: Iterable[int]) -> int:
        """All of ``tests``, without set-ups."""
        return sum(map(self.test_ns.__getitem__, tests))

    def places(self, tests: Iterable[int]) -> set[Place]:
        """Those with set-ups."""
        return {place for test in tests for place in self.places_of[test]}

    def setups_of(self, tests: Iterable[int]) -> int:
        """The set-ups of all places of ``tests``, each once."""
        return sum(map(self.setup_ns.__getitem__, self.places(tests)))

    def enter(self, test: int, entered: set[Place]) -> int:
        """The set-ups of those places of ``test`` that are not ``entered``; now they are."""
        new = [place for place in self.places_of[test] if place not in entered]
        entered.update(new)
        return sum(map(self.setup_ns.__getitem__, new))

    def by_place(self, tests: Iterable[int], depth: int) -> dict[Place, list[int]]:
        """``tests`` by their place of the scope ``SCOPES[depth]``, in order."""
        places: dict[Place, list[int]] = {}
        for test in tests:
            places.setdefault((depth, self._columns[depth][test]), []).append(test)
        return places

    def repeated(self, tests: Iterable[int], workers: int, run_ns: int) -> int:
        """The set-ups, but the first, of modules that don't fit on one worker: as in ``floor``.

        ``run_ns`` is how long the run takes, ``tests`` are those that don't run alone.
        """
        total_ns = 0
        for module, members in self.by_place(tests, _MODULE).items():
            setup_ns = self.setup_ns.get(module, 0)
            if setup_ns:
                visits = -(-self.of(members) // max(1, run_ns - setup_ns))
                total_ns += setup_ns * (min(workers, max(1, visits)) - 1)
        return total_ns

    def longest(self, tests: Sequence[int]) -> int:
        """The longest of ``tests``; 0 if there is none."""
        return max(map(self.test_ns.__getitem__, tests), default=0)
