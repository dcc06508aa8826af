"""Why a worker had no test, in runs that show one cause each."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from builders import ALONE, PLAIN, SERIAL, group, host_key, key
from traces import Ran, trace_of

from pytest_markersteal.core.suite import Demand, Mode
from pytest_markersteal.trace.idle import Cause, idle_spans
from pytest_markersteal.trace.model import CRASHED, Isolation, Span, Trace, WorkerRun


def causes(trace: Trace, worker: int) -> list[tuple[str, Span]]:
    """What kept ``worker`` idle after it joined."""
    spans = [idle for idle in idle_spans(trace) if idle.worker == worker]
    assert spans[0].cause == Cause("start-up")
    return [(str(idle.cause), idle.span) for idle in spans[1:]]


@pytest.mark.parametrize(
    ("demand", "cause"),
    [
        (key("db"), "key db"),
        (key("db", Mode.READ), "tail"),
        (SERIAL, "serial"),
        (group("x"), "group x"),
        (PLAIN, "tail"),
    ],
)
def test_what_is_left_can_not_run_beside_what_runs(demand: Demand, cause: str) -> None:
    """Two such tests one after another, and a worker that could not take the second."""
    trace = trace_of(Ran(0, 1, 3, demand), Ran(0, 3, 5, demand, parked=True))
    assert causes(trace, 1) == [(cause, Span(1, 3)), ("nothing left", Span(3, 5))]


def test_a_writer_waits_for_readers() -> None:
    """And a reader for a writer."""
    for first, second in ((Mode.READ, Mode.WRITE), (Mode.WRITE, Mode.READ)):
        trace = trace_of(
            Ran(0, 1, 3, key("db", first)), Ran(0, 3, 5, key("db", second), parked=True)
        )
        assert causes(trace, 1)[0] == ("key db", Span(1, 3))


@pytest.mark.parametrize(("capacities", "cause"), [({"db": 2}, "tail"), ({}, "key db")])
def test_units_up_to_the_capacity_do_not_block(capacities: Mapping[str, int], cause: str) -> None:
    """With a second unit, the second test might have run."""
    trace = trace_of(Ran(0, 1, 3, key()), Ran(0, 3, 5, key()), capacities=capacities)
    assert causes(trace, 1)[0][0] == cause


@pytest.mark.parametrize("mode", [Mode.WRITE, Mode.READ])
def test_what_is_isolated_can_not_be_had(mode: Mode) -> None:
    """From the crash on until it was checked, although nothing runs that has the key."""
    trace = trace_of(
        Ran(0, 1, 2, key(), outcome=CRASHED),
        Ran(1, 1, 1.5, parked=True),
        Ran(1, 4, 5, key(mode=mode)),
        workers=[
            WorkerRun(0, "gw0", 0, 0.0, 0.5, 0.8, 1.0, 2.0),
            WorkerRun(1, "gw1", 1, 0.0, 0.5, 0.8, 1.0, 5.0),
        ],
        isolations=[Isolation("db", 0, Span(2, 3.9), "healthy")],
    )
    *before, (_, last) = causes(trace, 1)
    assert {cause for cause, _ in before} == {"key db"}
    assert last == Span(3.9, 4)


@pytest.mark.parametrize(("hosts", "cause"), [("ab", "tail"), ("aa", "key port")])
def test_a_key_per_host_blocks_on_its_host(hosts: str, cause: str) -> None:
    """On another one, the second test might have run."""
    trace = trace_of(Ran(0, 1, 3, host_key()), Ran(0, 3, 5, host_key()), hosts=hosts)
    assert causes(trace, 1)[0][0] == cause


def test_what_is_isolated_on_each_host_can_not_be_had() -> None:
    """On one of them alone, it can."""
    isolations = [Isolation("port", 0, Span(2, 4), "healthy", host) for host in "ab"]
    ran = Ran(0, 1, 2, host_key(), parked=True), Ran(0, 4, 5, host_key())
    assert ("key port", Span(2, 4)) in causes(trace_of(*ran, isolations=isolations, hosts="ab"), 1)
    some = causes(trace_of(*ran, isolations=isolations[:1], hosts="ab"), 1)
    assert {cause for cause, _ in some} == {"tail", "nothing left"}


def test_waiting_for_tests_that_run_alone() -> None:
    """Before, while one runs; and after, while one waits for the others."""
    early = trace_of(Ran(0, 1, 3, ALONE), Ran(0, 3, 4), Ran(1, 3, 4))
    assert causes(early, 1) == [("no_parallel", Span(1, 3))]
    late = trace_of(Ran(0, 1, 4), Ran(1, 1, 2, parked=True), Ran(1, 4, 5, ALONE))
    assert causes(late, 1) == [("no_parallel", Span(2, 4))]


def test_waiting_to_be_told_the_next_test_is_transport() -> None:
    """In the teardown, and between two tests of a worker that is not parked."""
    trace = trace_of(Ran(0, 1, 3, waits=(Span(2.5, 2.75),)), Ran(0, 3.25, 4))
    assert causes(trace, 0) == [("transport", Span(2.5, 2.75)), ("transport", Span(3, 3.25))]


def test_a_replacement_starts_up_from_its_launch() -> None:
    """The worker before it had crashed."""
    workers = [
        WorkerRun(0, "gw0", 0, 0.0, 0.5, 0.8, 1.0, 2.0),
        WorkerRun(1, "gw1", 0, 2.0, 2.5, 2.8, 3.0, 4.0),
    ]
    trace = trace_of(Ran(0, 1, 2, outcome=CRASHED), Ran(1, 3, 4), workers=workers)
    assert [(idle.worker, idle.span) for idle in idle_spans(trace)] == [
        (0, Span(0.0, 1.0)),
        (1, Span(2.0, 3.0)),
    ]


def test_under_another_mode_a_long_gap_is_a_rest() -> None:
    """There is nobody who would tell that the worker is parked."""
    told = trace_of(Ran(0, 1, 2), Ran(1, 1, 5, key()), Ran(0, 5, 6, key()))
    assert causes(told, 0)[0][0] == "transport"
    untold = trace_of(Ran(0, 1, 2), Ran(1, 1, 5, key()), Ran(0, 5, 6, key()), dist="load")
    assert causes(untold, 0)[0][0] == "key db"
