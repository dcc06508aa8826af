"""What it costs a worker to come to a test: the fixtures that tests of a place share.

A place is a package, a module or a class. A worker that comes to one sets its shared fixtures up,
for as long as it stays there; a second worker in the same place does so again.

Limits: a place is known as a whole, so each test counts as if it used all that its place shares.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from pytest_markersteal.core.suite import Suite

Scope: TypeAlias = str

SCOPES: tuple[Scope, ...] = ("package", "module", "class")
"""The scopes of places, widest first."""

REPEAT_PRICE_S = 0.1
"""What it must gain, beyond its own seconds, to set up a place's fixtures once more.

They cost more than the seconds that are measured: processors, connections, lines in logs.
"""

_UNSEEN = -1.0


class Setups:
    """Predicted seconds to set up the shared fixtures of each place of a suite."""

    def __init__(
        self,
        suite: Suite,
        known_s: Mapping[tuple[Scope, int], float] | None = None,
        seen: Iterable[int] = (),
    ) -> None:
        """Start from ``known_s``: seconds by scope and number of the place.

        ``seen`` are tests that ran before: what their places share is known, if only to be nothing.
        """
        self._columns = (suite.package_of, suite.module_of, suite.class_of)
        sizes = (max(column, default=-1) + 1 for column in self._columns)
        self._seconds = tuple(array("d", [_UNSEEN]) * size for size in sizes)
        for test in seen:
            self.learn(test, {})
        for (scope, place), seconds in (known_s or {}).items():
            self._seconds[SCOPES.index(scope)][place] = seconds

    def learn(self, test: int, setups_s: Mapping[Scope, float]) -> None:
        """Take in what was set up for ``test`` in this run, in seconds by scope."""
        for scope, column, known in zip(SCOPES, self._columns, self._seconds, strict=True):
            place = column[test]
            known[place] = max(known[place], setups_s.get(scope, 0.0))

    def is_seen(self, scope: Scope, place: int) -> bool:
        """Whether a test of the place has run, so that its fixtures are known."""
        return self._seconds[SCOPES.index(scope)][place] != _UNSEEN

    def of(self, scope: Scope, place: int) -> float:
        """Predicted seconds of one place; 0 where nothing is known."""
        return max(0.0, self._seconds[SCOPES.index(scope)][place])

    def entry(self, test: int, after: int | None) -> tuple[float, int]:
        """What it takes to come to ``test`` after ``after``, None being nothing that is set up.

        Seconds, and the number of places entered that have fixtures, or may have.
        """
        seconds, places = 0.0, 0
        for column, known in zip(self._columns, self._seconds, strict=True):
            place = column[test]
            if (after is None or column[after] != place) and known[place]:
                seconds += max(0.0, known[place])
                places += 1
        return seconds, places

    def price_s(self, scope: Scope, place: int) -> float:
        """What it must gain to set up one place once more; 0 if it is known to have no fixtures."""
        seconds = self._seconds[SCOPES.index(scope)][place]
        return max(0.0, seconds) + REPEAT_PRICE_S if seconds else 0.0
