"""The scheduler: a state machine that turns what workers report into what they are told.

The pool of tests stays here. Each worker is committed to a short stretch of predicted time, and
everything but its running test can be called back. A worker learns its next test only when it
tears the present one down (late binding); if it has none by then it is *hungry* and is answered at
once, with tests or with ``Park``. Parked, it holds nothing.

A key stays leased until the worker has left the module of the last test that needed it, because
fixtures of module and class scope are only then torn down.

``no_parallel`` tests run in a phase of their own: on the dedicated worker, while every other worker
is parked; before all else, or, for those that come back after a crash, after all else.
"""

from __future__ import annotations

from collections import deque

from pytest_markersteal.core.estimates import Estimates
from pytest_markersteal.core.jobs import Job
from pytest_markersteal.core.leases import Leases
from pytest_markersteal.core.messages import (
    Closed,
    Command,
    Event,
    Finished,
    Hungry,
    Instances,
    Park,
    Parked,
    Recall,
    Recalled,
    Requeued,
    Run,
    Started,
    Stop,
    WorkerId,
    WorkerJoined,
    WorkerLeft,
)
from pytest_markersteal.core.plan import Plan
from pytest_markersteal.core.pool import Pool
from pytest_markersteal.core.suite import DEDICATED, Claim, Mode, Suite
from pytest_markersteal.core.workers import NO_MODULE, Worker

STRETCH_MAX_S = 0.2
"""The most predicted time that a worker is committed to, beyond a single test."""
STRETCH_MIN_S = 0.005
"""The least: a round trip to a worker, with room for a busy controller."""
STRETCH_SHARE = 1 / 50
"""A stretch as a share of the work that remains per worker."""


class EventError(ValueError):
    """An event that can't be true, such as a worker finishing a test that it never started."""


class Scheduler:
    """One run of one suite. ``handle`` is the only way in and the only way out."""

    def __init__(self, suite: Suite, estimates: Estimates, workers: int) -> None:
        """Plan ``suite`` for ``workers`` workers (at least 1); they join by events."""
        self.suite = suite
        self.estimates = estimates
        self._plan = Plan(suite, estimates, workers)
        self._leases = Leases(suite.capacity)
        self._pool = Pool(self._plan, self._leases)
        self._slots = workers
        self._workers: dict[WorkerId, Worker] = {}
        self._dedicated: Worker | None = None
        self._exclusive = deque(self._plan.exclusive)
        self._alone = bool(self._exclusive)
        self._closed = False
        self._done = bytearray(len(suite))
        self._left = len(suite)
        self._known_left_s = sum(filter(None, map(estimates.history_s, range(len(suite)))))
        self._unknown_left = len(suite) - estimates.known
        self._idle: set[WorkerId] = set()
        """Workers for which there was nothing when they were last looked at."""
        self._out: list[Command] = []

    # Questions

    @property
    def finished(self) -> bool:
        """Whether every test has finished or crashed."""
        return not self._left

    @property
    def unfinished(self) -> list[int]:
        """The tests that have neither finished nor crashed, ascending."""
        return [test for test, done in enumerate(self._done) if not done]

    def running(self, worker: WorkerId) -> int | None:
        """The test that ``worker`` has started and not finished."""
        return self._workers[worker].running

    # Events

    def handle(self, event: Event) -> list[Command]:
        """Take in one event; return what the workers are to be told, in order."""
        match event:
            case Started(name, test):
                self._started(self._worker(name), test)
            case Finished(name, test, duration_s, shared_setup_s):
                self._finished(self._worker(name), test, duration_s, shared_setup_s)
            case Hungry(name, received):
                self._hungry(self._worker(name), received)
            case Parked(name):
                self._parked(self._worker(name))
            case Recalled(name, tests):
                self._recalled(self._worker(name), tests)
            case WorkerJoined(name):
                self._joined(name)
            case WorkerLeft(name):
                self._worker_left(self._worker(name))
            case Requeued(test):
                self._requeued(test)
            case Closed():
                self._close()
        out, self._out = self._out, []
        return out

    def _joined(self, name: WorkerId) -> None:
        if name in self._workers:
            raise EventError(f"worker {name} joined twice")
        worker = self._workers[name] = Worker(name)
        if self._closed:
            self._out.append(Stop(name))
            return
        if self._dedicated is None:
            self._elect(worker)
        self._serve_parked()

    def _started(self, worker: Worker, test: int) -> None:
        if worker.running is not None:
            raise EventError(f"{worker.name} started test {test} before {worker.running} finished")
        if not worker.queue or worker.queue[0] != test:
            raise EventError(f"{worker.name} started test {test}, which is not its next")
        worker.queue.popleft()
        worker.running = test
        worker.parked = worker.hungry = False
        module = self.suite.module_of[test]
        woken = module != worker.module and self._release_idle(worker)
        worker.module = module
        self._top_up(worker)
        if woken:
            self._serve_parked()
        elif worker.queue and self._idle:
            self._serve_parked(limit=1)

    def _finished(
        self, worker: Worker, test: int, duration_s: float, shared_setup_s: float
    ) -> None:
        if worker.running != test:
            raise EventError(f"{worker.name} finished test {test}, which it was not running")
        worker.running = None
        worker.need(self._claims(test), -1)
        self._settle(test)
        self.estimates.learn(test, duration_s, shared_setup_s)
        if worker.job and self._idle:
            # What it has left may have become worth sharing.
            self._serve_parked(limit=1)

    def _hungry(self, worker: Worker, received: int) -> None:
        if received > worker.sent:
            raise EventError(f"{worker.name} has {received} tests, but was sent {worker.sent}")
        if received < worker.sent or self._closed:
            return
        worker.hungry = True
        if not worker.recalling:
            self._answer(worker)

    def _answer(self, worker: Worker) -> None:
        """Answer a hungry worker: at once, because it may hold a key until it is answered."""
        if not self._feed(worker):
            worker.hungry = False
            worker.parking = True
            self._out.append(Park(worker.name))

    def _parked(self, worker: Worker) -> None:
        if worker.running is not None:
            raise EventError(f"{worker.name} parked while running test {worker.running}")
        worker.parked = True
        worker.parking = worker.hungry = False
        worker.module = NO_MODULE
        self._disengage(worker)
        self._serve_parked()

    def _recalled(self, worker: Worker, tests: tuple[int, ...]) -> None:
        if not worker.recalling:
            raise EventError(f"{worker.name} gave back tests that nobody recalled")
        worker.recalling = False
        self._take_back(worker, tests)
        if worker.parked and not worker.queue:
            self._disengage(worker)
        self._serve_parked()
        if worker.hungry and not self._closed:
            self._answer(worker)
        self._top_up(worker)

    def _worker_left(self, worker: Worker) -> None:
        del self._workers[worker.name]
        self._idle.discard(worker.name)
        if worker.running is not None:
            worker.need(self._claims(worker.running), -1)
            self._settle(worker.running)
        self._take_back(worker, tuple(worker.queue))
        self._disengage(worker)
        self._pool.leave(worker.name)
        if worker is self._dedicated:
            self._dedicated = None
            heirs = sorted(self._workers.values(), key=lambda heir: not heir.parked)
            if heirs:
                self._elect(heirs[0])
        self._serve_parked()

    def _requeued(self, test: int) -> None:
        if not self._done[test]:
            raise EventError(f"test {test} is to run again, but it has not run yet")
        self._done[test] = 0
        self._left += 1
        self._count_left(test, 1)
        if self._plan.is_exclusive(test):
            self._exclusive.append(test)
        else:
            self._pool.add_load(test, 1)
            self._put_back([test])
        self._serve_parked()

    def _close(self) -> None:
        if not self._closed:
            self._closed = True
            self._out += [Stop(name) for name in self._workers]

    # Giving out

    def _serve_parked(self, limit: int | None = None) -> None:
        """Feed parked workers, in the order in which they joined, as far as there is work."""
        if self._closed:
            return
        self._change_phase()
        for worker in self._workers.values():
            if worker.parked and worker.at_rest:
                if limit is not None:
                    if limit == 0:
                        break
                    limit -= 1
                if self._feed(worker):
                    self._idle.discard(worker.name)
                else:
                    self._idle.add(worker.name)

    def _change_phase(self) -> None:
        quiet = all(worker.parked and not worker.queue for worker in self._workers.values())
        if self._alone:
            self._alone = bool(self._exclusive) or not quiet
        elif self._exclusive and quiet and not self._pool.tests:
            self._alone = True

    def _feed(self, worker: Worker) -> bool:
        """Commit tests to a worker at rest; whether there were any."""
        if self._alone:
            return worker is self._dedicated and self._feed_exclusive(worker)
        if worker.hungry and self._is_in_the_way(worker):
            return False
        return self._commit(worker)

    def _feed_exclusive(self, worker: Worker) -> bool:
        # The dedicated worker too must have torn down what ordinary tests set up.
        others = (other for other in self._workers.values() if other is not worker)
        if not self._exclusive or not all(other.parked and not other.queue for other in others):
            return False
        test = self._exclusive.popleft()
        claims = self._claims(test)
        self._leases.acquire(worker.name, claims)
        worker.need(claims, 1)
        self._send(worker, [test])
        return True

    def _top_up(self, worker: Worker) -> None:
        """Commit more to a working worker, so that tests much shorter than a round trip flow."""
        if self._closed or self._alone or worker.running is None:
            return
        busy = worker.recalling or worker.parking or worker.hungry
        if not busy and len(worker.queue) <= worker.refill_at and not self._is_in_the_way(worker):
            self._commit(worker)

    def _commit(self, worker: Worker) -> bool:
        """Commit tests up to a stretch of predicted time, from as many jobs as it takes.

        A test whose duration is a mere guess goes alone; so does one longer than the stretch.
        """
        at_rest = worker.at_rest
        stretch_s = self._stretch_s()
        ahead_s = 0.0 if at_rest else self._ahead_s(worker)
        most = self._fair_share(worker)
        tests: list[int] = []
        while ahead_s < stretch_s and len(tests) < most:
            job = self._job_for(worker, at_rest=at_rest and not tests)
            if job is None:
                break
            test = job.tests[0]
            test_s = self.estimates.of(test) if self.estimates.is_founded(test) else stretch_s
            if test_s >= stretch_s and (tests or not at_rest):
                break
            tests.append(job.next())
            worker.need(job.lane.claims, 1)
            ahead_s += test_s
        if tests:
            self._send(worker, tests)
            worker.refill_at = len(worker.queue) // 2
        return bool(tests)

    def _fair_share(self, worker: Worker) -> int:
        """How many tests ``worker`` may have at once, so that what is left goes round.

        Without it, tests that an idle worker had recalled could go back to where they were.
        """
        idle = sum(
            other.parked and other.at_rest
            for other in self._workers.values()
            if other is not worker
        )
        left = self._pool.tests + (len(worker.job) if worker.job else 0)
        return max(1, left // (idle + 1)) if idle else len(self.suite)

    def _job_for(self, worker: Worker, *, at_rest: bool) -> Job | None:
        job = worker.job
        if job is not None and job.tests and not self._must_yield(job):
            return job
        self._drop_job(worker)
        job = self._pool.take(worker.name, worker.module, at_rest=at_rest)
        if job is None and at_rest:
            job = self._share(worker)
        if job is not None:
            self._leases.acquire(worker.name, job.lane.claims)
            worker.need(job.lane.claims, 0)
            worker.job = job
        return job

    def _share(self, thief: Worker) -> Job | None:
        """Take the later part of the run that would finish last, if that makes it finish earlier.

        With V the victim's remaining seconds and s the set-up of the module, both are done
        soonest when the thief takes (V - s) / 2. A victim that has no more than what it is
        committed to is asked to give that back; the thief gets its part when it does.
        """
        best: tuple[float, Worker] | None = None
        for victim in self._workers.values():
            if victim is thief or self._last_of(victim) is None:
                continue
            remaining_s = self._remaining_s(victim)
            if best is None or remaining_s > best[0]:
                best = remaining_s, victim
        if best is None:
            return None
        remaining_s, victim = best
        last = self._last_of(victim)
        assert last is not None
        module = self.suite.module_of[last]
        setup_s = 0.0 if module == thief.module else self.estimates.module_setup_s(module)
        if setup_s + self.estimates.of(last) > remaining_s:
            return None
        job = victim.job
        if job is None or not job.tests or not job.lane.splittable:
            victim.recalling = True
            self._out.append(Recall(victim.name))
            return None
        if self._leases.blocker(thief.name, job.lane.claims) is not None:
            return None
        return job.split((remaining_s - setup_s) / 2)

    def _last_of(self, victim: Worker) -> int | None:
        """The last test that ``victim`` could do without, if any."""
        job = victim.job
        if job is not None and job.tests and job.lane.splittable:
            return job.tests[-1]
        # Nothing is recalled before the first test of a stretch has started, so that tests can't
        # go to and fro for ever.
        if victim.queue and victim.running is not None and not victim.recalling:
            last = victim.queue[-1]
            if not self._plan.is_exclusive(last) and self._plan.lane_of(last).splittable:
                return last
        return None

    def _send(self, worker: Worker, tests: list[int]) -> None:
        worker.queue.extend(tests)
        worker.sent += len(tests)
        worker.hungry = False
        instances = {test: held for test in tests if (held := self._instances(worker, test))}
        self._out.append(Run(worker.name, tuple(tests), instances))

    def _instances(self, worker: Worker, test: int) -> Instances:
        return {
            claim.key: self._leases.instances(worker.name, claim)
            for claim in self._claims(test)
            if claim.mode is Mode.WRITE
        }

    # Taking back

    def _take_back(self, worker: Worker, tests: tuple[int, ...]) -> None:
        returned = set(tests)
        if len(returned) != len(tests) or not returned.issubset(worker.queue):
            raise EventError(f"{worker.name} gave back tests that it was not to run: {tests}")
        worker.queue = deque(test for test in worker.queue if test not in returned)
        for test in tests:
            worker.need(self._claims(test), -1)
        exclusive = [test for test in tests if self._plan.is_exclusive(test)]
        self._exclusive.extendleft(reversed(exclusive))
        ordinary = [test for test in tests if test not in set(exclusive)]
        job = worker.job
        if ordinary and job is not None and self._belong(job, ordinary):
            job.put_back(ordinary)
        else:
            self._put_back(ordinary)

    def _belong(self, job: Job, tests: list[int]) -> bool:
        module_of = self.suite.module_of
        return all(
            self._plan.lane_of(test) is job.lane and job.module in (-1, module_of[test])
            for test in tests
        )

    def _put_back(self, tests: list[int]) -> None:
        """Put tests into the pool, those of one lane and module together."""
        jobs: dict[tuple[int, int], list[int]] = {}
        for test in tests:
            lane = self._plan.lane_of(test)
            module = self.suite.module_of[test] if lane.splittable else -1
            jobs.setdefault((id(lane), module), []).append(test)
        for (_, module), members in jobs.items():
            lane = self._plan.lane_of(members[0])
            self._pool.put(Job(lane, module, members, self.estimates))

    def _disengage(self, worker: Worker) -> None:
        """Leave a worker that has nothing set up without a job and without leases."""
        self._drop_job(worker)
        self._release_idle(worker)

    def _drop_job(self, worker: Worker) -> None:
        if worker.job is not None and worker.job.tests:
            self._pool.put(worker.job)
        worker.job = None

    def _release_idle(self, worker: Worker) -> bool:
        """Release what ``worker`` holds for nothing any more; whether a lane waited for it."""
        woken = False
        for key in worker.idle_leases():
            del worker.leases[key]
            self._leases.release(worker.name, key)
            woken |= self._pool.wake(key)
        return woken

    def _settle(self, test: int) -> None:
        self._done[test] = 1
        self._left -= 1
        self._count_left(test, -1)
        if not self._plan.is_exclusive(test):
            self._pool.add_load(test, -1)

    def _count_left(self, test: int, sign: int) -> None:
        history_s = self.estimates.history_s(test)
        if history_s is None:
            self._unknown_left += sign
        else:
            self._known_left_s += sign * history_s

    # Small questions

    def _worker(self, name: WorkerId) -> Worker:
        try:
            return self._workers[name]
        except KeyError:
            raise EventError(f"worker {name} has not joined, or has left") from None

    def _elect(self, worker: Worker) -> None:
        """Make ``worker`` the dedicated one."""
        self._dedicated = worker
        self._pool.pin(DEDICATED, worker.name)

    def _claims(self, test: int) -> tuple[Claim, ...]:
        return self.suite.demand(test).claims if self._plan.marks_matter else ()

    def _ahead_s(self, worker: Worker) -> float:
        """Predicted seconds that ``worker`` is committed to, its running test counted in full."""
        of = self.estimates.of
        running_s = of(worker.running) if worker.running is not None else 0.0
        return running_s + sum(map(of, worker.queue))

    def _remaining_s(self, worker: Worker) -> float:
        return self._ahead_s(worker) + (worker.job.remaining_s if worker.job else 0.0)

    def _stretch_s(self) -> float:
        left_s = self._known_left_s + self._unknown_left * self.estimates.typical_s
        return min(STRETCH_MAX_S, max(STRETCH_MIN_S, left_s / self._slots * STRETCH_SHARE))

    def _is_in_the_way(self, worker: Worker) -> bool:
        """Whether ``worker`` keeps a key that it no longer needs and that others wait for."""
        return any(self._pool.is_awaited(key) for key in worker.idle_leases())

    def _must_yield(self, job: Job) -> bool:
        """Whether ``job`` only reads a key for which a writer waits."""
        return any(
            claim.mode is Mode.READ and self._pool.is_awaited(claim.key)
            for claim in job.lane.claims
        )
