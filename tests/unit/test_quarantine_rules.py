"""What becomes of what a crash leaves behind, each rule in a situation small enough to read."""

from __future__ import annotations

import pytest
from builders import PLAIN, key, suite_of
from play import Play

from pytest_markersteal.core.messages import (
    Checked,
    EventError,
    Finished,
    Parked,
    Requeued,
    Started,
    WorkerLeft,
)
from pytest_markersteal.core.quarantine import Instance
from pytest_markersteal.core.suite import Claim, Demand, Mode, Suite

POOL = {"pool": 2}


def pool_of(*units: int, capacity: int = 2) -> Suite:
    """A suite of a test with so many units of the pool in a module each."""
    demands = [key("pool", units=some) for some in units]
    return suite_of(demands, modules=range(len(units)), capacities={"pool": capacity})


def crash(play: Play, name: str = "gw0") -> int:
    """Let a worker die in the test that it was sent first; the test."""
    test = play.sent(name)[0]
    play.tell(Started(name, test), WorkerLeft(name))
    return test


def test_what_a_crashed_test_held_is_given_to_nobody() -> None:
    """Where all tests can do without it, though nobody checks it."""
    play = Play(pool_of(1, 1, 1), workers=2)
    held = play.instances(crash(play))
    assert play.scheduler.isolated == {Instance("pool", *held["pool"])}
    play.join("gw2")
    assert play.sent("gw2") == []
    play.tell(Started("gw1", play.sent("gw1")[0]))
    play.hungry("gw1")
    last = play.sent("gw1")[-1]
    assert last not in play.sent("gw0")
    assert not set(play.instances(last)["pool"]) & set(held["pool"])


@pytest.mark.parametrize(
    ("units", "capacity"), [((1, 1), 1), ((2, 1, 1), 2)], ids=["exists once", "all are needed"]
)
def test_what_nobody_checks_and_a_test_needs_is_handed_on(
    units: tuple[int, ...], capacity: int
) -> None:
    """Otherwise that test could never run."""
    play = Play(pool_of(*units, capacity=capacity), workers=2)
    crash(play)
    assert play.scheduler.isolated == frozenset()
    assert play.sent("gw1")


def test_the_last_one_that_can_be_spared_is_the_last_one_kept() -> None:
    """Workers may die with one after another: the tests that are left need one."""
    play = Play(pool_of(*[1] * 6, capacity=3), workers=3)
    for name in ("gw0", "gw1", "gw2"):
        crash(play, name)
    assert len(play.scheduler.isolated) == 2
    play.join("gw3")
    assert play.sent("gw3")


def test_what_is_checked_is_given_to_nobody_until_it_is_healthy() -> None:
    """Even if it exists once."""
    play = Play(suite_of([key(), key(), PLAIN]), workers=2, checks=True)
    crash(play)
    assert 1 not in play.sent("gw1")
    play.tell(Checked("db", 0, healthy=True))
    play.tell(Started("gw1", 2))
    play.hungry("gw1")
    assert play.sent("gw1") == [2, 1]


def test_nothing_that_needs_what_is_unhealthy_is_waited_for() -> None:
    """It is left over, with its key; the run ends when all others have."""
    play = Play(suite_of([key(), key(), PLAIN]), workers=2, checks=True)
    crash(play)
    play.tell(Checked("db", 0, healthy=False))
    assert play.scheduler.given_up == {1: "db"}
    play.tell(Started("gw1", 2))
    play.hungry("gw1")
    play.tell(Finished("gw1", 2, 1.0), Parked("gw1"))
    assert play.scheduler.finished
    assert play.scheduler.unfinished == [1]


def test_a_checked_instance_of_which_nobody_knows_is_as_if_it_were_not_checked() -> None:
    """It is handed on where it is needed."""
    play = Play(suite_of([key(), key()]), workers=2, checks=True)
    crash(play)
    play.tell(Checked("db", 0, healthy=None))
    assert play.sent("gw1") == [1]


def test_fixtures_that_are_still_set_up_count() -> None:
    """A test without the key dies while what an earlier one of its module set up may be in use."""
    play = Play(suite_of([key("pool"), PLAIN, PLAIN], capacities=POOL), workers=2)
    play.tell(Started("gw0", 0), Started("gw1", 1))
    play.hungry("gw0")
    assert play.sent("gw0") == [0, 2]
    play.tell(Finished("gw0", 0, 1.0), Started("gw0", 2), WorkerLeft("gw0"))
    assert play.scheduler.isolated == {Instance("pool", 0)}


def test_what_no_test_has_used_is_free_at_once() -> None:
    """A worker that dies before it starts the test leaves nothing behind, nor does a reader."""
    play = Play(pool_of(1, 1), workers=2)
    play.tell(WorkerLeft("gw0"))
    readers = suite_of([key("pool", Mode.READ)] * 2, modules=[0, 1], capacities=POOL)
    reading = Play(readers, workers=2)
    crash(reading)
    assert play.scheduler.isolated == reading.scheduler.isolated == frozenset()


def test_readers_wait_while_all_instances_are_isolated() -> None:
    """They read what may be in any state."""
    suite = suite_of([key(), key(mode=Mode.READ)], modules=[0, 1])
    play = Play(suite, workers=2, checks=True)
    crash(play)
    assert play.sent("gw1") == []
    play.tell(Checked("db", 0, healthy=True))
    assert play.sent("gw1") == [1]


def test_readers_that_let_a_writer_go_first_do_not_wait_when_it_is_given_up() -> None:
    """The writer waits for what is isolated, until it is known that it can't run."""
    demands = [key("pool"), key("pool", units=2), key("pool", Mode.READ)]
    play = Play(suite_of(demands, modules=range(3), capacities=POOL), workers=2, checks=True)
    crash(play)
    assert play.sent("gw1") == []
    play.tell(Checked("pool", 0, healthy=False))
    assert play.scheduler.given_up == {1: "pool"}
    assert play.sent("gw1") == [2]


def test_no_parallel_tests_are_given_up_too() -> None:
    """Their phase is over then."""
    alone = Demand(claims=(Claim("db"),), exclusive=True)
    play = Play(suite_of([alone, alone, PLAIN]), workers=2, checks=True)
    crash(play)
    assert play.sent("gw1") == []
    play.tell(Checked("db", 0, healthy=False))
    assert play.scheduler.given_up == {1: "db"}
    assert play.sent("gw1") == [2]


def test_a_test_that_is_to_run_again_and_can_not_is_given_up() -> None:
    """Its key was found unhealthy meanwhile."""
    play = Play(suite_of([key(), PLAIN]), workers=2, checks=True)
    crash(play)
    play.tell(Checked("db", 0, healthy=False), Requeued(0))
    assert play.scheduler.given_up == {0: "db"}


def test_an_instance_that_is_not_isolated_can_not_be_checked() -> None:
    """Nor twice: the first answer holds."""
    play = Play(suite_of([key(), key()]), workers=2, checks=True)
    with pytest.raises(EventError, match="not isolated"):
        play.tell(Checked("db", 0, healthy=True))
    crash(play)
    play.tell(Checked("db", 0, healthy=False))
    with pytest.raises(EventError, match="was checked"):
        play.tell(Checked("db", 0, healthy=True))
