"""What an idle worker takes of what another one has: the later part, from where that pays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, islice

from pytest_markersteal.core.estimates import Estimates
from pytest_markersteal.core.jobs import Job, Lane
from pytest_markersteal.core.leases import Leases
from pytest_markersteal.core.messages import Recall, WorkerId
from pytest_markersteal.core.outlook import Outlook
from pytest_markersteal.core.plan import Plan
from pytest_markersteal.core.pool import Pool
from pytest_markersteal.core.setups import REPEAT_PRICE_S
from pytest_markersteal.core.workers import Worker


class Sharing:
    """Finds who has most to do, and how much of it another worker should do instead."""

    def __init__(
        self,
        plan: Plan,
        workers: Mapping[WorkerId, Worker],
        leases: Leases,
        pool: Pool,
        outlook: Outlook,
    ) -> None:
        """``workers`` are all that are there."""
        self._plan = plan
        self._estimates = plan.estimates
        self._workers = workers
        self._leases = leases
        self._pool = pool
        self._outlook = outlook

    def find(self, thief: Worker, now_s: float) -> Job | Recall | None:
        """The later part of what the victim has that would finish last, if that pays.

        A victim that has no more than what it is committed to is to be asked to give that back; the
        thief gets its part when it does.
        """
        best: tuple[float, Worker] | None = None
        if self._estimates.known < len(self._plan.suite):
            for worker in self._workers.values():
                if worker.running is not None:
                    self._estimates.suspect(worker.running, now_s - worker.started_s)
        for victim in self._workers.values():
            if victim is thief or not self._has_spare(victim, thief):
                continue
            remaining_s = self._outlook.remaining_s(victim, now_s)
            if best is None or remaining_s > best[0]:
                best = remaining_s, victim
        if best is None:
            return None
        remaining_s, victim = best
        job = victim.job
        if job is not None and job.tests and job.lane.spreads:
            before = victim.queue[-1] if victim.queue else victim.last
            wait_s = thief.round_trip_s / 2
            count = share(job.tests, before, remaining_s, thief.last, self._estimates, wait_s)
            return job.split(count) if count else None
        # Until the answer is there, the thief has parked, with nothing set up any more.
        wait_s = max(victim.round_trip_s, thief.round_trip_s) + thief.round_trip_s / 2
        count = share(victim.queue, victim.running, remaining_s, None, self._estimates, wait_s)
        kept = len(victim.queue) - count
        return Recall(victim.name, tuple(islice(victim.queue, kept, None))) if count else None

    def _has_spare(self, victim: Worker, thief: Worker) -> bool:
        """Whether there is anything that ``thief`` could have of ``victim``."""
        job = victim.job
        if job is not None and job.tests and not self._may_join(thief, job):
            return False
        if job is not None and job.tests and job.lane.spreads:
            return True
        # Nothing is recalled before the first test of a stretch has started, so that tests can't
        # go to and fro for ever.
        if victim.queue and victim.running is not None and not victim.recalling:
            last = victim.queue[-1]
            lane = self._plan.lane_of(last)
            may_join = lane.splittable or (lane.spreads and self._is_free(thief, lane))
            return may_join and not self._plan.is_exclusive(last)
        return False

    def _may_join(self, thief: Worker, job: Job) -> bool:
        """Whether ``thief`` may have a part of ``job`` beside the worker that has it."""
        return self._is_free(thief, job.lane) and not self._pool.must_yield(thief.name, job.lane)

    def _is_free(self, worker: Worker, lane: Lane) -> bool:
        """Whether ``worker`` could hold what ``lane`` claims."""
        return self._leases.blocker(worker.name, lane.claims) is None


def share(
    tests: Sequence[int],
    before: int | None,
    remaining_s: float,
    last: int | None,
    estimates: Estimates,
    wait_s: float = 0.0,
) -> int:
    """How many of ``tests``, from their end, a thief should take; 0 if none.

    ``before`` is the test before the first of them on the victim, ``remaining_s`` all that the
    victim has to do, ``last`` the test that the thief ran last, and ``wait_s`` what passes until it
    has its part. The best cut is that at which the later of the two is done first, with a price for
    each place that both of them come to.
    """
    best, best_s = 0, remaining_s
    moved_s = 0.0
    backwards = reversed(tests)
    previous_ones = chain(islice(reversed(tests), 1, None), (before,))
    for count, (test, previous) in enumerate(zip(backwards, previous_ones, strict=True), 1):
        moved_s += estimates.of(test)
        entry_s, entered = estimates.setups.entry(test, last)
        if wait_s + moved_s + entry_s >= best_s:
            break
        between_s, crossed = estimates.setups.entry(test, previous)
        done_s = max(remaining_s - moved_s - between_s, wait_s + moved_s + entry_s)
        done_s += REPEAT_PRICE_S * max(0, entered - crossed)
        if done_s < best_s:
            best, best_s = count, done_s
        moved_s += between_s
    return best
