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
from collections.abc import Mapping

from pytest_markersteal.core.dealer import STRETCH_MIN_S, Dealer
from pytest_markersteal.core.estimates import Estimates
from pytest_markersteal.core.hosts import KeyAt
from pytest_markersteal.core.messages import (
    Checked,
    Closed,
    Command,
    Event,
    EventError,
    Finished,
    Hungry,
    Park,
    Parked,
    Recalled,
    Requeued,
    SlotLost,
    Started,
    Stop,
    WorkerId,
    WorkerJoined,
    WorkerLeft,
)
from pytest_markersteal.core.novelty import Novelty
from pytest_markersteal.core.plan import Plan
from pytest_markersteal.core.progress import Progress
from pytest_markersteal.core.quarantine import Instance
from pytest_markersteal.core.suite import DEDICATED, Suite
from pytest_markersteal.core.time_left import TimeLeft
from pytest_markersteal.core.workers import Worker

LOOKS_AT_ONCE = 8
"""For up to this many workers, every event is a reason to look for something worth sharing."""


class Scheduler:
    """One run of one suite. ``handle`` is the only way in and the only way out."""

    def __init__(
        self,
        suite: Suite,
        estimates: Estimates,
        workers: int,
        least_stretch_s: float = STRETCH_MIN_S,
        *,
        hosts: int = 1,
        checks: bool = False,
        novelty: Novelty | None = None,
    ) -> None:
        """Plan ``suite`` for ``workers`` (at least 1) on ``hosts`` hosts; they join by events.

        ``least_stretch_s`` is how far ahead they are committed at least, in predicted seconds: a
        few times what a message and its answer take. With ``checks``, each instance that a crash
        isolates is checked, and how it is told by an event. With ``novelty``, ties are broken
        toward pairs of modules that are new.
        """
        self.suite = suite
        self.estimates = estimates
        self._plan = Plan(suite, estimates, workers, hosts)
        self._progress = Progress(len(suite), estimates)
        self._workers: dict[WorkerId, Worker] = {}
        self._dealer = Dealer(
            self._plan,
            self._progress,
            self._workers,
            workers,
            least_stretch_s,
            checks=checks,
            novelty=novelty,
        )
        self._pool = self._dealer.pool
        self._quarantine = self._dealer.quarantine
        self._given_up: dict[int, str] = {}
        self._dedicated: Worker | None = None
        self._exclusive = deque(self._plan.exclusive)
        self._alone = bool(self._exclusive)
        self._closed = False
        self._resting = self._dealer.resting
        self._not_looked_at = 0
        self._time_left = TimeLeft(suite, estimates, self._progress, workers, hosts)

    # Questions

    @property
    def finished(self) -> bool:
        """Whether every test has finished or crashed, or can never run."""
        return not self._progress.left

    @property
    def unfinished(self) -> list[int]:
        """The tests that have neither finished nor crashed, ascending."""
        return sorted([*self._progress.unsettled(), *self._given_up])

    @property
    def given_up(self) -> Mapping[int, str]:
        """Those of them that can never run, and the key of which each needs more than is left."""
        return self._given_up

    @property
    def isolated(self) -> frozenset[Instance]:
        """The instances that nobody may hold, since a worker died with them."""
        return self._quarantine.isolated

    def running(self, worker: WorkerId) -> int | None:
        """The test that ``worker`` has started and not finished."""
        return self._workers[worker].running

    def time_left_s(self, now_s: float) -> float:
        """Predicted seconds until the last test ends; dear, as it looks at every test left."""
        return self._time_left.seconds(self._workers.values(), now_s)

    def why_idle(self) -> str:
        """What a worker waits for that has nothing to do now: for those who explain a run."""
        if self._alone or self._exclusive:
            return "no_parallel"
        return "keys" if self._pool.tests else "tail"

    # Events

    def handle(self, event: Event, now_s: float = 0.0) -> list[Command]:
        """Take in one event; return what the workers are to be told, in order.

        ``now_s`` is the time by any clock that doesn't go back; there is none in here.
        """
        self._dealer.now_s = now_s
        match event:
            case Started(name, test):
                self._started(self._worker(name), test)
            case Finished(name, test, duration_s, setups_s):
                self._finished(self._worker(name), test, duration_s, setups_s)
            case Hungry(name, received):
                self._hungry(self._worker(name), received)
            case Parked(name):
                self._parked(self._worker(name))
            case Recalled(name, tests):
                self._recalled(self._worker(name), tests)
            case WorkerJoined(name, slot, host=host):
                self._joined(name, slot, host)
            case WorkerLeft(name):
                self._worker_left(self._worker(name))
            case Requeued(test):
                self._requeued(test)
            case Checked(key, number, healthy, host):
                self._checked(Instance(key, number, host), healthy)
            case SlotLost(slot):
                self._slot_lost(slot)
            case Closed():
                self._close()
        out, self._dealer.out = self._dealer.out, []
        return out

    def _joined(self, name: WorkerId, slot: int, host: str) -> None:
        if name in self._workers:
            raise EventError(f"worker {name} joined twice")
        worker = self._workers[name] = Worker(name)
        self._pool.open(self._dealer.hosts.join(name, slot, host))
        if self._closed:
            self._dealer.out.append(Stop(name))
            return
        if self._dedicated is None:
            self._elect(worker)
        self._resting[name] = worker
        self._serve_parked()

    def _started(self, worker: Worker, test: int) -> None:
        if worker.running is not None:
            raise EventError(f"{worker.name} started test {test} before {worker.running} finished")
        if not worker.queue or worker.queue[0] != test:
            raise EventError(f"{worker.name} started test {test}, which is not its next")
        worker.queue.popleft()
        worker.running = test
        worker.parked = worker.hungry = False
        last, worker.last = worker.last, test
        moved = last is None or self.suite.module_of[last] != self.suite.module_of[test]
        worker.started_s = self._dealer.now_s
        worker.entry_s = self.estimates.setups.entry(test, last)[0]
        if moved:
            worker.used.clear()
        worker.use(self._dealer.claims(test))
        freed = moved and self._dealer.release_idle(worker)
        self._top_up(worker)
        if freed:
            self._serve_parked()
        elif worker.queue or (worker.job and worker.job.tests):
            self._look_again()

    def _finished(
        self, worker: Worker, test: int, duration_s: float, setups_s: Mapping[str, float]
    ) -> None:
        if worker.running != test:
            raise EventError(f"{worker.name} finished test {test}, which it was not running")
        worker.running = None
        worker.need(self._dealer.claims(test), -1)
        predicted_s = self.estimates.of(test) + worker.entry_s
        self._time_left.finished(predicted_s, self._dealer.now_s - worker.started_s)
        self._settle(test)
        self.estimates.learn(test, duration_s, setups_s)
        if worker.job:
            self._look_again()

    def _hungry(self, worker: Worker, received: int) -> None:
        if received > worker.sent:
            raise EventError(f"{worker.name} has {received} tests, but was sent {worker.sent}")
        if received < worker.sent or self._closed:
            return
        worker.hungry = True
        ran_dry = worker.refill_at > 0
        if not worker.recalling and self._answer(worker) and ran_dry and worker.refill_at > 0:
            self._dealer.lengthen_stretches()

    def _answer(self, worker: Worker) -> bool:
        """Answer a hungry worker: at once, because it may hold a key until it is answered."""
        if self._feed(worker):
            return True
        worker.hungry = False
        worker.parking = True
        self._dealer.out.append(Park(worker.name))
        return False

    def _parked(self, worker: Worker) -> None:
        if worker.running is not None:
            raise EventError(f"{worker.name} parked while running test {worker.running}")
        worker.parked = True
        worker.parking = worker.hungry = False
        worker.last = None
        worker.used.clear()
        self._dealer.disengage(worker)
        if not worker.queue:
            self._resting[worker.name] = worker
        self._serve_parked()

    def _recalled(self, worker: Worker, tests: tuple[int, ...]) -> None:
        if not worker.recalling:
            raise EventError(f"{worker.name} gave back tests that nobody recalled")
        worker.recalling = False
        self._take_back(worker, tests)
        self._serve_parked()
        if worker.hungry and not self._closed:
            self._answer(worker)
        self._top_up(worker)

    def _worker_left(self, worker: Worker) -> None:
        del self._workers[worker.name]
        self._resting.pop(worker.name, None)
        if worker.running is not None:
            worker.need(self._dealer.claims(worker.running), -1)
            self._settle(worker.running)
        self._take_back(worker, tuple(worker.queue))
        if not self._closed:  # Nobody is given anything any more, and most leave in order.
            self._quarantine.isolate(worker)
        self._dealer.disengage(worker)
        self._pool.leave(worker.name)
        if worker is self._dedicated:
            self._dedicated = None
            heirs = sorted(self._workers.values(), key=lambda heir: not heir.parked)
            if heirs:
                self._elect(heirs[0])
        self._dealer.hosts.leave(worker.name)
        self._serve_parked()

    def _requeued(self, test: int) -> None:
        if not self._progress.is_settled(test):
            raise EventError(f"test {test} is to run again, but it has not run yet")
        lacking = self._lacking(test)
        if lacking is not None:
            self._given_up[test] = lacking  # It stays settled.
            return
        self._progress.reopen(test)
        if self._plan.is_exclusive(test):
            self._exclusive.append(test)
        else:
            self._pool.add_load(test, 1)
            self._dealer.put_back([test])
        self._serve_parked()

    def _checked(self, instance: Instance, healthy: bool | None) -> None:
        if self._quarantine.answer(instance, healthy=healthy):
            self._pool.wake(KeyAt(instance.key, instance.host))
        else:
            self._give_up_stranded()
        self._serve_parked()

    def _slot_lost(self, slot: int) -> None:
        self._dealer.hosts.lose(slot)
        if self._quarantine.is_uneven:  # Else all slots are alike.
            self._serve_parked()

    def _close(self) -> None:
        if not self._closed:
            self._closed = True
            self._dealer.out += [Stop(name) for name in self._workers]

    # Giving out

    def _look_again(self) -> None:
        """What a worker has left may have become worth sharing.

        To look takes as long as there are workers, so with many of them not every event is a
        reason to.
        """
        self._not_looked_at += 1
        if self._resting and self._not_looked_at * LOOKS_AT_ONCE >= len(self._workers):
            self._not_looked_at = 0
            self._serve_parked(limit=1)

    def _serve_parked(self, limit: int | None = None) -> None:
        """Feed parked workers, at most ``limit`` of them, as far as there is work.

        Those of a host are all alike, but for what only one of them may run: where one finds
        nothing, only the owners of such tests are still looked at.
        """
        if self._closed:
            return
        if self._quarantine.is_uneven:
            # What can still run where depends on who is there, and on whose tests these are.
            self._give_up_stranded()
        self._change_phase()
        hosts = self._dealer.hosts
        done: set[str] = set()
        for worker in list(self._resting.values()):
            if limit == 0:
                return
            if (host := hosts.of(worker.name)) in done:
                continue
            if self._feed(worker):
                limit = None if limit is None else limit - 1
                continue
            done.add(host)
            if len(done) == hosts.manned:
                break
        for name in self._pool.owners():
            if name in self._resting:
                self._feed(self._resting[name])
        if self._alone and self._dedicated and self._dedicated.name in self._resting:
            self._feed(self._dedicated)

    def _change_phase(self) -> None:
        quiet = len(self._resting) == len(self._workers)
        if self._alone:
            self._alone = bool(self._exclusive) or not quiet
        elif self._exclusive and quiet and not self._pool.tests:
            self._alone = True

    def _feed(self, worker: Worker) -> bool:
        """Commit tests to a worker at rest; whether there were any."""
        if self._alone:
            return worker is self._dedicated and self._feed_exclusive(worker)
        if worker.hungry and self._dealer.is_in_the_way(worker):
            return False
        return self._dealer.commit(worker)

    def _feed_exclusive(self, worker: Worker) -> bool:
        # The dedicated worker too must have torn down what ordinary tests set up.
        others = len(self._resting) - (worker.name in self._resting)
        if not self._exclusive or others < len(self._workers) - 1:
            return False
        claims = self._dealer.claims(self._exclusive[0])
        if self._dealer.leases.blocker(worker.name, claims) is not None:
            return False  # Itself, as a writer of what this test reads: it must park first.
        test = self._exclusive.popleft()
        self._dealer.leases.acquire(worker.name, claims)
        worker.need(claims, 1)
        self._dealer.send(worker, [test])
        return True

    def _top_up(self, worker: Worker) -> None:
        """Commit more to a working worker, so that tests much shorter than a round trip flow."""
        if self._closed or self._alone or worker.running is None:
            return
        busy = worker.recalling or worker.parking or worker.hungry
        if (
            not busy
            and len(worker.queue) <= worker.refill_at
            and not self._dealer.is_in_the_way(worker)
        ):
            self._dealer.commit(worker)

    def _take_back(self, worker: Worker, tests: tuple[int, ...]) -> None:
        alone = self._dealer.take_back(worker, tests)
        self._exclusive.extendleft(reversed(alone))

    def _settle(self, test: int) -> None:
        self._progress.settle(test)
        if not self._plan.is_exclusive(test):
            self._pool.add_load(test, -1)

    def _lacking(self, test: int) -> str | None:
        """The key of which ``test`` needs more than there will ever be again, if there is one."""
        home = self.suite.homes[self.suite.demand_of[test]]
        return self._quarantine.lacking(self._dealer.claims(test), self._pool.hosts_for(home))

    def _give_up_stranded(self) -> None:
        """Settle the tests that can never run; those that are with a worker can."""
        stranded = self._pool.take_out(
            lambda lane: self._quarantine.lacking(lane.claims, self._pool.hosts_for(lane.home))
        )
        stranded += filter(self._lacking, self._exclusive)
        for test in stranded:
            key = self._lacking(test)
            assert key is not None
            self._given_up[test] = key
            self._settle(test)
        self._exclusive = deque(test for test in self._exclusive if test not in self._given_up)

    def _worker(self, name: WorkerId) -> Worker:
        try:
            return self._workers[name]
        except KeyError:
            raise EventError(f"worker {name} has not joined, or has left") from None

    def _elect(self, worker: Worker) -> None:
        """Make ``worker`` the dedicated one."""
        self._dedicated = worker
        self._pool.pin(DEDICATED, worker.name)
