"""A run of this package's scheduler: the real core, and workers that bind late."""

from __future__ import annotations

import random
import time
from collections import Counter, deque
from collections.abc import Sequence
from functools import partial

from pytest_markersteal.core.estimates import Estimates
from pytest_markersteal.core.messages import (
    TICK_S,
    Command,
    Event,
    Finished,
    Hungry,
    Park,
    Parked,
    Recall,
    Recalled,
    Run,
    Started,
    Stop,
    Tick,
    WorkerJoined,
    WorkerLeft,
)
from pytest_markersteal.core.novelty import Novelty
from pytest_markersteal.core.scheduler import Scheduler
from pytest_markersteal.simulate.clock import Clock, Controller, Costs
from pytest_markersteal.simulate.outcome import Bench, Outcome
from pytest_markersteal.simulate.workloads import PLAIN, Workload


class LateBoundRun:
    """One simulated run on ``workers`` workers, of which each host has as many, or one more.

    ``known``: what is known of the workload before, all of it or the seconds of each test.
    """

    def __init__(
        self,
        workload: Workload,
        workers: int,
        known: Estimates | Sequence[float] | None,
        costs: Costs,
        seed: int = 0,
        novelty: Novelty | None = None,
    ) -> None:
        self.workload = workload
        self.costs = costs
        self.clock = Clock()
        self.outcome = Outcome()
        self.chance = random.Random(f"crashes {seed}")
        self.core_s = 0.0
        """Real seconds spent in the core after the plan."""
        began_s = time.perf_counter()
        estimates = known if isinstance(known, Estimates) else workload.estimates(known)
        self.scheduler = Scheduler(
            workload.suite, estimates, workers, hosts=workload.hosts, novelty=novelty
        )
        self.plan_s = time.perf_counter() - began_s
        """Real seconds that the plan took."""
        self._workers = workers
        self._names = 0
        self._controller = Controller(self.clock, costs)
        self._fleet: dict[str, _Worker] = {}
        self._ticks = False
        """Whether a tick is on its way."""
        suite = workload.suite
        self._waiting = Counter(suite.demand(test) == PLAIN for test in range(len(suite)))
        """How many tests without marks (True) and with marks (False) have not started."""

    def run(self) -> Outcome:
        """Run to the end; ``RuntimeError`` if tests are left over."""
        for slot in range(self._workers):
            self.join(slot)
        self.clock.run()
        if not self.scheduler.finished:
            raise RuntimeError(f"tests that never ran: {self.scheduler.unfinished[:10]}")
        for worker in self._fleet.values():
            worker.rest()
        self.outcome.finish(self._workers)
        return self.outcome

    def join(self, slot: int) -> None:
        """A worker is ready on ``slot``, and the controller has measured how far it is."""
        name = f"gw{self._names}"
        self._names += 1
        worker = self._fleet[name] = _Worker(name, slot, self)
        host = f"host{slot % self.workload.hosts}"
        round_trip_s = self.costs.round_trip_s(slot)
        self._handle((WorkerJoined(name, slot, host=host, round_trip_s=round_trip_s),))
        if not worker.is_fed:
            worker.idle_cause = self.why_idle()

    def send(self, slot: int, *events: Event) -> None:
        """One message of the worker of ``slot`` to the controller."""
        reports = sum(isinstance(event, Finished) for event in events)
        self._controller.receive(slot, partial(self._handle, events), reports)

    def leave(self, name: str, slot: int, since_s: float) -> None:
        """A worker died in the test that it had started; the controller hears of it.

        A new one is started.
        """
        ready_s = self.clock.now_s + self.costs.start_s
        self.outcome.wait(since_s, ready_s, "crash")
        self.send(slot, WorkerLeft(name))
        self.clock.at(ready_s, partial(self.join, slot))

    def _tick(self) -> None:
        self._ticks = False
        self._handle((Tick(),))

    def _handle(self, events: tuple[Event, ...]) -> None:
        self.outcome.events += len(events)
        began_s = time.perf_counter()
        commands = [
            command
            for event in events
            for command in self.scheduler.handle(event, self.clock.now_s)
        ]
        self.core_s += time.perf_counter() - began_s
        for command in commands:
            worker = self._fleet[command.worker]
            worker.is_fed = worker.is_fed or isinstance(command, Run)
            self.clock.after(self.costs.delay_s(worker.slot), partial(worker.receive, command))
        if self.scheduler.waits_for_time and not self._ticks:
            self._ticks = True
            self.clock.after(TICK_S, self._tick)

    def start(self, test: int) -> None:
        """A worker started ``test``."""
        self._waiting[self.workload.suite.demand(test) == PLAIN] -= 1

    def why_idle(self) -> str:
        """The cause for which a worker that just parked has nothing to do."""
        cause = self.scheduler.why_idle()
        if cause == "tail" and self._waiting[False] and not self._waiting[True]:
            # A chain is one job of one worker, and so in the core's eyes no longer waiting.
            return "keys"
        return cause


class _Worker:
    """A worker as the real one behaves: one test at a time, the next one chosen at its end."""

    def __init__(self, name: str, slot: int, run: LateBoundRun) -> None:
        self.name = name
        self.slot = slot
        self._run = run
        self._bench = Bench(run.workload, run.outcome)
        self._queue: deque[int] = deque()
        self._received = 0
        self._test: int | None = None
        self._finished: Finished | None = None
        """The end of the present test, held until the next one is known."""
        self._hungry = False
        self._dead = False
        self._idle_since_s: float | None = run.clock.now_s
        self.idle_cause = "transport"
        self.is_fed = False
        """Whether a test was ever sent to it."""

    def receive(self, command: Command) -> None:
        """Take in a command of the controller."""
        if self._dead:
            return
        match command:
            case Run(_, tests, _):
                self._queue.extend(tests)
                self._received += len(tests)
                if self._test is None or self._hungry:
                    self._hungry = False
                    self._next()
            case Recall(_, tests):
                returned = tuple(test for test in self._queue if test in tests)
                self._queue = deque(test for test in self._queue if test not in tests)
                self._run.send(self.slot, Recalled(self.name, returned))
            case Park() if self._finished is not None:
                self._hungry = False
                self._run.send(self.slot, self._finished, Parked(self.name))
                self._finished = self._test = None
                self._bench.tear_down()
                self._idle("transport")
                self.idle_cause = self._run.why_idle()
                self._next()
            case Stop():
                self._dead = True

    def rest(self) -> None:
        """The run is over."""
        if not self._dead:
            self._idle(self.idle_cause)

    def _idle(self, cause: str) -> None:
        """Count the time since the last test ended, or since the last call, to ``cause``."""
        now_s = self._run.clock.now_s
        if self._idle_since_s is not None:
            self._run.outcome.wait(self._idle_since_s, now_s, cause)
        self._idle_since_s = now_s

    def _next(self) -> None:
        """Start the first test of the queue, or ask for one."""
        now_s = self._run.clock.now_s
        if not self._queue:
            if self._finished is not None:
                self._hungry = True
                self._run.send(self.slot, Hungry(self.name, self._received))
            return
        test = self._queue.popleft()
        self._idle(self.idle_cause)
        self._idle_since_s = None
        self.idle_cause = "transport"
        self._test = test
        started = Started(self.name, test)
        if self._finished is None:
            self._run.send(self.slot, started)
        else:
            self._run.send(self.slot, self._finished, started)
        self._finished = None
        self._run.start(test)
        duration_s, setups_s = self._bench.start(test)
        outcome = self._run.outcome
        outcome.started.append((now_s, self.name, test))
        setup_s = sum(setups_s.values())
        spent_s = duration_s + setup_s + self._run.costs.test_overhead_s
        if self._run.costs.crash_rate and self._run.chance.random() < self._run.costs.crash_rate:
            crash = partial(self._crash, test, now_s)
            self._run.clock.after(spent_s * self._run.chance.random(), crash)
            return
        outcome.test_s += duration_s
        outcome.setup_s += setup_s
        outcome.wait(now_s, now_s + self._run.costs.test_overhead_s, "overhead")
        end = Finished(self.name, test, duration_s + self._run.costs.test_overhead_s, setups_s)
        self._run.clock.after(spent_s, partial(self._end, end))

    def _end(self, finished: Finished) -> None:
        self._finished = finished
        outcome = self._run.outcome
        outcome.end(finished.test, self._run.clock.now_s)
        self._idle_since_s = self._run.clock.now_s
        self._next()

    def _crash(self, test: int, since_s: float) -> None:
        self._dead = True
        self._run.outcome.end(test, self._run.clock.now_s)
        self._run.leave(self.name, self.slot, since_s)
