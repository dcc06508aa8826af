"""Tests that can never run: each needs more of a key than there will ever be again."""

from __future__ import annotations

from collections.abc import Callable

from pytest_markersteal.core.dealer import Dealer
from pytest_markersteal.core.solitude import Solitude
from pytest_markersteal.core.suite import Suite


class Stranded:
    """Finds them once instances are isolated for good, so that the run does not wait for them."""

    def __init__(
        self, suite: Suite, dealer: Dealer, solitude: Solitude, settle: Callable[[int], None]
    ) -> None:
        """Each is taken out of where it waits, and told to ``settle``."""
        self._suite = suite
        self._dealer = dealer
        self._pool = dealer.pool
        self._quarantine = dealer.quarantine
        self._solitude = solitude
        self._settle = settle
        self.given_up: dict[int, str] = {}
        """Those found so far, and the key that each lacks."""

    def lacking(self, test: int) -> str | None:
        """The key of which ``test`` needs more than there will ever be again, if there is one."""
        home = self._suite.homes[self._suite.demand_of[test]]
        return self._quarantine.lacking(self._dealer.claims(test), self._pool.hosts_for(home))

    def is_given_up(self, test: int) -> bool:
        """Give ``test`` up, which waits nowhere, if it can never run."""
        key = self.lacking(test)
        if key is not None:
            self.given_up[test] = key
        return key is not None

    def give_up(self) -> None:
        """Settle the tests that can never run; those that are with a worker can."""
        stranded = self._pool.take_out(
            lambda lane: self._quarantine.lacking(lane.claims, self._pool.hosts_for(lane.home))
        )
        stranded += filter(self.lacking, self._solitude.waiting)
        for test in stranded:
            key = self.lacking(test)
            assert key is not None
            self.given_up[test] = key
            self._settle(test)
        self._solitude.remove(self.given_up)
