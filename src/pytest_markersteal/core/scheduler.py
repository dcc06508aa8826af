"""The scheduler: a state machine that turns what workers report into what they are told.

The pool of tests stays here. Each worker is committed to a short stretch of predicted time, and
everything but its running test can be called back. A worker learns its next test only when it
tears the present one down (late binding); if it has none by then it is *hungry* and is answered at
once, with tests or with ``Park``. Parked, it holds nothing.

A key stays leased until the worker has left the module of the last test that needed it, because
fixtures of module and class scope are only then torn down.

``no_parallel`` tests run in a phase of their own, on the dedicated worker: see ``solitude``.
"""

from __future__ import annotations

from collections.abc import Mapping

from pytest_markersteal.core.dealer import Dealer
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
    Parked,
    Recalled,
    Requeued,
    RoundTrip,
    SlotLost,
    Started,
    Stop,
    Tick,
    WorkerId,
    WorkerJoined,
    WorkerLeft,
)
from pytest_markersteal.core.novelty import Novelty
from pytest_markersteal.core.plan import Plan
from pytest_markersteal.core.progress import Progress
from pytest_markersteal.core.quarantine import Instance
from pytest_markersteal.core.serving import Serving
from pytest_markersteal.core.solitude import Solitude
from pytest_markersteal.core.stranded import Stranded
from pytest_markersteal.core.stretches import NEAR_MIN_S
from pytest_markersteal.core.suite import Suite
from pytest_markersteal.core.time_left import TimeLeft
from pytest_markersteal.core.workers import Worker


class Scheduler:
    """One run of one suite. ``handle`` is the only way in and the only way out."""

    def __init__(
        self,
        suite: Suite,
        estimates: Estimates,
        workers: int,
        least_stretch_s: float = NEAR_MIN_S,
        *,
        hosts: int = 1,
        checks: bool = False,
        novelty: Novelty | None = None,
    ) -> None:
        """Plan ``suite`` for ``workers`` (at least 1) on ``hosts`` hosts; they join by events.

        ``least_stretch_s`` is how far ahead they are committed at least, in predicted seconds, as
        long as none of them is far away or runs dry. With ``checks``, each instance that a crash
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
        self._solitude = Solitude(self._plan.exclusive, self._dealer, self._workers)
        self._stranded = Stranded(suite, self._dealer, self._solitude, self._settle)
        self._serving = Serving(self._dealer, self._solitude, self._stranded, self._workers)
        self._resting = self._dealer.resting
        self._time_left = TimeLeft(suite, estimates, self._progress, workers, hosts)

    # Questions

    @property
    def finished(self) -> bool:
        """Whether every test has finished or crashed, or can never run."""
        return not self._progress.left

    @property
    def unfinished(self) -> list[int]:
        """The tests that have neither finished nor crashed, ascending."""
        return sorted([*self._progress.unsettled(), *self._stranded.given_up])

    @property
    def given_up(self) -> Mapping[int, str]:
        """Those of them that can never run, and the key of which each needs more than is left."""
        return self._stranded.given_up

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

    @property
    def waits_for_time(self) -> bool:
        """Whether a ``Tick`` may change something, as a worker rests and another one has tests."""
        return self._serving.waits_for_time

    def why_idle(self) -> str:
        """What a worker waits for that has nothing to do now: for those who explain a run."""
        if self._solitude.is_on or self._solitude.waiting:
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
            case WorkerJoined(name):
                self._joined(event)
            case RoundTrip(name, seconds):
                self._round_trip(self._worker(name), seconds)
            case WorkerLeft(name):
                self._worker_left(self._worker(name))
            case Requeued(test):
                self._requeued(test)
            case Checked(key, number, healthy, host):
                self._checked(Instance(key, number, host), healthy)
            case SlotLost(slot):
                self._slot_lost(slot)
            case Tick():
                self._serving.serve()
            case Closed():
                self._close()
        out, self._dealer.out = self._dealer.out, []
        return out

    def _joined(self, event: WorkerJoined) -> None:
        name = event.worker
        if name in self._workers:
            raise EventError(f"worker {name} joined twice")
        worker = self._workers[name] = Worker(name, event.round_trip_s)
        self._pool.open(self._dealer.hosts.join(name, event.slot, event.host))
        if self._serving.over:
            self._dealer.out.append(Stop(name))
            return
        if self._serving.dedicated is None:
            self._serving.elect(worker)
        self._resting[name] = worker
        self._serving.serve()

    def _round_trip(self, worker: Worker, seconds: float) -> None:
        if seconds > worker.round_trip_s:
            worker.refill_at = len(worker.queue)  # Half of what it has may be too little.
        worker.round_trip_s = seconds
        self._serving.top_up(worker)

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
        self._serving.top_up(worker)
        if freed:
            self._serving.serve()
        elif worker.queue or (worker.job and worker.job.tests):
            self._serving.look_again()

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
            self._serving.look_again()

    def _hungry(self, worker: Worker, received: int) -> None:
        if received > worker.sent:
            raise EventError(f"{worker.name} has {received} tests, but was sent {worker.sent}")
        if received < worker.sent or self._serving.over:
            return
        worker.hungry = True
        ran_dry = worker.refill_at > 0
        if worker.recalling or not self._serving.answer(worker):
            return
        if ran_dry and worker.refill_at > 0:
            self._dealer.stretches.lengthen(worker)

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
        self._serving.serve()

    def _recalled(self, worker: Worker, tests: tuple[int, ...]) -> None:
        if not worker.recalling:
            raise EventError(f"{worker.name} gave back tests that nobody recalled")
        worker.recalling = False
        self._take_back(worker, tests)
        self._serving.serve()
        # The worker kept enough to go on; who had the rest recalled may still be about to park.
        if worker.hungry and not self._serving.over:
            self._serving.answer(worker)

    def _worker_left(self, worker: Worker) -> None:
        del self._workers[worker.name]
        self._resting.pop(worker.name, None)
        if worker.running is not None:
            worker.need(self._dealer.claims(worker.running), -1)
            self._settle(worker.running)
        self._take_back(worker, tuple(worker.queue))
        if not self._serving.over:  # Nobody is given anything any more, and most leave in order.
            self._quarantine.isolate(worker)
        self._dealer.disengage(worker)
        self._pool.leave(worker.name)
        if worker is self._serving.dedicated:
            self._serving.dedicated = None
            heirs = sorted(self._workers.values(), key=lambda heir: not heir.parked)
            if heirs:
                self._serving.elect(heirs[0])
        self._dealer.hosts.leave(worker.name)
        self._serving.serve()

    def _requeued(self, test: int) -> None:
        if not self._progress.is_settled(test):
            raise EventError(f"test {test} is to run again, but it has not run yet")
        if self._stranded.is_given_up(test):
            return  # It stays settled.
        self._progress.reopen(test)
        if self._plan.is_exclusive(test):
            self._solitude.waiting.append(test)
        else:
            self._pool.add_load(test, 1)
            self._dealer.put_back([test])
        self._serving.serve()

    def _checked(self, instance: Instance, healthy: bool | None) -> None:
        if self._quarantine.answer(instance, healthy=healthy):
            self._pool.wake(KeyAt(instance.key, instance.host))
        else:
            self._stranded.give_up()
        self._serving.serve()

    def _slot_lost(self, slot: int) -> None:
        self._dealer.hosts.lose(slot)
        if self._quarantine.is_uneven:  # Else all slots are alike.
            self._serving.serve()

    def _close(self) -> None:
        if not self._serving.over:
            self._serving.over = True
            self._dealer.out += [Stop(name) for name in self._workers]

    def _take_back(self, worker: Worker, tests: tuple[int, ...]) -> None:
        self._solitude.put_back(self._dealer.take_back(worker, tests))

    def _settle(self, test: int) -> None:
        self._progress.settle(test)
        if not self._plan.is_exclusive(test):
            self._pool.add_load(test, -1)

    def _worker(self, name: WorkerId) -> Worker:
        try:
            return self._workers[name]
        except KeyError:
            raise EventError(f"worker {name} has not joined, or has left") from None
