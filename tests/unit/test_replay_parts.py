"""What a replay is made from: the order of a trace, what of it is there, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from builders import host_key, key
from traces import Ran, trace_of

from pytest_markersteal.core.messages import (
    Closed,
    EventError,
    Finished,
    Gate,
    Hungry,
    Park,
    Parked,
    Run,
    Started,
    Stop,
    WorkerJoined,
)
from pytest_markersteal.core.precedence import BRIEF_S, Played, order_of
from pytest_markersteal.core.replay import Replay
from pytest_markersteal.core.suite import Demand, Mode
from pytest_markersteal.distribution.record import RunRecord
from pytest_markersteal.distribution.replaying import Replaying
from pytest_markersteal.report.replay import header_line, summary_lines
from pytest_markersteal.trace.model import CRASHED, WorkerRun
from pytest_markersteal.trace.played import met_on_hosts, played


def ran(test: int, slot: int, since_s: float, until_s: float, parks: bool = False) -> Played:
    return Played(test, slot, since_s, until_s, parks, {})


def test_a_test_waits_for_what_had_ended_on_other_slots() -> None:
    """What its own slot did last it knows by itself: its worker need not wait to be told."""
    order = order_of([ran(0, 0, 0, 1), ran(1, 0, 3, 4), ran(2, 1, 0, 2), ran(3, 1, 2, 3)])
    waits = {
        turn.test: {order.turns[n].test for n in order.ends[: turn.ended]} for turn in order.turns
    }
    assert waits == {0: set(), 2: set(), 3: {0}, 1: {0, 2, 3}}


def test_a_test_waits_for_the_start_of_what_ran_beside_it() -> None:
    """Not where that was too brief for the word of its start to come in time."""
    long, brief = [ran(0, 0, 0, 9), ran(1, 1, 1, 2)], [ran(0, 0, 0, BRIEF_S), ran(1, 1, 0.01, 2)]
    assert [turn.begun for turn in order_of(long).turns] == [(), (0,)]
    assert [turn.begun for turn in order_of(brief).turns] == [(), ()]


def test_clocks_that_disagree_do_not_change_the_order_of_a_slot() -> None:
    """Those of two machines may; the order on one slot is certain."""
    order = order_of([ran(0, 0, 5, 6), ran(1, 0, 4, 4.5), ran(2, 1, 5.5, 5.6)])
    assert [turn.test for turn in order.turns] == [0, 2, 1]


def test_a_worker_is_sent_its_slot_up_to_where_it_parked() -> None:
    """With a gate, so that it tears down for the next test although that has to wait."""
    replay = Replay(
        order_of([ran(0, 0, 0, 1), ran(1, 0, 3, 4, True), ran(2, 0, 5, 6), ran(3, 1, 1, 3)])
    )
    assert replay.handle(WorkerJoined("gw0", 0)) == [Gate("gw0", 1), Run("gw0", (0, 1))]
    assert replay.handle(WorkerJoined("gw1", 1)) == [Gate("gw1", 0), Run("gw1", (3,))]
    assert replay.handle(Started("gw0", 0)) == []
    assert replay.handle(Finished("gw0", 0, 1.0)) == [Gate("gw1", 1)]
    assert replay.handle(Started("gw1", 3)) == []
    assert replay.handle(Finished("gw1", 3, 1.0)) == [Gate("gw0", 3)]
    assert replay.handle(Started("gw0", 1)) == []
    assert replay.handle(Hungry("gw0", 1)) == []
    assert replay.handle(Hungry("gw0", 2)) == [Park("gw0")]
    assert replay.handle(Finished("gw0", 1, 1.0)) == []
    assert replay.handle(Parked("gw0")) == [Run("gw0", (2,))]
    assert replay.unfinished == [2]
    assert replay.handle(Closed()) == [Stop("gw0"), Stop("gw1")]


def test_what_can_not_be_true_is_refused() -> None:
    """A test that may not start, or is not next, has not been started by a worker of this run."""
    replay = Replay(order_of([ran(0, 0, 0, 1), ran(1, 1, 1, 2)]))
    replay.handle(WorkerJoined("gw0", 0))
    replay.handle(WorkerJoined("gw1", 1))
    for event, message in [
        (Started("gw1", 1), "which it may not"),
        (Started("gw0", 1), "which is not its next"),
        (Finished("gw0", 0, 0.0), "which it was not running"),
        (WorkerJoined("gw0", 0), "joined twice"),
        (WorkerJoined("gw2", 0), "on the slot of gw0"),
        (Started("gw9", 0), "has not joined"),
    ]:
        with pytest.raises(EventError, match=message):
            replay.handle(event)


def test_a_crash_in_the_trace_counts_as_a_park() -> None:
    """What came after it on its slot came to a fresh worker; a second run of it is left out."""
    workers = [
        WorkerRun(0, "gw0", 0, 0.0, 0.0, 0.0, 0.0, 2.0),
        WorkerRun(1, "gw1", 0, 2.0, 2.0, 2.0, 2.0, 9.0),
    ]
    trace = trace_of(
        Ran(0, 0, 1), Ran(0, 1, 2, outcome=CRASHED), Ran(1, 3, 4), Ran(1, 4, 5), workers=workers
    )
    found = played(trace, {0: 10, 1: 11, 2: 12, 3: 13})
    assert [(run.test, run.slot, run.parks) for run in found] == [
        (10, 0, False),
        (11, 0, True),
        (12, 0, False),
        (13, 0, False),
    ]


def test_a_test_that_is_gone_leaves_its_park_behind() -> None:
    """The worker had nothing set up when the next one came, and has nothing now."""
    trace = trace_of(Ran(0, 0, 1), Ran(0, 1, 2, parked=True), Ran(0, 3, 4), workers=1)
    assert [(run.test, run.parks) for run in played(trace, {0: 0, 2: 1})] == [(0, True), (1, False)]


def replaying(slot: int | None = None, seed: str | None = None) -> Replaying:
    trace = trace_of(*(Ran(n % 2, n, n + 1, name=f"test_it.py::test_{n}") for n in range(8)))
    return Replaying(Path("run.trace"), trace, slot, seed)


def test_node_ids_decide_which_test_is_which() -> None:
    """Whatever the order of collection; one that is there twice is paired in order."""
    replay = replaying()
    ids = [f"test_it.py::test_{number}" for number in reversed(range(8))]
    matched = replay.match([*ids, "test_it.py::test_0", "test_it.py::test_9"])
    assert [run.test for run in matched.played] == [7, 5, 3, 1, 6, 4, 2, 0]
    assert matched.new == ["test_it.py::test_0", "test_it.py::test_9"]
    assert matched.gone == matched.never_ran == []


def test_a_slot_knows_what_of_it_is_gone() -> None:
    """Tests of other slots are no concern of it."""
    replay = replaying(slot=1)
    matched = replay.match(["test_it.py::test_3", "test_it.py::test_0"])
    assert [run.test for run in matched.played] == [0]
    assert matched.gone == [f"test_it.py::test_{number}" for number in (1, 5, 7)]
    assert matched.new == []


def test_the_summary_of_a_replay() -> None:
    """What was replayed, what is not as it was, and what went wrong; one line with -q."""
    replay = replaying(seed="7")
    replay.match(["test_it.py::test_0", "test_it.py::test_9"])
    record = RunRecord(tests=2, workers=2, wall_s=1.5, not_run=["a"], why_not="x", trouble=["no"])
    first = (
        "replayed 1 test of the run of 2026-01-02T03:04:05+00:00, on 2 workers in 1.50 s; "
        "7 are gone, 1 is new"
    )
    gone = ", ".join(f"test_it.py::test_{number}" for number in range(1, 6))
    lines = summary_lines(replay, record, 0)
    assert lines[:3] == [
        first,
        f"gone, so left out: {gone} and 2 more",
        "new, so left out: test_it.py::test_9",
    ]
    assert lines[3].startswith("warning: tests were shuffled with the seed 7 then")
    assert lines[4:] == ["not run: 1 test (x): a", "warning: no"]
    assert summary_lines(replay, record, -1) == [f"markersteal: {first}; 1 not run; warning: no"]
    assert summary_lines(replay, record, -2) == []
    assert header_line(replay) == "replaying the run of 2026-01-02T03:04:05+00:00: pytest -n 2"


@pytest.mark.parametrize(
    ("one", "other", "hosts", "met"),
    [
        (host_key(), host_key(), "ab", True),
        (host_key(), host_key(), "aa", False),
        (key("port"), key("port"), "ab", False),
        (host_key(), host_key("other"), "ab", False),
        (host_key(), host_key(mode=Mode.READ), "ab", True),
        (host_key(mode=Mode.READ), host_key(mode=Mode.READ), "ab", False),
    ],
)
def test_what_hosts_kept_apart_can_not_be_replayed_on_one(
    one: Demand, other: Demand, hosts: str, met: bool
) -> None:
    """Two tests that had a key per host at the same time, unless both only read."""
    trace = trace_of(Ran(0, 1, 3, one), Ran(1, 2, 4, other), hosts=hosts)
    held = {0: {"port": [0]}, 1: {"port": [0]}}
    assert (met_on_hosts(replace(trace, instances=held)) is not None) is met


def test_what_did_not_meet_can_be_replayed_on_one_host() -> None:
    """Tests of a key per host one after the other, or with instances of their own."""
    in_turn = trace_of(Ran(0, 1, 3, host_key()), Ran(1, 3, 4, host_key()), hosts="ab")
    assert met_on_hosts(replace(in_turn, instances={n: {"port": [0]} for n in (0, 1)})) is None
    beside = trace_of(Ran(0, 1, 3, host_key()), Ran(1, 2, 4, host_key()), hosts="ab")
    assert met_on_hosts(replace(beside, instances={n: {"port": [n]} for n in (0, 1)})) is None
