"""The phase of the ``no_parallel`` tests: one worker runs them, and every other is parked.

It comes before all else; for those that come back after a crash, once more after all else.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Sized

from pytest_markersteal.core.dealer import Dealer
from pytest_markersteal.core.workers import Worker


class Solitude:
    """Which ``no_parallel`` tests wait, and whether it is their turn."""

    def __init__(self, tests: Iterable[int], dealer: Dealer, workers: Sized) -> None:
        """``workers`` are all that are there; ``tests`` wait in the order in which they run."""
        self._dealer = dealer
        self._workers = workers
        self.waiting = deque(tests)
        self.is_on = bool(self.waiting)
        """Whether nothing but these tests may start."""

    def change(self) -> None:
        """Begin, or end, if the time has come."""
        quiet = len(self._dealer.resting) == len(self._workers)
        if self.is_on:
            self.is_on = bool(self.waiting) or not quiet
        elif self.waiting and quiet and not self._dealer.pool.tests:
            self.is_on = True

    def feed(self, worker: Worker) -> bool:
        """Commit the next test to ``worker``, the dedicated one; whether that could be."""
        dealer = self._dealer
        # It too must have torn down what ordinary tests set up.
        others = len(dealer.resting) - (worker.name in dealer.resting)
        if not self.waiting or others < len(self._workers) - 1:
            return False
        claims = dealer.claims(self.waiting[0])
        if dealer.leases.blocker(worker.name, claims) is not None:
            return False  # Itself, as a writer of what this test reads: it must park first.
        test = self.waiting.popleft()
        dealer.leases.acquire(worker.name, claims)
        worker.need(claims, 1)
        dealer.send(worker, [test])
        return True

    def put_back(self, tests: list[int]) -> None:
        """They were taken back before they started, and are the next ones again."""
        self.waiting.extendleft(reversed(tests))

    def remove(self, tests: Collection[int]) -> None:
        """They can never run."""
        self.waiting = deque(test for test in self.waiting if test not in tests)
