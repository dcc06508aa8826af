"""Workers without processes: the plain oracle against which the scheduler is held.

A worker here does what a real one does and nothing else: it has an inbox and an outbox (one
connection each, order kept, delay arbitrary), a queue, and one test at a time. It also remembers
what a real one would still have set up, so that the promises of the marks can be checked in the
worker's own time rather than in the scheduler's.
"""

from __future__ import annotations

import itertools
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from pytest_markersteal.core.invariants import check_invariants
from pytest_markersteal.core.messages import (
    Checked,
    Closed,
    Command,
    Event,
    Finished,
    Gate,
    Hungry,
    Instances,
    Park,
    Parked,
    Recall,
    Recalled,
    Requeued,
    RoundTrip,
    Run,
    SlotLost,
    Started,
    Stop,
    Tick,
    WorkerJoined,
    WorkerLeft,
)
from pytest_markersteal.core.quarantine import Instance
from pytest_markersteal.core.replay import Replay
from pytest_markersteal.core.scheduler import Scheduler
from pytest_markersteal.core.suite import Claim, Mode, Suite


@dataclass
class FakeWorker:
    name: str
    slot: int = 0
    host: str = ""
    inbox: deque[Command] = field(default_factory=deque)
    outbox: deque[Event] = field(default_factory=deque)
    queue: deque[int] = field(default_factory=deque)
    instances: dict[int, Instances] = field(default_factory=dict)
    current: int | None = None
    received: int = 0
    begun: int = 0
    gate: int | None = None
    hungry: bool = False
    told_to_park: bool = False
    stopped: bool = False
    module: int | None = None
    up: list[int] = field(default_factory=list)
    """Tests of the present module that ran here: their fixtures may still be set up."""

    def receive(self) -> None:
        match self.inbox.popleft():
            case Run(_, tests, instances):
                self.queue.extend(tests)
                self.instances.update(instances)
                self.received += len(tests)
                self.hungry = False
            case Gate(_, tests):
                self.gate = tests
            case Recall(_, tests):
                assert tests, f"{self.name} was asked for nothing"
                returned = tuple(test for test in self.queue if test in tests)
                self.outbox.append(Recalled(self.name, returned))
                self.queue = deque(test for test in self.queue if test not in tests)
            case Park():
                assert self.hungry, f"{self.name} was told to park without having asked"
                assert not self.queue
                self.told_to_park = True
            case Stop():
                self.stopped = True
                self.queue.clear()

    def can_work(self) -> bool:
        if self.hungry:
            return bool(self.told_to_park or self.queue or self.stopped)
        return self.current is not None or (self.may_start() and not self.stopped)

    def may_start(self) -> bool:
        return bool(self.queue) and (self.gate is None or self.begun < self.gate)


class Fleet:
    def __init__(
        self,
        suite: Suite,
        scheduler: Scheduler | Replay,
        duration_s: list[float],
        *,
        hosts: int = 1,
        checks: bool = False,
        answers: tuple[bool | None, ...] = (True,),
    ) -> None:
        """Its slots are on ``hosts`` hosts in turn.

        With ``checks``, instances are checked, with the ``answers`` in turn.
        """
        self.suite = suite
        self.hosts = hosts
        self.slots: set[int] = set()
        """Those that ever had a worker."""
        self.scheduler = scheduler
        self.duration_s = duration_s
        # A replay goes by what was, not by marks.
        self.marks_matter = isinstance(scheduler, Scheduler) and scheduler._plan.marks_matter
        self.workers: dict[str, FakeWorker] = {}
        self.passed: Counter[int] = Counter()
        self.crashed: Counter[int] = Counter()
        self.reruns: Counter[int] = Counter()
        self.starts: list[tuple[str, int]] = []
        self.closed = False
        self.now_s = 0.0
        self.checks = checks
        self.answers = itertools.cycle(answers)
        self.unchecked: list[Instance] = []
        self.unhealthy: set[Instance] = set()
        self.log: list[Command] = []
        self._names = itertools.count()

    # What happens

    def join(self, slot: int | None = None, round_trip_s: float = 0.0) -> None:
        """A worker comes, in the first slot that is free unless told otherwise."""
        manned = {worker.slot for worker in self.workers.values()}
        if slot is None:
            slot = next(slot for slot in itertools.count() if slot not in manned)
        self.slots.add(slot)
        name, host = f"gw{next(self._names)}", f"host{slot % self.hosts}"
        self.workers[name] = FakeWorker(name, slot, host)
        self.handle(WorkerJoined(name, slot, host=host, round_trip_s=round_trip_s))

    def lose_slots(self) -> None:
        """Nobody comes any more to slots that have no worker."""
        for slot in sorted(self.slots - {worker.slot for worker in self.workers.values()}):
            self.handle(SlotLost(slot))

    def tick(self, passed_s: float) -> None:
        self.now_s += passed_s
        self.handle(Tick())

    def measure(self, name: str, round_trip_s: float) -> None:
        self.handle(RoundTrip(name, round_trip_s))

    def crash(self, name: str, *, rerun: bool = False) -> None:
        worker = self.workers[name]
        while worker.outbox:
            self.deliver(name)
        assert self.scheduler.running(name) == worker.current, "the wrong test is blamed"
        del self.workers[name]
        before = self.isolated()
        self.handle(WorkerLeft(name))
        self._check_isolated(worker, self.isolated() - before)
        if worker.current is not None:
            self.crashed[worker.current] += 1
            if rerun:
                self.reruns[worker.current] += 1
                self.handle(Requeued(worker.current))

    def check(self, _: str) -> None:
        """A check ends."""
        instance = self.unchecked.pop(0)
        healthy = next(self.answers)
        if healthy is False:
            self.unhealthy.add(instance)
        self.handle(Checked(instance.key, instance.number, healthy, instance.host))
        if healthy is not None:
            assert (instance in self.isolated()) == (not healthy)

    def close(self) -> None:
        self.closed = True
        self.handle(Closed())

    def deliver(self, name: str) -> None:
        self.handle(self.workers[name].outbox.popleft())

    def receive(self, name: str) -> None:
        self.workers[name].receive()

    def work(self, name: str) -> None:
        """One step of a worker: start, look for the next test, or finish."""
        worker = self.workers[name]
        if worker.current is None:
            self._start(worker)
        elif worker.stopped:
            worker.hungry = False
            self._finish(worker)
            self._leave_module(worker)
        elif worker.told_to_park:
            worker.told_to_park = worker.hungry = False
            self._finish(worker)
            self._leave_module(worker)
            worker.outbox.append(Parked(worker.name))
        elif worker.queue:
            worker.hungry = False
            self._finish(worker)
            if worker.may_start():
                self._start(worker)
        else:
            assert not worker.hungry
            worker.hungry = True
            worker.outbox.append(Hungry(worker.name, worker.received))

    def handle(self, event: Event) -> None:
        commands = self.scheduler.handle(event, self.now_s)
        if isinstance(self.scheduler, Scheduler):
            check_invariants(self.scheduler)
        self.log += commands
        for command in commands:
            if command.worker in self.workers:
                self.workers[command.worker].inbox.append(command)

    def steps(self) -> list[tuple[Callable[[str], None], str]]:
        """Everything that can happen next without a fault: what, and to which worker."""
        found: list[tuple[Callable[[str], None], str]] = []
        for name, worker in self.workers.items():
            found += [(self.deliver, name)] if worker.outbox else []
            found += [(self.receive, name)] if worker.inbox else []
            found += [(self.work, name)] if worker.can_work() else []
        return found + [(self.check, "")] * bool(self.unchecked)

    def drain(self) -> None:
        """Let everything run to its end."""
        for _ in range(200 * (len(self.suite) + 10) * (len(self.workers) + 1)):
            steps = self.steps()
            if not steps:
                return
            step, name = steps[0]
            step(name)
        raise AssertionError("the run does not end")

    def isolated(self) -> frozenset[Instance]:
        return self.scheduler.isolated if isinstance(self.scheduler, Scheduler) else frozenset()

    # What is promised

    def _check_isolated(self, dead: FakeWorker, isolated: frozenset[Instance]) -> None:
        """What may be in any state is isolated; all of it where somebody checks."""
        if not self.marks_matter or self.closed:
            assert not isolated
            return
        used = {
            self._instance(dead, key, number)
            for test in dead.up
            for key, numbers in dead.instances.get(test, {}).items()
            for number in numbers
        }
        assert isolated == used if self.checks else isolated <= used
        self.unchecked += sorted(isolated) if self.checks else []

    def _host(self, worker: FakeWorker, key: str) -> str:
        """Where tests of ``key`` meet that run on ``worker``."""
        return worker.host if key in self.suite.host_keys else ""

    def _instance(self, worker: FakeWorker, key: str, number: int) -> Instance:
        return Instance(key, number, self._host(worker, key))

    def _start(self, worker: FakeWorker) -> None:
        test = worker.queue.popleft()
        worker.begun += 1
        module = self.suite.module_of[test]
        if module != worker.module:
            self._leave_module(worker)
            worker.module = module
        worker.current = test
        worker.up.append(test)
        worker.outbox.append(Started(worker.name, test))
        self.starts.append((worker.name, test))
        held = worker.instances.get(test, {}).items()
        given = {self._instance(worker, key, number) for key, numbers in held for number in numbers}
        assert not given & self.isolated(), (test, given)
        for claim in self.suite.demand(test).claims if self.marks_matter else ():
            at = claim.key, self._host(worker, claim.key)
            isolated = sum((one.key, one.host) == at for one in self.isolated())
            assert claim.mode is Mode.WRITE or isolated < self.suite.capacity(claim.key)
        if self.marks_matter:
            for other in self.workers.values():
                if other is not worker:
                    self._check_pair(worker, test, other)

    def _finish(self, worker: FakeWorker) -> None:
        assert worker.current is not None
        self.passed[worker.current] += 1
        duration_s = self.duration_s[worker.current]
        # Some modules have fixtures, which the first test to come there sets up.
        fixtures = len(worker.up) == 1 and self.suite.module_of[worker.current] % 2
        setups_s = {"module": 0.1} if fixtures else {}
        worker.outbox.append(Finished(worker.name, worker.current, duration_s, setups_s))
        worker.current = None

    def _leave_module(self, worker: FakeWorker) -> None:
        worker.module = None
        worker.up = []

    def _check_pair(self, worker: FakeWorker, test: int, other: FakeWorker) -> None:
        mine = self.suite.demand(test)
        assert not (mine.exclusive and other.up), f"{test} is not alone: {other}"
        for held in other.up:
            theirs = self.suite.demand(held)
            assert not theirs.exclusive, f"{held} is not alone: {worker}"
            assert not (mine.serial and theirs.serial), (test, held)
            assert mine.group is None or mine.group != theirs.group or other.current is None
            for claim in mine.claims:
                for their_claim in theirs.claims:
                    key = claim.key
                    if key == their_claim.key and self._host(worker, key) == self._host(other, key):
                        self._check_claims(worker, test, claim, other, held, their_claim)

    def _check_claims(
        self,
        worker: FakeWorker,
        test: int,
        claim: Claim,
        other: FakeWorker,
        held: int,
        their_claim: Claim,
    ) -> None:
        if claim.mode is Mode.READ and their_claim.mode is Mode.READ:
            return
        assert claim.mode is their_claim.mode, (test, held)
        mine = worker.instances[test][claim.key]
        theirs = other.instances[held][claim.key]
        assert len(mine) == claim.units
        assert not set(mine) & set(theirs), (test, held, mine, theirs)
