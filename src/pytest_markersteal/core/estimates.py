"""Predicted durations: what earlier runs recorded, and what this run has taught so far.

A test without history is predicted by the mean of what is known of its function, else of its
class, its module, and at last the suite. Longest-first scheduling needs the order more than the
values (Graham 1969, "Bounds on multiprocessing timing anomalies"), so coarse means do.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence

from pytest_markersteal.core.setups import Scope, Setups
from pytest_markersteal.core.suite import Suite

UNKNOWN_S = -1.0
GUESS_S = 1.0
"""The estimate while nothing at all is known: tests then count as equals."""


class _Means:
    """Running means by group number."""

    def __init__(self, groups: int) -> None:
        self._total_s = array("d", bytes(8 * groups))
        self._count = array("L", bytes(array("L").itemsize * groups))

    def add(self, group: int, duration_s: float) -> None:
        self._total_s[group] += duration_s
        self._count[group] += 1

    def get(self, group: int) -> float | None:
        count = self._count[group]
        return self._total_s[group] / count if count else None


class Estimates:
    """The predicted seconds of each test, and of what tests share."""

    def __init__(
        self,
        suite: Suite,
        history_s: Sequence[float] | None = None,
        setups_s: Mapping[tuple[Scope, int], float] | None = None,
    ) -> None:
        """Start from ``history_s``: seconds by test, negative where nothing is known.

        ``setups_s`` are seconds by scope and place, see ``Setups``.
        """
        self._suite = suite
        self._known_s = array("d", history_s or [UNKNOWN_S] * len(suite))
        if len(self._known_s) != len(suite):
            raise ValueError(f"{len(self._known_s)} durations for {len(suite)} tests")
        columns = (suite.function_of, suite.class_of, suite.module_of)
        self._levels = tuple((c, _Means(max(c, default=-1) + 1)) for c in columns)
        self._suite_mean = _Means(1)
        self._suspected_s: dict[int, float] = {}
        with_history = [test for test, known_s in enumerate(self._known_s) if known_s >= 0]
        self.known = len(with_history)
        """How many tests had history at the start."""
        for test in with_history:
            self._teach(test, self._known_s[test])
        self.longest_s = 0.0
        """The longest of them: a new test may take as long. 0 while most are new."""
        if 2 * self.known >= len(suite):
            self.longest_s = max(map(self._known_s.__getitem__, with_history), default=0.0)
        self.setups = Setups(suite, setups_s, with_history)

    def of(self, test: int) -> float:
        """Predicted seconds of ``test``; ``GUESS_S`` while nothing at all is known."""
        known_s = self._known_s[test]
        if known_s >= 0:
            return known_s
        near_s = self._near(test)
        if near_s is None:
            return max(self.typical_s, self._suspected_s.get(self._suite.module_of[test], 0.0))
        return near_s

    def history_s(self, test: int) -> float | None:
        """What is known of ``test`` itself; it never changes before the test has run."""
        known_s = self._known_s[test]
        return known_s if known_s >= 0 else None

    def is_founded(self, test: int) -> bool:
        """Whether the estimate rests on the test itself or on a neighbour in its module."""
        return self._known_s[test] >= 0 or self._near(test) is not None

    @property
    def typical_s(self) -> float:
        """The mean of all that is known, ``GUESS_S`` before that."""
        mean_s = self._suite_mean.get(0)
        return GUESS_S if mean_s is None else mean_s

    def class_of(self, test: int) -> int:
        """The class of ``test``."""
        return self._suite.class_of[test]

    def suspect(self, test: int, elapsed_s: float) -> None:
        """``test`` runs for ``elapsed_s`` already: so may its neighbours, while none is known."""
        if not self.is_founded(test):
            module = self._suite.module_of[test]
            self._suspected_s[module] = max(elapsed_s, self._suspected_s.get(module, 0.0))

    def learn(
        self, test: int, duration_s: float, setups_s: Mapping[Scope, float] | None = None
    ) -> None:
        """Take in a test that finished in this run."""
        if self._known_s[test] < 0:
            self._known_s[test] = duration_s
            self._teach(test, duration_s)
        self.setups.learn(test, setups_s or {})

    def _near(self, test: int) -> float | None:
        for column, means in self._levels:
            mean_s = means.get(column[test])
            if mean_s is not None:
                return mean_s
        return None

    def _teach(self, test: int, duration_s: float) -> None:
        for column, means in self._levels:
            means.add(column[test], duration_s)
        self._suite_mean.add(0, duration_s)
