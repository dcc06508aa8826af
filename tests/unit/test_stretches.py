"""How far ahead workers are committed, near and far ones."""

from __future__ import annotations

import math

import pytest
from builders import ALONE, PLAIN, key, suite_of
from play import Play

from pytest_markersteal.core.estimates import Estimates
from pytest_markersteal.core.messages import (
    Command,
    Finished,
    Parked,
    Recall,
    RoundTrip,
    Run,
    Started,
    WorkerJoined,
)
from pytest_markersteal.core.progress import Progress
from pytest_markersteal.core.scheduler import Scheduler
from pytest_markersteal.core.stretches import LEAD, NEAR_MAX_S, Stretch, Stretches
from pytest_markersteal.core.workers import Worker

TRIP_S = 0.2


def stretch_of(worker: Worker, tests: int = 1000, least_s: float = 0.06) -> Stretch:
    """The stretch of ``worker``, one of two, with so many tests of 10 ms left."""
    suite = suite_of([PLAIN] * tests)
    estimates = Estimates(suite, [0.01] * tests)
    return Stretches(Progress(tests, estimates), 2, least_s).of(worker, 0.0)


def test_a_near_worker_has_a_short_stretch() -> None:
    """A fiftieth of what is left for it, and never less than the least."""
    assert stretch_of(Worker("gw0")).target_s == pytest.approx(0.1)
    assert stretch_of(Worker("gw0"), tests=100).target_s == 0.06
    assert stretch_of(Worker("gw0"), tests=100_000).target_s == NEAR_MAX_S


def test_a_far_worker_is_ahead_by_a_few_round_trips() -> None:
    """Beyond what any near one is committed to."""
    assert stretch_of(Worker("gw0", TRIP_S)).target_s == pytest.approx(LEAD * TRIP_S)


def test_a_worker_that_ran_dry_is_committed_further_ahead() -> None:
    """Near ones up to the most for near ones, far ones up to twice as far; nobody else is."""
    near, far = Worker("gw0"), Worker("gw1", TRIP_S)
    suite = suite_of([PLAIN] * 10)
    stretches = Stretches(Progress(10, Estimates(suite, [0.01] * 10)), 2, 0.06)
    stretches.lengthen(near)
    assert stretches.of(near, 0.0).target_s == pytest.approx(0.12)
    assert stretches.of(far, 0.0).target_s == pytest.approx(LEAD * TRIP_S)
    for _ in range(2000):
        stretches.lengthen(near)
        stretches.lengthen(far)
    assert stretches.of(near, 0.0).target_s == NEAR_MAX_S
    assert stretches.of(far, 0.0).target_s == pytest.approx(2 * LEAD * TRIP_S)


def test_what_is_not_known_goes_alone_to_a_near_worker_only() -> None:
    """A far one would wait a round trip for each of its first tests."""
    near, far = stretch_of(Worker("gw0")), stretch_of(Worker("gw1", TRIP_S))
    assert near.guess_s == near.target_s
    assert far.guess_s == TRIP_S < far.target_s


class Far(Play):
    """A play whose workers are all a round trip away."""

    def join(self, name: str, slot: int = 0) -> list[Command]:
        return self.tell(WorkerJoined(name, slot, round_trip_s=TRIP_S))


def test_a_test_below_some_round_trips_waits_behind_the_running_one() -> None:
    """To ask for it would take a far worker as long as much of the test does."""
    history_s = [1.0] * 20
    near, far = (
        play(suite_of([PLAIN] * 20), workers=2, history_s=history_s) for play in (Play, Far)
    )
    for play in (near, far):
        play.tell(Started("gw0", play.sent("gw0")[0]))
    assert len(near.sent("gw0")) == 1
    assert len(far.sent("gw0")) == 2


def test_a_test_of_many_round_trips_is_bound_late_by_far_workers_too() -> None:
    """It may be better off elsewhere, and to ask for it costs next to nothing."""
    play = Far(suite_of([PLAIN] * 20), workers=2, history_s=[10.0] * 20)
    play.tell(Started("gw0", play.sent("gw0")[0]))
    assert len(play.sent("gw0")) == 1


def test_a_round_trip_that_is_measured_later_counts_at_once() -> None:
    """The last worker to collect is given its first tests before anybody knows its delay."""
    play = Play(suite_of([PLAIN] * 10_000), workers=2, history_s=[0.001] * 10_000)
    assert len(play.sent("gw0")) < 200
    play.tell(Started("gw0", 0), RoundTrip("gw0", 1.0))
    assert len(play.sent("gw0")) == pytest.approx(LEAD * 1000, rel=0.01)


def test_a_chain_is_not_dealt_out_test_by_test_because_others_are_idle() -> None:
    """Nobody else can have a part of it."""
    play = Far(suite_of([key()] * 40), workers=8, history_s=[0.11] * 40)
    assert len(play.sent("gw0")) == math.ceil(LEAD * TRIP_S / 0.11)


def test_what_is_over_before_others_could_have_it_is_not_parted() -> None:
    """A far worker beside idle ones gets what is left of its module at once."""
    play = Far(suite_of([PLAIN] * 40), workers=8, history_s=[0.001] * 40)
    assert len(play.sent("gw0")) == 40


def test_nothing_is_recalled_that_would_come_too_late() -> None:
    """Half a second of tests is done before half of it has gone to and fro."""

    def answer(seconds: float, trip_s: float) -> list[type[Command]]:
        suite = suite_of([PLAIN] * 4)
        scheduler = Scheduler(suite, Estimates(suite, [seconds] * 4), 1)
        (run,) = scheduler.handle(WorkerJoined("gw0", round_trip_s=1.0))
        assert isinstance(run, Run)
        scheduler.handle(Started("gw0", run.tests[0]))
        return list(map(type, scheduler.handle(WorkerJoined("gw1", round_trip_s=trip_s))))

    assert answer(0.15, 1.0) == []
    assert answer(0.7, 0.0) == [Recall]


def test_tests_that_run_alone_go_out_several_at_once() -> None:
    """All other workers wait while they run, so each answer that is saved counts many times."""
    play = Far(suite_of([ALONE] * 20 + [PLAIN]), workers=2, history_s=[0.07] * 21)
    sent = len(play.sent("gw0"))
    assert sent == math.ceil(LEAD * TRIP_S / 0.07)
    play.tell(Started("gw0", 0))
    for test in range(1, sent // 2 + 1):
        play.tell(Finished("gw0", test - 1, 0.07), Started("gw0", test))
    assert len(play.sent("gw0")) > sent
    assert play.sent("gw1") == []
    while play.scheduler.running("gw0") != 19:
        running = play.scheduler.running("gw0")
        play.tell(Finished("gw0", running, 0.07), Started("gw0", running + 1))
    play.hungry("gw0")
    assert play.sent("gw1") == []
    play.tell(Finished("gw0", 19, 0.07), Parked("gw0"))
    assert 20 in play.sent("gw0") + play.sent("gw1")
