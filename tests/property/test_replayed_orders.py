"""Replays against the fleet: whatever was recorded, and whatever happens now."""

from __future__ import annotations

import itertools
from array import array

from fleet import FakeWorker, Fleet
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from pytest_markersteal.core.messages import SlotLost
from pytest_markersteal.core.precedence import BRIEF_S, Played, order_of
from pytest_markersteal.core.replay import Replay
from pytest_markersteal.core.suite import Demand, Suite

TICK_S = BRIEF_S / 2
stretches = st.tuples(st.integers(0, 4), st.integers(0, 4), st.booleans())
"""A pause, a test after it (both in ticks), and whether its worker parked then."""


@st.composite
def recordings(draw: st.DrawFn) -> list[Played]:
    """Up to 20 tests on up to four slots, many of which begin and end at the same time."""
    slots = draw(st.lists(st.lists(stretches, max_size=6), min_size=1, max_size=4))
    tests = iter(draw(st.permutations(range(sum(map(len, slots))))))
    played = []
    for slot, runs in enumerate(slots):
        now = 0
        for pause, length, parks in runs:
            since, now = now + pause, now + pause + length
            span_s = since * TICK_S, now * TICK_S
            played.append(Played(next(tests), slot, *span_s, parks, {}))
    return played


class Replayed(Fleet):
    """Remembers what started, ended and was torn down, in the workers' own time."""

    def __init__(self, suite: Suite, replay: Replay) -> None:
        super().__init__(suite, replay, [0.0] * len(suite))
        self.replay = replay
        self.history: list[tuple[str, int, int]] = []

    def _start(self, worker: FakeWorker) -> None:
        super()._start(worker)
        assert worker.current is not None
        self.history.append(("start", worker.slot, worker.current))

    def _finish(self, worker: FakeWorker) -> None:
        assert worker.current is not None
        parked = not worker.queue and not worker.stopped
        self.history.append(("park" if parked else "end", worker.slot, worker.current))
        super()._finish(worker)

    def crash(self, name: str, *, rerun: bool = False) -> None:
        worker = self.workers[name]
        if worker.current is not None:
            self.history.append(("crash", worker.slot, worker.current))
        super().crash(name, rerun=rerun)


class ReplayMachine(RuleBasedStateMachine):
    """Any recording, and any interleaving of messages, work, crashes and replacements."""

    fleet: Replayed

    @initialize(played=recordings())
    def begin(self, played: list[Played]) -> None:
        self.played = played
        self.slots = {run.slot for run in played}
        self.empty = set(self.slots)
        """Slots without a worker."""
        self.lost: set[int] = set()
        places = array("L", range(len(played)))
        suite = Suite([Demand()], [0] * len(played), (places, places, places, places))
        self.fleet = Replayed(suite, Replay(order_of(played)))

    @precondition(lambda self: self.empty)
    @rule(data=st.data())
    def join(self, data: st.DataObject) -> None:
        slot = data.draw(st.sampled_from(sorted(self.empty)))
        self.empty.remove(slot)
        self.fleet.join(slot)

    @precondition(lambda self: self.empty)
    @rule(data=st.data(), really=st.sampled_from([False, False, True]))
    def lose(self, data: st.DataObject, really: bool) -> None:
        if really:
            slot = data.draw(st.sampled_from(sorted(self.empty)))
            self.empty.remove(slot)
            self.lost.add(slot)
            self.fleet.handle(SlotLost(slot))

    @rule(choices=st.lists(st.integers(0, 59), min_size=1, max_size=12))
    def go_on(self, choices: list[int]) -> None:
        for choice in choices:
            steps = self.fleet.steps()
            if steps:
                step, name = steps[choice % len(steps)]
                step(name)

    @precondition(lambda self: self.fleet.workers)
    @rule(data=st.data(), rerun=st.booleans())
    def crash(self, data: st.DataObject, rerun: bool) -> None:
        name = data.draw(st.sampled_from(sorted(self.fleet.workers)))
        self.empty.add(self.fleet.workers[name].slot)
        self.fleet.crash(name, rerun=rerun)

    def teardown(self) -> None:
        if not hasattr(self, "fleet"):
            return
        for slot in sorted(self.empty):
            self.fleet.join(slot)
        self.fleet.drain()
        assert self.fleet.replay.finished
        self.check_counts()
        self.check_order()
        self.check_precedence()
        self.check_reruns()
        self.check_parks()

    def check_counts(self) -> None:
        """Each test runs once, and once more for each rerun, unless its slot was lost."""
        fleet = self.fleet
        ran = fleet.passed + fleet.crashed
        lost = set(fleet.replay.unfinished)
        for run in self.played:
            due = 1 + fleet.reruns[run.test]
            assert ran[run.test] == due - (run.test in lost), run
            assert run.test not in lost or run.slot in self.lost

    def firsts(self) -> dict[int, int]:
        """When each test started first, as a place in the history."""
        starts: dict[int, int] = {}
        for place, (kind, _, test) in enumerate(self.fleet.history):
            if kind == "start":
                starts.setdefault(test, place)
        return starts

    def ends(self) -> dict[int, int]:
        """When each test ended first."""
        ends: dict[int, int] = {}
        for place, (kind, _, test) in enumerate(self.fleet.history):
            if kind != "start":
                ends.setdefault(test, place)
        return ends

    def check_order(self) -> None:
        """Each slot runs its own tests, in their order, up to where it was lost."""
        starts = self.firsts()
        for slot in self.slots:
            wanted = [run.test for run in self.played if run.slot == slot]
            got = sorted((starts[test], test) for test in wanted if test in starts)
            assert [test for _, test in got] == wanted[: len(got)]
            assert all(self.fleet.history[place][1] == slot for place, _ in got)

    def check_precedence(self) -> None:
        """What had ended then has ended now; what had begun, and was not brief, has begun."""
        starts, ends = self.firsts(), self.ends()
        for one, other in itertools.permutations(self.played, 2):
            both_ran = one.test in starts and other.test in starts
            if not both_ran or one.since_s >= other.since_s:
                continue
            if one.until_s <= other.since_s:
                assert ends[one.test] < starts[other.test], (one, other)
            if one.until_s - one.since_s > BRIEF_S:
                assert starts[one.test] < starts[other.test], (one, other)

    def check_reruns(self) -> None:
        """While something runs again, nothing else runs."""
        running: dict[int, bool] = {}
        """Whether it is a rerun, by test."""
        seen: set[int] = set()
        for kind, _, test in self.fleet.history:
            if kind == "start":
                running[test] = test in seen
                seen.add(test)
                assert len(running) == 1 or not any(running.values()), running
            else:
                del running[test]

    def check_parks(self) -> None:
        """A worker parks where it did; what comes after its slot's last test is its own affair."""
        parks = {run.test: run.parks for run in self.played}
        last = {run.slot: run.test for run in self.played}
        for kind, slot, test in self.fleet.history:
            if kind in ("end", "park") and test != last[slot] and not self.fleet.reruns[test]:
                assert (kind == "park") == parks[test], test


def test_no_interleaving_breaks_the_order() -> None:
    """Whatever was recorded, and whatever fails now, a replay keeps its order and ends."""
    run_state_machine_as_test(
        ReplayMachine, settings=settings(max_examples=400, stateful_step_count=40)
    )
