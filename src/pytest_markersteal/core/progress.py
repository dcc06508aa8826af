"""How far the run is."""

from __future__ import annotations

from pytest_markersteal.core.estimates import Estimates


class Progress:
    """Which tests are settled, that is finished, crashed or given up, and how much work is left."""

    def __init__(self, tests: int, estimates: Estimates) -> None:
        self._estimates = estimates
        self._settled = bytearray(tests)
        self.left = tests
        """How many tests are not settled."""
        self._known_left_s = sum(filter(None, map(estimates.history_s, range(tests))))
        self._unknown_left = tests - estimates.known

    @property
    def left_s(self) -> float:
        """Predicted seconds of the tests that are not settled."""
        return self._known_left_s + self._unknown_left * self._estimates.typical_s

    def is_settled(self, test: int) -> bool:
        """Whether ``test`` has finished or crashed, or was given up."""
        return bool(self._settled[test])

    def unsettled(self) -> list[int]:
        """The tests that are not settled, ascending."""
        return [test for test, settled in enumerate(self._settled) if not settled]

    def settle(self, test: int) -> None:
        """``test`` has finished or crashed, or can never run."""
        self._count(test, settled=True)

    def reopen(self, test: int) -> None:
        """``test`` is to run again."""
        self._count(test, settled=False)

    def _count(self, test: int, *, settled: bool) -> None:
        self._settled[test] = settled
        sign = -1 if settled else 1
        self.left += sign
        history_s = self._estimates.history_s(test)
        if history_s is None:
            self._unknown_left += sign
        else:
            self._known_left_s += sign * history_s
