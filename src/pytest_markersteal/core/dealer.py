"""Giving tests to workers, and taking them back."""

from __future__ import annotations

from collections import Counter, deque

from pytest_markersteal.core.estimates import Estimates
from pytest_markersteal.core.hosts import Hosts
from pytest_markersteal.core.jobs import Job
from pytest_markersteal.core.leases import Leases
from pytest_markersteal.core.messages import Command, EventError, Instances, Recall, Run, WorkerId
from pytest_markersteal.core.novelty import Novelty
from pytest_markersteal.core.outlook import Outlook
from pytest_markersteal.core.plan import Plan
from pytest_markersteal.core.pool import Pool
from pytest_markersteal.core.progress import Progress
from pytest_markersteal.core.quarantine import Quarantine
from pytest_markersteal.core.sharing import Sharing
from pytest_markersteal.core.stretches import Stretch, Stretches
from pytest_markersteal.core.suite import Claim, Mode
from pytest_markersteal.core.workers import Worker


class Dealer:
    """Deals the tests of a plan to ``workers``; ``out`` gathers what they are to be told."""

    def __init__(
        self,
        plan: Plan,
        progress: Progress,
        workers: dict[WorkerId, Worker],
        slots: int,
        least_stretch_s: float,
        *,
        checks: bool,
        novelty: Novelty | None,
    ) -> None:
        self.plan = plan
        self.workers = workers
        self.hosts = Hosts(plan.suite)
        self.leases = Leases(plan.suite.capacity, self.hosts)
        self.quarantine = Quarantine(plan.suite, self.leases, self.hosts, checks=checks)
        self.pool = Pool(plan, self.leases, self.hosts, novelty)
        self.out: list[Command] = []
        self.resting: dict[WorkerId, Worker] = {}
        """Parked workers to which nothing is on its way, in the order in which they came to it."""
        self.now_s = 0.0
        """When the event that is handled happened."""
        self._suite = plan.suite
        self._estimates: Estimates = plan.estimates
        self._outlook = Outlook(plan.estimates)
        self._sharing = Sharing(plan, workers, self.leases, self.pool, self._outlook)
        self.stretches = Stretches(progress, slots, least_stretch_s)

    # Giving out

    def commit(self, worker: Worker) -> bool:
        """Commit tests up to a stretch of predicted time, from as many jobs as it takes.

        To a near worker, a test whose duration is a mere guess goes alone; to any, a long one does.
        """
        at_rest = worker.at_rest
        stretch = self._stretch(worker)
        most = self._fair_share(worker)
        tests: list[int] = []
        while stretch.has_room:
            if len(tests) >= most and not stretch.is_urgent and self._is_shareable(worker.job):
                break
            job = self._job_for(worker, at_rest=at_rest and not tests)
            if job is None:
                break
            test_s = self._length_s(job.tests[0], stretch)
            if not (stretch.fits(test_s) or (at_rest and not tests)):
                break
            tests.append(job.next())
            worker.need(job.lane.claims, 1)
            stretch.add(test_s)
        return self._send(worker, tests)

    def commit_alone(self, worker: Worker, waiting: deque[int]) -> bool:
        """Commit tests that run alone, from the first of those ``waiting``, up to a stretch."""
        at_rest = worker.at_rest
        stretch = self._stretch(worker)
        tests: list[int] = []
        while waiting and stretch.has_room:
            claims = self.claims(waiting[0])
            test_s = self._length_s(waiting[0], stretch)
            if not (stretch.fits(test_s) or (at_rest and not tests)):
                break
            if self.leases.blocker(worker.name, claims) is not None:
                break  # Itself, as a writer of what this test reads: it must park first.
            self.leases.acquire(worker.name, claims)
            worker.need(claims, 1)
            tests.append(waiting.popleft())
            stretch.add(test_s)
        return self._send(worker, tests)

    def _stretch(self, worker: Worker) -> Stretch:
        ahead_s = 0.0 if worker.at_rest else self._outlook.ahead_s(worker, self.now_s)
        return self.stretches.of(worker, ahead_s)

    def _length_s(self, test: int, stretch: Stretch) -> float:
        """Predicted seconds of ``test`` in ``stretch``."""
        founded = self._estimates.is_founded(test)
        return self._estimates.of(test) if founded else stretch.guess_s

    def _fair_share(self, worker: Worker) -> int:
        """How many tests ``worker`` may have at once, so that what is left goes round.

        Without it, tests that an idle worker had recalled could go back to where they were. What is
        done before it could reach another worker is not worth parting, nor is what can't be parted.
        """
        idle = len(self.resting) - (worker.name in self.resting)
        left = self.pool.tests + (len(worker.job) if worker.job else 0)
        return max(1, left // (idle + 1)) if idle else len(self._suite)

    def _is_shareable(self, job: Job | None) -> bool:
        """Whether what follows for the worker of ``job`` could go to others."""
        return job is None or not job.tests or job.lane.spreads

    def _job_for(self, worker: Worker, *, at_rest: bool) -> Job | None:
        job = worker.job
        if job is not None and job.tests and not self.pool.must_yield(worker.name, job.lane):
            if job.lane is self.plan.runs:
                other = self.pool.explore(worker.name, job.tests[0])
                if other is not None:
                    self._drop_job(worker)
                    worker.job = other
                return other or job
            if not self.pool.is_outranked(job.lane, worker.name):
                return job
            if not at_rest:
                return None
        self._drop_job(worker)
        # What waits for a key that this very worker holds is no longer blocked for it.
        for key in worker.leases:
            if self.pool.is_awaited(at := self.hosts.at(worker.name, key)):
                self.pool.wake(at)
        leaving = at_rest and self._must_leave(worker)
        job = self.pool.take(worker.name, None if leaving else worker.last, at_rest=at_rest)
        if job is not None and leaving and self._stays_with(worker, job):
            self.pool.put(job)
            return None
        if job is None and at_rest and not leaving:
            job = self._share(worker)
        if job is not None:
            self.leases.acquire(worker.name, job.lane.claims)
            worker.need(job.lane.claims, 0)
            worker.job = job
        return job

    def _share(self, thief: Worker) -> Job | None:
        """Take what pays of what another worker has, or ask that worker to give it back first."""
        found = self._sharing.find(thief, self.now_s)
        if isinstance(found, Recall):
            self.workers[found.worker].recalling = True
            self.out.append(found)
            return None
        return found

    def _send(self, worker: Worker, tests: list[int]) -> bool:
        """Commit ``tests``, whose claims ``worker`` holds already; whether there are any."""
        if not tests:
            return False
        self.resting.pop(worker.name, None)
        worker.queue.extend(tests)
        worker.sent += len(tests)
        worker.refill_at = len(worker.queue) // 2
        worker.hungry = False
        instances = {test: held for test in tests if (held := self._instances(worker, test))}
        self.out.append(Run(worker.name, tuple(tests), instances))
        return True

    def _instances(self, worker: Worker, test: int) -> Instances:
        return {
            claim.key: self.leases.instances(worker.name, claim)
            for claim in self.claims(test)
            if claim.mode is Mode.WRITE
        }

    # Taking back

    def take_back(self, worker: Worker, tests: tuple[int, ...]) -> list[int]:
        """Take tests from the queue of ``worker`` back to where it had them from.

        Those that must run alone are returned instead: they were never in the pool.
        """
        returned = set(tests)
        if len(returned) != len(tests) or not returned.issubset(worker.queue):
            raise EventError(f"{worker.name} gave back tests that it was not to run: {tests}")
        worker.queue = deque(test for test in worker.queue if test not in returned)
        for test in tests:
            worker.need(self.claims(test), -1)
        ordinary = [test for test in tests if not self.plan.is_exclusive(test)]
        job = worker.job
        if ordinary and job is not None and self._belong(job, ordinary):
            job.put_back(ordinary)
        else:
            self.put_back(ordinary)
        return [test for test in tests if self.plan.is_exclusive(test)]

    def _belong(self, job: Job, tests: list[int]) -> bool:
        module_of = self._suite.module_of
        return all(
            self.plan.lane_of(test) is job.lane and job.module in (-1, module_of[test])
            for test in tests
        )

    def put_back(self, tests: list[int]) -> None:
        """Put tests into the pool, those of one lane and module together."""
        jobs: dict[tuple[int, int], list[int]] = {}
        for test in tests:
            lane = self.plan.lane_of(test)
            module = self._suite.module_of[test] if lane.splittable else -1
            jobs.setdefault((id(lane), module), []).append(test)
        for (_, module), members in jobs.items():
            lane = self.plan.lane_of(members[0])
            self.pool.put(Job(lane, module, members, self._estimates))

    def disengage(self, worker: Worker) -> None:
        """Leave a worker that has nothing set up without a job and without leases."""
        self._drop_job(worker)
        self.release_idle(worker)

    def _drop_job(self, worker: Worker) -> None:
        if worker.job is not None and worker.job.tests:
            self.pool.put(worker.job)
        worker.job = None

    def release_idle(self, worker: Worker) -> bool:
        """Release what ``worker`` holds for nothing any more; whether tests that wait claim it."""
        wanted = False
        for key in worker.idle_leases():
            del worker.leases[key]
            self.leases.release(worker.name, key)
            self.pool.wake(self.hosts.at(worker.name, key))
            wanted |= self.pool.is_wanted(key)
        for key in worker.leases:
            if self._suite.capacity(key) > 1:
                units = self._units_needed(worker, key)
                if self.leases.shrink(worker.name, key, units):
                    self.pool.wake(self.hosts.at(worker.name, key))
                    wanted |= self.pool.is_wanted(key)
        return wanted

    def _units_needed(self, worker: Worker, key: str) -> int:
        """The most units of ``key`` that a test or the job of ``worker`` claims."""
        tests = [*worker.queue, *(() if worker.running is None else (worker.running,))]
        claims = [claim for test in tests for claim in self.claims(test)]
        if worker.job is not None:
            claims += worker.job.lane.claims
        writes = (claim for claim in claims if claim.mode is Mode.WRITE)
        return max((claim.units for claim in writes if claim.key == key), default=0)

    # Small questions

    def claims(self, test: int) -> tuple[Claim, ...]:
        """What ``test`` needs in this run."""
        return self._suite.demand(test).claims if self.plan.marks_matter else ()

    def is_in_the_way(self, worker: Worker) -> bool:
        """Whether ``worker`` keeps a key that it no longer needs and that other tests claim."""
        return any(map(self.pool.is_wanted, worker.idle_leases()))

    def _must_leave(self, worker: Worker) -> bool:
        """Whether ``worker`` will keep a key that others claim until it leaves its module.

        When it asks for its next test, the one that needed the key is not over yet.
        """
        running = () if worker.running is None else self.claims(worker.running)
        needed = Counter(claim.key for claim in running)
        return any(
            count <= needed[key] and self.pool.is_wanted(key)
            for key, count in worker.leases.items()
        )

    def _stays_with(self, worker: Worker, job: Job) -> bool:
        """Whether ``worker`` would stay in its module for ``job``, which needs no key of its."""
        module_of = self._suite.module_of
        stays = worker.last is not None and module_of[worker.last] == module_of[job.tests[0]]
        return stays and not any(claim.key in worker.leases for claim in job.lane.claims)
