"""The gap of a run to its floor, and its critical path, in runs that can be worked out by hand."""

from __future__ import annotations

import pytest
from builders import ALONE, PLAIN, host_key, key
from traces import Ran, trace_of

from pytest_markersteal.core.suite import Demand
from pytest_markersteal.explain import causes
from pytest_markersteal.explain.critical import critical_path
from pytest_markersteal.explain.gap import Gap, gap_of
from pytest_markersteal.explain.kept import as_kept
from pytest_markersteal.simulate.traced import traced
from pytest_markersteal.trace.idle import Cause, idle_spans
from pytest_markersteal.trace.model import FixtureRun, Span, Trace


def gap(trace: Trace) -> Gap:
    return gap_of(trace, traced("", trace))


def told(found: Gap) -> dict[Cause, float]:
    """The causes that matter."""
    return {c: pytest.approx(s) for c, s in found.by_cause_s.items() if abs(s) > 1e-9}


def shared(seconds: float, since_s: float, node: str = "test_it.py") -> FixtureRun:
    return FixtureRun("module", node, "database", seconds, Span(since_s, since_s + seconds))


def test_a_run_at_the_floor_has_no_gap() -> None:
    """Two equal tests on two workers."""
    found = gap(trace_of(Ran(0, 1, 3), Ran(1, 1, 3)))
    assert (found.startup_s, found.wall_s, found.floor.total_s) == (1.0, 2.0, 2.0)
    assert told(found) == {}


def test_an_uneven_end_is_a_tail() -> None:
    """Eight seconds on two workers could be four, and were five."""
    trace = trace_of(Ran(0, 1, 4), Ran(0, 4, 6), Ran(1, 1, 3), Ran(1, 3, 4, parked=True))
    assert told(gap(trace)) == {Cause("nothing left"): 1.0}


def test_set_ups_that_were_repeated() -> None:
    """Both workers set the module up, which one of them had to."""
    trace = trace_of(Ran(0, 1, 4, fixtures=(shared(1, 1),)), Ran(1, 1, 4, fixtures=(shared(1, 1),)))
    found = gap(trace)
    assert found.floor.total_s == pytest.approx(3.0)  # Worth it: with one set-up it would be 5.
    assert told(found) == {}
    small = trace_of(
        Ran(0, 1, 2.5, fixtures=(shared(1, 1),)),
        Ran(1, 1, 2.5, fixtures=(shared(1, 1),)),
        Ran(0, 2.5, 5, name="test_other.py::test_it"),
        Ran(1, 2.5, 5, name="test_other.py::test_too"),
    )
    assert told(gap(small)) == {causes.SETUPS: 0.5}


def test_a_chain_that_began_late() -> None:
    """Its worker ran something else before, and that is all that was lost."""
    trace = trace_of(
        Ran(0, 1, 2), Ran(0, 2, 5, key()), Ran(0, 5, 8, key()), Ran(1, 1, 2, parked=True)
    )
    found = gap(trace)
    assert found.floor.total_s == 6.0
    assert told(found) == {causes.OTHER_TESTS: 1.0}


def test_a_chain_with_a_set_up_that_others_share() -> None:
    """The floor does not count it as the chain's, so it is the gap."""
    trace = trace_of(
        Ran(0, 1, 5, key(), fixtures=(shared(1, 1),)),
        Ran(0, 5, 8, key(), waits=(Span(7.5, 7.75),)),
        Ran(1, 1, 2, parked=True),
    )
    assert told(gap(trace)) == {causes.SETUPS: 1.0, Cause("transport"): 0.25}


def test_what_came_after_the_chain() -> None:
    """A plain test that could have run beside it."""
    trace = trace_of(Ran(0, 1, 4, key()), Ran(0, 4, 7, key()), Ran(1, 1, 2), Ran(0, 7, 8))
    assert told(gap(trace)) == {causes.AFTERWARDS: 1.0}


def test_the_time_of_tests_that_run_alone_is_in_the_floor() -> None:
    """The other worker's wait for them is nobody's fault."""
    trace = trace_of(Ran(0, 1, 3, ALONE, parked=True), Ran(0, 3, 5), Ran(1, 3, 5))
    assert told(gap(trace)) == {}


def test_tests_that_run_alone_are_most_of_the_floor() -> None:
    """The rest of it is the work of the others, which an uneven end made longer."""
    trace = trace_of(
        Ran(0, 1, 5, ALONE, parked=True), Ran(0, 5, 6), Ran(0, 6, 7), Ran(1, 5, 5.5), Ran(1, 5.5, 6)
    )
    found = gap(trace)
    assert found.floor.limit.kind == "no_parallel"
    assert found.floor.total_s == 5.5
    assert told(found) == {Cause("nothing left"): 0.5}


def test_a_set_up_before_the_chain_is_no_gap() -> None:
    """The floor counts it, wherever it happened."""
    other = Ran(0, 1, 2.5, name="test_it.py::test_other", fixtures=(shared(1, 1),))
    trace = trace_of(other, Ran(0, 2.5, 8.5, name="test_it.py::test_long"), Ran(1, 1, 2))
    found = gap(trace)
    assert (found.floor.limit.kind, found.floor.total_s) == ("test", 7.0)
    assert told(found) == {causes.OTHER_TESTS: 0.5}


@pytest.mark.parametrize(
    ("dist", "demand", "floor_s"),
    [
        ("worksteal", ALONE, 3.0),
        ("worksteal", key(), 3.0),
        ("worksteal", Demand(group="x"), 3.0),
        ("loadgroup", Demand(serial=True), 3.0),
        ("loadgroup", Demand(group="x"), 4.0),
        ("markersteal", key(), 4.0),
    ],
)
def test_the_floor_heeds_marks_that_the_mode_keeps(
    dist: str, demand: Demand, floor_s: float
) -> None:
    """With another mode, marked tests overlap, and are idle for no mark's sake."""
    ran = Ran(0, 1, 3, demand, parked=True), Ran(1, 1, 3, demand), Ran(1, 3, 4)
    kept = as_kept(trace_of(*ran, dist=dist))
    found = gap(kept)
    assert found.floor.total_s == floor_s
    causes_of_idle = {one.cause.kind for one in idle_spans(kept)}
    assert dist == "markersteal" or not causes_of_idle & {"key", "no_parallel", "serial"}


def test_a_path_goes_along_a_worker_and_over_to_who_held_the_key() -> None:
    """Backwards from the last end: its worker rested until another let go of the key."""
    trace = trace_of(
        Ran(0, 1, 2),
        Ran(0, 2, 4, key("db"), parked=True),
        Ran(1, 1, 2.5, parked=True),
        Ran(1, 4.05, 6, key("db")),
        Ran(1, 6, 7),
    )
    steps = critical_path(trace)
    assert [(step.run.test, step.cause) for step in steps] == [
        (0, Cause("start-up")),
        (1, None),
        (3, Cause("key", "db")),
        (4, None),
    ]
    assert [round(step.wait_s, 3) for step in steps] == [1.0, 0.0, 0.05, 0.0]


@pytest.mark.parametrize(
    ("first", "second", "cause"),
    [
        (ALONE, PLAIN, Cause("no_parallel")),
        (PLAIN, ALONE, Cause("no_parallel")),
        (Demand(serial=True), Demand(serial=True), Cause("serial")),
        (Demand(group="x"), Demand(group="x"), Cause("group", "x")),
    ],
)
def test_a_path_goes_over_to_what_could_not_run_beside(
    first: Demand, second: Demand, cause: Cause
) -> None:
    """For whatever reason."""
    trace = trace_of(Ran(0, 1, 3, first, parked=True), Ran(1, 3, 4, second))
    assert [(step.run.test, step.cause) for step in critical_path(trace)] == [
        (0, Cause("start-up")),
        (1, cause),
    ]


@pytest.mark.parametrize(("hosts", "goes_over"), [("aa", True), ("ab", False)])
def test_a_path_goes_over_to_a_key_of_its_own_host(hosts: str, goes_over: bool) -> None:
    """On another host, nobody had to wait for it."""
    trace = trace_of(Ran(0, 1, 3, host_key(), parked=True), Ran(1, 3, 4, host_key()), hosts=hosts)
    causes_on_it = [step.cause for step in critical_path(trace)]
    assert (Cause("key", "port") in causes_on_it) is goes_over


def test_a_chain_on_several_hosts_is_half_as_long() -> None:
    """In the floor; what one host did alone is the gap."""
    chain = Ran(0, 1, 3, host_key()), Ran(0, 3, 5, host_key())
    on_one = gap(trace_of(*chain, hosts="aa"))
    on_two = gap(trace_of(*chain, hosts="ab"))
    assert (on_one.floor.total_s, on_two.floor.total_s) == (4.0, 2.0)
    assert sum(on_two.by_cause_s.values()) == pytest.approx(on_two.seconds) == 2.0


def test_a_path_over_a_rest_that_nobody_ended_stays_on_its_worker() -> None:
    """The worker was idle for longer than it takes to react."""
    trace = trace_of(Ran(0, 1, 2, parked=True), Ran(1, 1, 3), Ran(0, 5, 6))
    steps = critical_path(trace)
    assert [(step.run.test, step.wait_s, step.cause) for step in steps] == [
        (0, 1.0, Cause("start-up")),
        (2, 3.0, Cause("tail")),
    ]
