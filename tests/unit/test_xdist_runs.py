"""Runs of xdist's real schedulers under a virtual clock."""

from __future__ import annotations

import pytest
from spans import assert_each_once, assert_time_adds_up, overlapping, spans_of

from pytest_markersteal.core.suite import Demand
from pytest_markersteal.distribution.xdist_modes import MODES
from pytest_markersteal.simulate.clock import Costs
from pytest_markersteal.simulate.generated import GENERATORS
from pytest_markersteal.simulate.late_bound import LateBoundRun
from pytest_markersteal.simulate.workloads import workload_of
from pytest_markersteal.simulate.xdist_bound import XdistRun, two_passes

FREE = Costs(message_delay_s=0, event_s=0)
SECONDS = {
    "a.py::t0": 10.0,
    "a.py::t1": 5.0,
    "a.py::t2": 1.0,
    "a.py::t3": 1.0,
    "a.py::t4": 1.0,
    "a.py::t5": 1.0,
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", GENERATORS)
def test_each_test_runs_once(name: str, mode: str, capfd: pytest.CaptureFixture[str]) -> None:
    """On two and on five workers, all time is accounted for, and nothing is printed."""
    workload = GENERATORS[name](0)
    for workers in (2, 5):
        outcome = XdistRun(workload, workers, mode, Costs(test_overhead_s=0.001)).run()
        assert_each_once(workload, outcome)
        assert_time_adds_up(outcome, workers)
    assert capfd.readouterr() == ("", "")


def test_worksteal_holds_a_test_back_that_nobody_can_take() -> None:
    """By hand: two workers get three tests each, 10, 5, 1 and 1, 1, 1 seconds.

    At 2 s the second worker has one test, and steals the last one of the first. The test of 5 s is
    held by the first worker, because it must know what follows on the test of 10 s: it waits until
    that is over. A worker that binds late leaves it to be taken.
    """
    workload = workload_of("w", SECONDS, {})
    outcome = XdistRun(workload, 2, "worksteal", FREE).run()
    assert outcome.makespan_s == 15
    assert [test for _, name, test in outcome.started if name == "gw0"] == [0, 1]
    assert [test for _, name, test in outcome.started if name == "gw1"] == [3, 4, 5, 2]
    assert outcome.idle_s["tail"] == 11
    known_s = workload.duration_s
    assert LateBoundRun(workload, 2, known_s, FREE).run().makespan_s == 10


def test_worksteal_waits_for_messages_with_a_test_in_hand() -> None:
    """The same with 0.25 s for a message.

    To steal takes four of them (done, steal, stolen, tests), to learn that a test in hand is the
    last takes two (done, shutdown): 1 s and 0.5 s of the second worker, 0.5 s of the first.
    """
    workload = workload_of("w", SECONDS, {})
    outcome = XdistRun(workload, 2, "worksteal", Costs(message_delay_s=0.25, event_s=0)).run()
    assert outcome.makespan_s == 15.75
    assert outcome.idle_s == {"transport": 0.5, "held back": 2.0, "overhead": 0, "tail": 10.0}


def test_a_steal_that_comes_too_late_gives_nothing() -> None:
    """By hand, with 1 s for a message: two workers with tests of 1 s and of 0.5 s, four each.

    At 3.5 s the controller asks for the last test of the first worker, which hears of it at 4.5 s
    and has had that test in hand since 3 s. At 5.5 s the controller knows, and tells both workers
    that what they have in hand is their last.
    """
    ids = [f"a.py::t{number}" for number in range(8)]
    seconds = [1.0] * 4 + [0.5] * 4
    workload = workload_of("w", dict(zip(ids, seconds, strict=True)), {})
    outcome = XdistRun(workload, 2, "worksteal", Costs(message_delay_s=1, event_s=0)).run()
    assert_each_once(workload, outcome)
    assert outcome.makespan_s == 7.5


def test_marked_tests_run_one_by_one_in_a_second_pass() -> None:
    """After all others, on one of the workers, while the others wait.

    The first pass takes 11 s: ``load`` leaves the test of 10 s and another one with one worker.
    """
    marked = dict.fromkeys(["a.py::t1", "a.py::t2"], Demand(serial=True))
    workload = workload_of("w", SECONDS, {}, marked)
    outcome = two_passes(workload, 2, "load", FREE)
    assert_each_once(workload, outcome)
    assert_time_adds_up(outcome, 2)
    assert outcome.makespan_s == 11 + 6
    assert outcome.idle_s["second pass"] == 6
    spans = [span for span in spans_of(outcome) if span[2] in (1, 2)]
    assert not overlapping(spans)
    assert min(begin_s for begin_s, _, _ in spans) == 11


@pytest.mark.parametrize("marks", [{}, dict.fromkeys(SECONDS, Demand(exclusive=True))])
def test_one_pass_is_enough_where_all_tests_are_alike(marks: dict[str, Demand]) -> None:
    """All have marks, or none."""
    workload = workload_of("w", SECONDS, {}, marks)
    outcome = two_passes(workload, 3, "loadfile", FREE)
    assert_each_once(workload, outcome)
    assert_time_adds_up(outcome, 3)
