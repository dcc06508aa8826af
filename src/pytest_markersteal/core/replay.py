"""Replays an earlier run: the same tests, in the same order, on the same slots.

A state machine with the events and commands of the scheduler. Each worker is sent all tests of its
slot up to the next one after which it parked in the earlier run, so it always knows what to keep
set up, and never asks for a test but where it is to park. What holds a test back is a gate: its
worker has finished the one before, and has told so, when it waits. So every test that has started
ends by itself, and as tests wait for earlier starts only, the earliest that has not started can
always go on: a replay can't lock itself up. See docs/decisions/0017-replay.md.

A worker that crashes leaves the rest of its slot to its replacement. A test that is to run again
after a crash runs alone, when all others have ended: only so is it sure to meet nothing that its
marks forbid.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pytest_markersteal.core.messages import (
    Checked,
    Closed,
    Command,
    Event,
    EventError,
    Finished,
    Gate,
    Hungry,
    Park,
    Parked,
    Recalled,
    Requeued,
    RoundTrip,
    Run,
    SlotLost,
    Started,
    Stop,
    WorkerId,
    WorkerJoined,
    WorkerLeft,
)
from pytest_markersteal.core.precedence import Order, Turn


@dataclass(slots=True)
class _Slot:
    """A slot; its turns are counted in their order."""

    turns: list[int] = field(default_factory=list)
    begun: int = 0
    """How many have begun."""
    free: int = 0
    """How many may begin, as far as others are concerned."""
    worker: _Worker | None = None
    lost: bool = False


@dataclass(slots=True)
class _Worker:
    name: WorkerId
    slot: _Slot
    first: int
    """How many turns of its slot were over when it came."""
    sent: int = 0
    running: int | None = None
    """The turn that it is in."""
    parked: bool = True


class Replay:
    """One replay of one run. ``handle`` is the only way in and the only way out."""

    def __init__(self, order: Order) -> None:
        """Replay ``order``, whose tests are numbers of this run; workers join by events."""
        self._turns = list(order.turns)
        self._ends = list(order.ends)
        self._slots: dict[int, _Slot] = {}
        for number, turn in enumerate(self._turns):
            self._slots.setdefault(turn.slot, _Slot()).turns.append(number)
        self._workers: dict[WorkerId, _Worker] = {}
        self._begun = [False] * len(self._turns)
        self._over = [False] * len(self._turns)
        """Of each turn, whether nobody has to wait for its end any more."""
        self._ended = 0
        """How many of ``_ends``, from the first on, are over."""
        self._due = {turn.test for turn in self._turns}
        """The tests that have neither finished nor crashed."""
        self._given_up: set[int] = set()
        """Those of them that nobody can run any more."""
        self._closed = False
        self._out: list[Command] = []
        self._open_gates()

    # Questions

    @property
    def finished(self) -> bool:
        """Whether every test has finished or crashed, or was on a slot that was lost."""
        return self._due == self._given_up

    @property
    def unfinished(self) -> list[int]:
        """The tests that have neither finished nor crashed, ascending."""
        return sorted(self._due)

    def running(self, worker: WorkerId) -> int | None:
        """The test that ``worker`` has started and not finished."""
        turn = self._workers[worker].running
        return None if turn is None else self._turns[turn].test

    # Events

    def handle(self, event: Event, now_s: float = 0.0) -> list[Command]:
        """Take in one event; return what the workers are to be told, in order.

        ``now_s`` does not matter: a replay goes by order alone.
        """
        match event:
            case Started(name, test):
                self._started(self._worker(name), test)
            case Finished(name, test):
                self._finished(self._worker(name), test)
            case Hungry(name, received):
                self._hungry(self._worker(name), received)
            case Parked(name):
                self._parked(self._worker(name))
            case WorkerJoined(name, slot):
                self._joined(name, self._slots.setdefault(slot, _Slot()))
            case WorkerLeft(name):
                self._left(self._worker(name))
            case Requeued(test):
                self._requeued(test)
            case SlotLost(slot):
                self._lost(self._slots.setdefault(slot, _Slot()))
            case Checked(key, instance):
                raise EventError(
                    f"instance {instance} of {key!r} was checked, but a replay isolates none"
                )
            case Recalled(name):
                raise EventError(f"{name} gave back tests that nobody recalled")
            case RoundTrip():
                pass  # All that a worker will run is sent to it at once.
            case Closed():
                self._close()
        if not self._closed:
            self._open_gates()
        out, self._out = self._out, []
        return out

    def _joined(self, name: WorkerId, slot: _Slot) -> None:
        if name in self._workers:
            raise EventError(f"worker {name} joined twice")
        if slot.worker is not None:
            raise EventError(f"worker {name} joined on the slot of {slot.worker.name}")
        worker = self._workers[name] = slot.worker = _Worker(name, slot, slot.begun)
        if self._closed:
            self._out.append(Stop(name))
            return
        # First of all: without a gate it would start what it is sent.
        self._out.append(Gate(name, slot.free - worker.first))
        self._deal(worker)

    def _started(self, worker: _Worker, test: int) -> None:
        slot = worker.slot
        if worker.running is not None:
            raise EventError(f"{worker.name} started test {test} before its last one finished")
        if slot.begun >= min(worker.first + worker.sent, slot.free):
            raise EventError(f"{worker.name} started test {test}, which it may not")
        turn = slot.turns[slot.begun]
        if self._turns[turn].test != test:
            raise EventError(f"{worker.name} started test {test}, which is not its next")
        slot.begun += 1
        self._begun[turn] = True
        worker.running = turn
        worker.parked = False

    def _finished(self, worker: _Worker, test: int) -> None:
        turn = worker.running
        if turn is None or self._turns[turn].test != test:
            raise EventError(f"{worker.name} finished test {test}, which it was not running")
        worker.running = None
        self._settle(turn)

    def _hungry(self, worker: _Worker, received: int) -> None:
        if received > worker.sent:
            raise EventError(f"{worker.name} has {received} tests, but was sent {worker.sent}")
        if received == worker.sent and not self._closed:
            self._out.append(Park(worker.name))

    def _parked(self, worker: _Worker) -> None:
        if worker.running is not None:
            raise EventError(f"{worker.name} parked before its test had finished")
        worker.parked = True
        self._deal(worker)

    def _left(self, worker: _Worker) -> None:
        del self._workers[worker.name]
        worker.slot.worker = None
        if worker.running is not None:
            self._settle(worker.running)

    def _requeued(self, test: int) -> None:
        earlier = next((turn for turn in self._turns if turn.test == test), None)
        if earlier is None or test in self._due:
            raise EventError(f"test {test} is to run again, but it has not run yet")
        again = earlier._replace(ended=len(self._ends), begun=())
        number = len(self._turns)
        self._turns.append(again)
        self._ends.append(number)
        self._begun.append(False)
        self._over.append(False)
        self._due.add(test)
        slot = self._slots[again.slot]
        if slot.lost:
            self._give_up(number)
            return
        slot.turns.append(number)
        if slot.worker is not None:
            self._deal(slot.worker)

    def _lost(self, slot: _Slot) -> None:
        if slot.worker is not None or slot.lost:
            return
        slot.lost = True
        for turn in slot.turns[slot.begun :]:
            self._give_up(turn)
        del slot.turns[slot.begun :]

    def _close(self) -> None:
        if not self._closed:
            self._closed = True
            self._out += [Stop(name) for name in self._workers]

    # Inside

    def _deal(self, worker: _Worker) -> None:
        """Send a parked worker that has started all that it was sent what comes next."""
        slot = worker.slot
        dealt = worker.first + worker.sent
        if self._closed or not worker.parked or slot.begun < dealt:
            return
        turns: list[Turn] = []
        for number in slot.turns[dealt:]:
            turns.append(self._turns[number])
            if turns[-1].parks:
                break
        if turns:
            worker.sent += len(turns)
            tests = tuple(turn.test for turn in turns)
            instances = {turn.test: turn.instances for turn in turns if turn.instances}
            self._out.append(Run(worker.name, tests, instances))

    def _settle(self, turn: int) -> None:
        self._due.discard(self._turns[turn].test)
        self._is_over(turn)

    def _give_up(self, turn: int) -> None:
        """Nobody will run it, and nobody waits for it."""
        self._given_up.add(self._turns[turn].test)
        self._begun[turn] = True
        self._is_over(turn)

    def _is_over(self, turn: int) -> None:
        self._over[turn] = True
        while self._ended < len(self._ends) and self._over[self._ends[self._ended]]:
            self._ended += 1

    def _open_gates(self) -> None:
        for slot in self._slots.values():
            free = slot.free
            while free < len(slot.turns) and self._is_free(self._turns[slot.turns[free]]):
                free += 1
            if free > slot.free:
                slot.free = free
                if slot.worker is not None:
                    self._out.append(Gate(slot.worker.name, free - slot.worker.first))

    def _is_free(self, turn: Turn) -> bool:
        return self._ended >= turn.ended and all(self._begun[other] for other in turn.begun)

    def _worker(self, name: WorkerId) -> _Worker:
        try:
            return self._workers[name]
        except KeyError:
            raise EventError(f"worker {name} has not joined, or has left") from None
