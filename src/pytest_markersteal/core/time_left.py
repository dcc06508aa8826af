"""How long the rest of a run will take: the floor of what is left, at the pace of what is done.

The pace is how long tests took, as the scheduler sees it, against what was predicted for them. It
has in it how fast the machine is today, what lies around each test, and set-ups made again.
"""

from __future__ import annotations

from collections.abc import Iterable

from pytest_markersteal.core.estimates import Estimates
from pytest_markersteal.core.floor import floor_of
from pytest_markersteal.core.progress import Progress
from pytest_markersteal.core.suite import Suite
from pytest_markersteal.core.workers import Worker

TRUST_SHARE = 0.05
"""The predictions are taken to hold until tests that make up this share of the run are done."""


class TimeLeft:
    """Follows a run."""

    def __init__(
        self, suite: Suite, estimates: Estimates, progress: Progress, slots: int, hosts: int = 1
    ) -> None:
        self._suite = suite
        self._estimates = estimates
        self._progress = progress
        self._slots = slots
        self._hosts = hosts
        self._predicted_s = self._took_s = TRUST_SHARE * progress.left_s

    def finished(self, predicted_s: float, took_s: float) -> None:
        """A test that was predicted to take ``predicted_s``, with its set-ups, took ``took_s``."""
        self._predicted_s += predicted_s
        self._took_s += took_s

    def seconds(self, workers: Iterable[Worker], now_s: float) -> float:
        """Predicted seconds of wall time until the last test ends."""
        pace = self._took_s / self._predicted_s if self._predicted_s else 1.0
        running_s = {
            worker.running: (now_s - worker.started_s) / pace if pace else 0.0
            for worker in workers
            if worker.running is not None
        }

        def left_s(test: int) -> float:
            return max(0.0, self._estimates.of(test) - running_s.get(test, 0.0))

        rest = self._progress.unsettled()
        setups = self._estimates.setups
        floor = floor_of(self._suite, rest, left_s, setups, self._slots, self._hosts)
        return pace * floor.total_s
