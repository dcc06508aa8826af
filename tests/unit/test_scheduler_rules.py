"""The rules of the scheduler, each in a situation small enough to read."""

from __future__ import annotations

import pytest
from builders import ALONE, PLAIN, SERIAL, group, key, suite_of
from play import Play

from pytest_markersteal.core.estimates import UNKNOWN_S, Estimates
from pytest_markersteal.core.messages import (
    Closed,
    EventError,
    Finished,
    Hungry,
    Park,
    Parked,
    Recall,
    Recalled,
    Requeued,
    Run,
    Started,
    Stop,
    Tick,
    WorkerJoined,
    WorkerLeft,
)
from pytest_markersteal.core.scheduler import Scheduler
from pytest_markersteal.core.suite import Claim, Demand, Mode


def test_without_history_every_free_worker_gets_one_test() -> None:
    """Nine tests, eight workers, nothing known: eight start, none has a second one waiting."""
    play = Play(suite_of([PLAIN] * 9), workers=8)
    assert [len(play.sent(f"gw{n}")) for n in range(8)] == [1] * 8


def test_the_ninth_test_goes_to_the_first_free_worker() -> None:
    """Whoever becomes hungry first gets what is left."""
    play = Play(suite_of([PLAIN] * 9), workers=8)
    play.tell(*(Started(f"gw{n}", play.sent(f"gw{n}")[0]) for n in range(8)))
    answer = play.hungry("gw5")
    assert len(answer) == 1
    assert isinstance(answer[0], Run)
    assert answer[0].worker == "gw5"


def test_a_hungry_worker_without_work_is_parked() -> None:
    """Every hungry worker is answered."""
    play = Play(suite_of([PLAIN] * 2), workers=2)
    play.tell(Started("gw0", 0))
    assert play.hungry("gw0") == [Park("gw0")]


def test_a_stale_cry_is_ignored() -> None:
    """A worker that was sent tests while its cry was on the wire gets no second answer."""
    play = Play(suite_of([PLAIN] * 2), workers=2)
    play.tell(Started("gw0", 0))
    assert play.tell(Hungry("gw0", 0)) == []


def test_short_tests_go_out_in_stretches() -> None:
    """Tests much shorter than a round trip are sent many at a time, but not all at once."""
    play = Play(suite_of([PLAIN] * 10_000), workers=2, history_s=[0.001] * 10_000)
    assert 20 < len(play.sent("gw0")) < 1000


def test_a_test_longer_than_a_stretch_is_bound_late() -> None:
    """While a long test runs, nothing waits behind it."""
    play = Play(suite_of([PLAIN] * 6), workers=2, history_s=[10.0] * 6)
    play.tell(Started("gw0", play.sent("gw0")[0]))
    assert len(play.sent("gw0")) == 1


def test_the_longest_test_starts_first() -> None:
    """With history, a long test at the end of the suite is not left for the end of the run."""
    play = Play(suite_of([PLAIN] * 10), workers=2, history_s=[1.0] * 9 + [30.0])
    assert play.sent("gw0") == [9]


def test_a_chain_starts_before_ordinary_work_and_stays_on_its_worker() -> None:
    """The tests of a key go to one worker, one after another."""
    demands = [PLAIN] * 6 + [key()] * 3
    play = Play(suite_of(demands), workers=2)
    assert play.sent("gw0") == [6]
    play.tell(Started("gw0", 6))
    play.hungry("gw0")
    play.tell(Finished("gw0", 6, 1.0), Started("gw0", 7))
    play.hungry("gw0")
    assert play.sent("gw0") == [6, 7, 8]
    assert not set(play.sent("gw1")) & {6, 7, 8}


def test_readers_of_a_key_run_on_several_workers() -> None:
    """Readers overlap with each other."""
    play = Play(suite_of([key(mode=Mode.READ)] * 2, modules=[0, 1]), workers=2)
    assert play.sent("gw0") == [0]
    assert play.sent("gw1") == [1]


def test_readers_wait_for_the_writer() -> None:
    """While a writer has the key, readers are with nobody."""
    demands = [key(), key(mode=Mode.READ), key(mode=Mode.READ)]
    play = Play(suite_of(demands, modules=[0, 1, 2]), workers=3)
    assert play.sent("gw0") == [0]
    assert play.sent("gw1") == play.sent("gw2") == []
    play.tell(Started("gw0", 0))
    play.hungry("gw0")
    play.tell(Finished("gw0", 0, 1.0), Parked("gw0"))
    assert sorted(play.sent("gw0")[1:] + play.sent("gw1") + play.sent("gw2")) == [1, 2]


def test_units_are_given_out_up_to_the_capacity() -> None:
    """Of three tests with one unit each and a capacity of two, two run, with instances 0 and 1."""
    suite = suite_of([key("pool")] * 3, modules=[0, 1, 2], capacities={"pool": 2})
    play = Play(suite, workers=3)
    runs = [command for command in play.told if isinstance(command, Run)]
    held = [run.instances[run.tests[0]]["pool"] for run in runs]
    assert held == [(0,), (1,)]


def test_a_key_is_held_until_its_module_is_torn_down() -> None:
    """A finished test's key is not free while fixtures of its module may still be set up."""
    suite = suite_of([key(), PLAIN, key(mode=Mode.READ)], modules=[0, 0, 1])
    play = Play(suite, workers=2, history_s=[5.0, 3.0, 1.0])
    assert play.sent("gw0") == [0]
    play.tell(Started("gw0", 0))
    play.tell(Finished("gw0", 0, 5.0))
    assert 2 not in play.sent("gw1"), "the key was given away before the module was left"
    play.tell(Parked("gw0"))
    assert 2 in play.sent("gw0") + play.sent("gw1")


def test_serial_tests_go_to_the_dedicated_worker_only() -> None:
    """All serial tests are on the first worker, which takes ordinary work too."""
    play = Play(suite_of([SERIAL, SERIAL, PLAIN, PLAIN]), workers=2)
    assert play.sent("gw0") == [0]
    assert play.sent("gw1") == [2]
    play.tell(Started("gw1", 2))
    play.hungry("gw1")
    assert play.sent("gw1") == [2, 3]


def test_no_parallel_tests_run_before_the_parallel_phase() -> None:
    """While a no_parallel test is out, nobody else has anything; afterwards all have."""
    play = Play(suite_of([PLAIN, ALONE, PLAIN]), workers=2)
    assert play.sent("gw0") == [1]
    assert play.sent("gw1") == []
    play.tell(Started("gw0", 1))
    assert play.hungry("gw0") == [Park("gw0")]
    play.tell(Finished("gw0", 1, 1.0))
    assert play.sent("gw1") == [], "the parallel phase opened before the teardown was over"
    play.tell(Parked("gw0"))
    assert sorted(play.sent("gw0")[1:] + play.sent("gw1")) == [0, 2]


def test_a_no_parallel_writer_parks_before_a_no_parallel_reader_of_its_key() -> None:
    """The same worker runs both, and lets go of the key in between."""
    writer = Demand(claims=(Claim("db"),), exclusive=True)
    reader = Demand(claims=(Claim("db", Mode.READ),), exclusive=True)
    play = Play(suite_of([writer, reader]), workers=2)
    play.tell(Started("gw0", 0))
    assert play.hungry("gw0") == [Park("gw0")]
    play.tell(Finished("gw0", 0, 1.0), Parked("gw0"))
    assert play.sent("gw0") == [0, 1]


def test_a_late_no_parallel_test_waits_for_all_others() -> None:
    """After a crash it runs when everything else is done and parked."""
    play = Play(suite_of([ALONE, PLAIN, PLAIN]), workers=2)
    play.tell(Started("gw0", 0))
    play.tell(WorkerLeft("gw0"))
    play.join("gw2")
    play.tell(Requeued(0))
    for name in ("gw1", "gw2"):
        play.tell(Started(name, play.sent(name)[0]))
    play.hungry("gw1")
    play.tell(Finished("gw1", play.sent("gw1")[0], 1.0), Parked("gw1"))
    assert 0 not in play.sent("gw1")
    play.hungry("gw2")
    play.tell(Finished("gw2", play.sent("gw2")[0], 1.0), Parked("gw2"))
    assert 0 in play.sent("gw1") + play.sent("gw2")


def test_a_group_stays_on_the_worker_that_began_it() -> None:
    """Tests of an xdist_group never go to a second worker while the first lives."""
    play = Play(suite_of([group("x")] * 3), workers=3)
    assert play.sent("gw0") == [0]
    assert play.sent("gw1") == play.sent("gw2") == []


def test_a_group_with_a_serial_member_lives_on_the_dedicated_worker() -> None:
    """One test can't be on two workers, so its whole group follows."""
    both = Demand(serial=True, group="x")
    play = Play(suite_of([PLAIN, PLAIN, both, group("x")]), workers=2)
    assert set(play.sent("gw0")) <= {2, 3}
    assert set(play.sent("gw1")) <= {0, 1}


def test_an_idle_worker_takes_the_later_half_of_the_longest_run() -> None:
    """Without history a module is one run; whoever has nothing joins from its end."""
    play = Play(suite_of([PLAIN] * 8), workers=2)
    assert play.sent("gw0") == [0]
    assert play.sent("gw1") == [4]


def test_a_run_is_not_split_where_the_set_up_costs_more_than_it_saves() -> None:
    """An idle worker stays idle rather than repeat a set-up longer than the rest of the run."""
    suite = suite_of([PLAIN] * 4)
    scheduler = Scheduler(suite, Estimates(suite, [1.0] * 4, {("module", 0): 100.0}), 2)
    first = scheduler.handle(WorkerJoined("gw0"))
    assert [type(command) for command in first] == [Run]
    assert scheduler.handle(WorkerJoined("gw1")) == []


def test_tests_that_have_not_started_are_recalled_for_an_idle_worker() -> None:
    """A worker stuck in a test that was thought short does not keep what waits behind it.

    The later half is asked for, so that a worker that is not stuck has something to go on with.
    """
    play = Play(suite_of([PLAIN] * 4), workers=1, history_s=[0.001] * 4)
    stuck, first, *later = play.sent("gw0")
    play.tell(Started("gw0", stuck))
    answer = play.join("gw1")
    assert answer == [Recall("gw0", tuple(later))]
    play.tell(Recalled("gw0", tuple(later)))
    for test in later:
        play.tell(Started("gw1", test), Finished("gw1", test, 0.001))
    assert play.hungry("gw1") == [Recall("gw0", (first,)), Park("gw1")]
    play.tell(Recalled("gw0", (first,)))
    play.tell(Parked("gw1"))
    assert play.sent("gw1") == [*later, first]


def test_time_alone_can_make_it_pay_to_recall_a_test() -> None:
    """Once the test before it has run for long enough, a worker that rests is worth the way."""
    suite = suite_of([PLAIN] * 2)
    scheduler = Scheduler(suite, Estimates(suite, [0.001] * 2), 1)
    scheduler.handle(WorkerJoined("gw0"))
    scheduler.handle(Started("gw0", 0))
    assert not scheduler.waits_for_time
    assert scheduler.handle(WorkerJoined("gw1", 1, round_trip_s=0.05)) == []
    assert scheduler.waits_for_time
    assert scheduler.handle(Tick(), 0.01) == []
    assert scheduler.handle(Tick(), 1.0) == [Recall("gw0", (1,))]
    assert scheduler.handle(Recalled("gw0", (1,)), 1.0) == [Run("gw1", (1,))]
    assert not scheduler.waits_for_time


def test_a_crash_takes_only_the_running_test_with_it() -> None:
    """What a crashed worker had not started goes to others; the rest of its key too."""
    play = Play(suite_of([key()] * 3), workers=2)
    play.tell(Started("gw0", 0))
    assert play.scheduler.running("gw0") == 0
    play.tell(WorkerLeft("gw0"))
    assert play.sent("gw1") == [1]
    assert play.scheduler.unfinished == [1, 2]


def test_a_worker_that_dies_idle_takes_nothing_with_it() -> None:
    """Tests sent to a worker that had started none are still to run."""
    play = Play(suite_of([PLAIN] * 2), workers=2)
    play.tell(WorkerLeft("gw0"))
    assert play.scheduler.unfinished == [0, 1]


def test_closing_stops_every_worker_and_later_ones_at_once() -> None:
    """After a stop nothing is given out any more."""
    play = Play(suite_of([PLAIN] * 9), workers=2)
    play.tell(Started("gw0", 0))
    assert play.tell(Closed()) == [Stop("gw0"), Stop("gw1")]
    assert play.tell(Closed()) == []
    assert play.hungry("gw0") == []
    assert play.join("gw2") == [Stop("gw2")]


def test_with_one_worker_the_marks_change_nothing() -> None:
    """Everything runs in collection order."""
    demands = [PLAIN, ALONE, key(), PLAIN, SERIAL, group("x")]
    play = Play(suite_of(demands, modules=[0, 0, 1, 1, 2, 2]), workers=1)
    for test in range(6):
        assert play.sent("gw0")[-1] == test
        play.tell(Started("gw0", test))
        play.hungry("gw0")
        play.tell(Finished("gw0", test, 0.5))


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (Started("gw0", 5), "not its next"),
        (Finished("gw0", 0, 1.0), "not running"),
        (Started("gw7", 0), "has not joined"),
        (WorkerJoined("gw0"), "joined twice"),
        (Recalled("gw0", (0,)), "nobody recalled"),
        (Hungry("gw0", 99), "was sent 1"),
        (Requeued(0), "has not run yet"),
    ],
)
def test_events_that_cannot_be_true_are_refused(event: object, said: str) -> None:
    """A message that contradicts what was said before is an error that says so."""
    play = Play(suite_of([PLAIN] * 3), workers=2)
    with pytest.raises(EventError, match=said):
        play.tell(event)


def test_a_reader_does_not_overtake_a_writer_that_waits() -> None:
    """While readers have the key and a writer waits for them, no further reader joins."""
    demands = [key(mode=Mode.READ), key(mode=Mode.READ), key(), key("other"), key("other")]
    play = Play(suite_of(demands, modules=[0, 1, 2, 3, 4]), workers=4)
    writers = [name for name in play.received if 2 in play.sent(name)]
    readers = [name for name in play.received if set(play.sent(name)) & {0, 1}]
    assert not (writers and readers), "a writer beside readers"


def test_tests_of_several_keys_go_before_those_of_one() -> None:
    """They keep most others waiting."""
    both = Demand(claims=(Claim("cache"), Claim("db")))
    play = Play(suite_of([key("cache"), key("db"), both]), workers=2, history_s=[1.0] * 3)
    assert play.sent("gw0") == [2]


def test_units_that_are_not_needed_any_more_come_free() -> None:
    """A worker that goes on with fewer units gives the others back when it leaves its module."""
    demands = [key("pool", units=2), key("pool", units=1), key("pool", units=1)]
    suite = suite_of(demands, modules=[0, 1, 2], capacities={"pool": 2})
    play = Play(suite, workers=2, history_s=[3.0, 2.0, 1.0])
    assert play.sent("gw0") == [0]
    assert play.sent("gw1") == []
    play.tell(Started("gw0", 0))
    play.hungry("gw0")
    play.tell(Finished("gw0", 0, 3.0), Started("gw0", 1))
    assert play.sent("gw0") == [0, 1]
    assert play.sent("gw1") == [2]


def test_a_worker_leaves_its_module_for_a_key_that_others_claim() -> None:
    """Ordinary tests of the module would keep the key from those who need it."""
    two = Demand(claims=(Claim("cache"), Claim("db")))
    demands = [key("db"), PLAIN, PLAIN, two, PLAIN]
    suite = suite_of(demands, modules=[0, 0, 0, 1, 2])
    play = Play(suite, workers=1 + 1, history_s=[1.0] * 5)
    assert play.sent("gw0") == [3]
    play.tell(Started("gw0", 3))
    play.hungry("gw0")
    assert play.sent("gw0")[1] == 0, "the rest of the chain comes next, on the same worker"


def test_new_tests_go_first_where_most_are_known() -> None:
    """A test without history may be a long one."""
    history_s = [1.0, 0.5, 0.5, 0.5, UNKNOWN_S, 0.5]
    play = Play(suite_of([PLAIN] * 6), workers=2, history_s=history_s)
    assert sorted(play.sent("gw0") + play.sent("gw1")) == [0, 4]


def test_a_cold_run_looks_into_every_module_before_it_stays_in_one() -> None:
    """Where no fixtures are shared, leaving costs nothing, and slow modules are found early."""
    play = Play(suite_of([PLAIN] * 9, modules=[0] * 3 + [1] * 3 + [2] * 3), workers=2)
    first, second = play.sent("gw0")[0], play.sent("gw1")[0]
    play.tell(Started("gw0", first), Started("gw1", second))
    play.tell(Finished("gw0", first, 0.1))
    seen = {test // 3 for name in ("gw0", "gw1") for test in play.sent(name)}
    play.hungry("gw0")
    seen |= {test // 3 for name in ("gw0", "gw1") for test in play.sent(name)}
    assert seen == {0, 1, 2} or len(play.sent("gw0")) == 1


def test_what_runs_long_unexpectedly_is_suspected_of_its_neighbours() -> None:
    """While a first test of a module is overdue, idle workers take the others of the module."""
    suite = suite_of([PLAIN] * 6, modules=[0, 0, 1, 1, 1, 1])
    scheduler = Scheduler(suite, Estimates(suite), 2)
    for name in ("gw0", "gw1"):
        scheduler.handle(WorkerJoined(name), 0.0)
    assert scheduler.running("gw0") is None
    scheduler.handle(Started("gw0", 2), 0.0)
    scheduler.handle(Started("gw1", 0), 0.0)
    scheduler.handle(Hungry("gw1", 1), 0.01)
    scheduler.handle(Finished("gw1", 0, 0.01), 0.01)
    scheduler.handle(Started("gw1", 1), 0.01)
    answer = scheduler.handle(Hungry("gw1", 2), 5.0)
    assert [type(command) for command in answer] == [Run], "module 1 is slow, so it is shared"


def test_one_worker_that_dies_before_the_next_package_is_replaced() -> None:
    """The one job of a run with one worker spans packages; what is left of it goes on."""
    suite = suite_of([PLAIN] * 2, modules=[0, 1], packages=[0, 1])
    play = Play(suite, 1, [UNKNOWN_S, 0.0])
    play.join("gw1")
    (command,) = play.tell(Started("gw0", 0), WorkerLeft("gw0"))
    assert isinstance(command, Run)
    assert command.tests == (1,)
