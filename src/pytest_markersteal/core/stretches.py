"""How far each worker is committed ahead of the test that it runs.

Theory: what is not committed can still go to whoever turns out to be free, so a stretch is short:
a share of the work left. But no worker must run dry while the start of a test travels to the
controller and more tests travel back. More are sent when half of a stretch is left, so that half
must take longer than this round trip. A worker that ran dry all the same is committed further
ahead from then on.

A test longer than the stretch waits until its worker asks for it, which costs a round trip. Where
that is much beside the test, it is committed behind the running one instead.

Limits: all of this can be recalled, but that takes a round trip to the worker that has the tests,
and half of one to the next. So in the last few round trips of a run nothing is balanced any more.
"""

from __future__ import annotations

from dataclasses import dataclass

from pytest_markersteal.core.progress import Progress
from pytest_markersteal.core.workers import Worker

NEAR_MAX_S = 0.2
"""The most predicted time that a near worker is committed to, beyond a single test."""
NEAR_MIN_S = 0.005
"""The least, as long as it never runs dry: what a controller takes that has much else to do."""
SHARE = 1 / 50
"""A stretch as a share of the work that remains per worker."""
LEAD = 3.0
"""The least stretch in round trips to its worker; half of it is one, and something to spare."""
MOST_LEADS = 2.0
"""By how much this is lengthened at most."""
PATIENCE = 20.0
"""A test of so many round trips waits until it is asked for: that takes a twentieth of its time."""
REACH_SHARE = 1 / 2
"""... and so does a test above this share of what its worker still has to do."""


@dataclass(slots=True)
class Stretch:
    """The stretch of one worker, while it is filled. All are predicted seconds."""

    target_s: float
    """What it is to hold."""
    reach_s: float
    """Tests shorter than this may wait behind others."""
    guess_s: float
    """For how long a test counts of which nothing is known; to a near worker it goes alone."""
    urgent_s: float
    """What its worker will have done before anything else can reach it."""
    ahead_s: float
    """What it holds, with what is left of the running test."""
    is_bare: bool
    """Whether nothing waits behind the running test."""

    @property
    def has_room(self) -> bool:
        """Whether there is to be more in it."""
        return self.ahead_s < (self.reach_s if self.is_bare else self.target_s)

    @property
    def is_urgent(self) -> bool:
        """Whether its worker is about to run dry."""
        return self.ahead_s < self.urgent_s

    def fits(self, test_s: float) -> bool:
        """Whether a test of so many predicted seconds may wait behind others."""
        return test_s < self.reach_s

    def add(self, test_s: float) -> None:
        """A test was added."""
        self.ahead_s += test_s
        self.is_bare = False


class Stretches:
    """The stretches of the workers of a run."""

    def __init__(self, progress: Progress, slots: int, least_s: float) -> None:
        """Near workers are committed to ``least_s`` predicted seconds at least."""
        self._progress = progress
        self._slots = slots
        self._least_s = least_s

    def of(self, worker: Worker, ahead_s: float) -> Stretch:
        """The stretch of ``worker``, which has ``ahead_s`` predicted seconds to do."""
        trip_s = worker.round_trip_s
        left_s = self._progress.left_s / self._slots
        near_s = min(NEAR_MAX_S, max(self._least_s * worker.lengthened, left_s * SHARE))
        target_s = max(near_s, LEAD * trip_s * min(MOST_LEADS, worker.lengthened))
        own_s = max(left_s, worker.job.remaining_s if worker.job else 0.0)
        reach_s = max(target_s, min(PATIENCE * trip_s, REACH_SHARE * own_s))
        guess_s = max(near_s, trip_s)
        return Stretch(target_s, reach_s, guess_s, trip_s, ahead_s, is_bare=not worker.queue)

    def lengthen(self, worker: Worker) -> None:
        """``worker`` ran dry before more came: it is farther, or the controller busier."""
        worker.lengthened *= 2
