"""How long each worker still has to do, as far as is predicted."""

from __future__ import annotations

from pytest_markersteal.core.estimates import Estimates
from pytest_markersteal.core.workers import Worker


class Outlook:
    """Predictions for workers, by ``estimates``; ``now_s`` is the time of the event at hand."""

    def __init__(self, estimates: Estimates) -> None:
        self._estimates = estimates

    def ahead_s(self, worker: Worker, now_s: float) -> float:
        """Predicted seconds that ``worker`` is still committed to."""
        of = self._estimates.of
        running_s = 0.0
        if worker.running is not None:
            expected_s = of(worker.running) + worker.entry_s
            elapsed_s = now_s - worker.started_s
            # The longer a test is overdue, the longer it is likely to take still; of one of which
            # nothing is known, that holds from its start.
            founded = self._estimates.is_founded(worker.running)
            running_s = abs(expected_s - elapsed_s) if founded else max(expected_s, elapsed_s)
        return running_s + sum(map(of, worker.queue))

    def remaining_s(self, worker: Worker, now_s: float) -> float:
        """The same, with the rest of the job from which its next tests come."""
        return self.ahead_s(worker, now_s) + (worker.job.remaining_s if worker.job else 0.0)
