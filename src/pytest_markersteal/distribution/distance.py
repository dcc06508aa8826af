"""How far a worker is away, and how far its clock is off: measured with pings.

A ping is answered by the receiver thread of the worker, which may have to wait for a test that
keeps the interpreter to itself. So the quickest of several counts, for both: whatever delayed an
answer, delayed it on one of the two ways, and the middle between ping and answer is then not when
the worker looked at its clock (Cristian 1989, "Probabilistic clock synchronization").

The quickest of the last few counts, as ways change and clocks drift.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

AT_ONCE = 5
"""So many pings follow each other when a worker has collected; as many answers count."""
AGAIN_S = 10.0
"""From then on, the least time between two pings."""


class _Answer(NamedTuple):
    round_trip_s: float
    ahead_s: float


class Distance:
    """What is known of the way to one worker. Times are by this process's clock, in seconds."""

    def __init__(self) -> None:
        self._answers: deque[_Answer] = deque(maxlen=AT_ONCE)
        self._best: _Answer | None = None
        """The quickest of them; other threads look at it."""
        self._asked_s = 0.0

    @property
    def round_trip_s(self) -> float:
        """What a ping and its answer take; 0 while nobody knows."""
        best = self._best
        return best.round_trip_s if best else 0.0

    @property
    def ahead_s(self) -> float | None:
        """How far this process's clock is ahead of the worker's; None while nobody knows."""
        best = self._best
        return best.ahead_s if best else None

    def asked(self, now_s: float) -> None:
        """A ping is sent."""
        self._asked_s = now_s

    def answered(self, sent_s: float, worker_s: float, now_s: float) -> None:
        """The ping of ``sent_s`` was answered, at ``worker_s`` by the worker's clock."""
        self._answers.append(_Answer(now_s - sent_s, (sent_s + now_s) / 2 - worker_s))
        self._best = min(self._answers)

    def is_due(self, now_s: float) -> bool:
        """Whether to send one of the later pings now."""
        return self.is_known and now_s - self._asked_s >= AGAIN_S

    @property
    def is_known(self) -> bool:
        """Whether the pings that follow each other were all answered."""
        return len(self._answers) == AT_ONCE
