"""Timing on a worker, with a clock that the test moves."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_markersteal.distribution import recorder as recorder_module
from pytest_markersteal.distribution.recorder import Recorder
from pytest_markersteal.trace.names import OUTCOMES, PHASES


class Clock(recorder_module.Clock):
    def __init__(self) -> None:
        self.now_s = 100.0
        self.now_cpu_s = 7.0
        self.wall_s = lambda: self.now_s
        self.cpu_s = lambda: self.now_cpu_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Node:
    def __init__(self, nodeid: str) -> None:
        self.nodeid = nodeid


class Thing:
    """Whatever has these attributes: a fixture definition, a request, a report, a call."""

    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)


def fixture(recorder: Recorder, scope: str, name: str) -> Any:
    """A fixture that has begun to set up; close it to finish."""
    definition = Thing(scope=scope, argname=name)
    wrapper = recorder.pytest_fixture_setup(definition, Thing(node=Node("a.py")))  # type: ignore[arg-type]
    next(wrapper)
    return wrapper


def end(wrapper: Any) -> None:
    with pytest.raises(StopIteration):
        wrapper.send(None)


def phase(recorder: Recorder, when: str, outcome: str = "passed", **more: str) -> None:
    call = Thing(when=when, duration=1.6e9)  # as under a frozen clock
    wrapper = recorder.pytest_runtest_makereport(call)  # type: ignore[arg-type]
    next(wrapper)
    with pytest.raises(StopIteration):
        wrapper.send(Thing(outcome=outcome, **more))  # type: ignore[arg-type]


def test_shared_fixtures_are_taken_off_the_test(clock: Clock) -> None:
    """A module's fixture costs 5 s, 2 s of them by one that it asks for; the test itself 1 s."""
    recorder = Recorder(clock)
    recorder.start()
    outer = fixture(recorder, "module", "outer")
    clock.now_s += 3
    inner = fixture(recorder, "session", "inner")
    clock.now_s += 2
    end(inner)
    end(outer)
    clock.now_s += 1
    phase(recorder, "setup")
    clock.now_s += 4
    phase(recorder, "call")
    phase(recorder, "teardown")
    timing = recorder.finish()
    assert (timing.setup_s, timing.call_s, timing.teardown_s) == (1.0, 4.0, 0.0)
    assert timing.wall_s == 5.0
    assert timing.passed
    assert timing.fixtures == [
        ["session", "a.py", "inner", 2.0, 3_000_000, 5_000_000],
        ["module", "a.py", "outer", 3.0, 0, 5_000_000],
    ]


def test_a_fixture_that_fails_teaches_nothing(clock: Clock) -> None:
    """How long it took to fail is not how long it takes."""
    recorder = Recorder(clock)
    recorder.start()
    wrapper = fixture(recorder, "module", "broken")
    clock.now_s += 60
    with pytest.raises(OSError, match="refused"):
        wrapper.throw(OSError("refused"))
    phase(recorder, "setup", "failed")
    timing = recorder.finish()
    assert timing.fixtures == []
    assert timing.wall_s == 0


def test_waiting_for_the_controller_is_not_the_tests_time(clock: Clock) -> None:
    """It happens in the teardown, where the next test is looked at."""
    recorder = Recorder(clock)
    recorder.start()
    phase(recorder, "setup")
    phase(recorder, "call")
    clock.now_s += 3
    recorder.waited(101.0)
    phase(recorder, "teardown")
    timing = recorder.finish()
    assert timing.teardown_s == 1.0
    assert timing.wall_s == 1.0
    assert timing.waits == [1_000_000, 3_000_000]
    assert (timing.began_s, timing.lasted_us) == (100.0, 3_000_000)


@pytest.mark.parametrize("outcome", ["failed", "skipped"])
def test_only_a_pass_counts(clock: Clock, outcome: str) -> None:
    """Failing early or skipping says nothing about how long the test takes."""
    recorder = Recorder(clock)
    recorder.start()
    phase(recorder, "setup")
    phase(recorder, "call", outcome)
    phase(recorder, "teardown")
    assert not recorder.finish().passed


def test_a_test_that_was_run_again_does_not_count(clock: Clock) -> None:
    """Also when it passed in the end."""
    recorder = Recorder(clock)
    recorder.start()
    for _ in range(2):
        phase(recorder, "setup")
        phase(recorder, "call")
        phase(recorder, "teardown")
    assert not recorder.finish().passed


def test_cpu_time_is_read_for_tests_that_are_worth_it(clock: Clock) -> None:
    """A tiny test is taken to use the CPU all the time, and that is not counted again."""
    recorder = Recorder(clock)
    recorder.start()
    clock.now_s += 0.0005
    clock.now_cpu_s += 0.0005
    assert recorder.finish().cpu_s == pytest.approx(0.0005)
    recorder.start()
    clock.now_s += 10
    clock.now_cpu_s += 2
    assert recorder.finish().cpu_s == pytest.approx(2)


def test_what_was_imported_before_is_no_test_s_cpu_time(clock: Clock) -> None:
    """Neither of the first test, nor of one behind tests that are not worth a look."""
    recorder = Recorder(clock)
    clock.now_cpu_s += 30
    recorder.start()
    clock.now_s += 0.001
    recorder.finish()
    recorder.start()
    clock.now_s += 10
    clock.now_cpu_s += 2
    assert recorder.finish().cpu_s == pytest.approx(2, abs=0.01)


def test_phases_are_where_they_were(clock: Clock) -> None:
    """Each from the end of the one before, in microseconds since the start."""
    recorder = Recorder(clock)
    recorder.start()
    for when in PHASES:
        clock.now_s += 2
        phase(recorder, when)
    timing = recorder.finish()
    assert timing.phases == [0, 0, 2_000_000, 1, 2_000_000, 4_000_000, 2, 4_000_000, 6_000_000]


@pytest.mark.parametrize(
    ("when", "outcome", "more", "expected"),
    [
        ("setup", "failed", {}, "error"),
        ("setup", "skipped", {}, "skipped"),
        ("call", "failed", {}, "failed"),
        ("call", "passed", {}, "passed"),
        ("call", "passed", {"wasxfail": ""}, "xpassed"),
        ("call", "skipped", {"wasxfail": ""}, "xfailed"),
        ("teardown", "failed", {}, "error"),
    ],
)
def test_an_outcome_is_the_worst_of_its_phases(
    clock: Clock, when: str, outcome: str, more: dict[str, str], expected: str
) -> None:
    """As pytest would count the test."""
    recorder = Recorder(clock)
    recorder.start()
    for name in PHASES:
        chosen = {"outcome": outcome, **more} if name == when else {}
        phase(recorder, name, **chosen)
    assert OUTCOMES[recorder.finish().outcome] == expected


def test_of_several_attempts_the_last_counts(clock: Clock) -> None:
    """A test that failed and passed when it was run again has passed."""
    recorder = Recorder(clock)
    recorder.start()
    for outcome in ("failed", "passed"):
        phase(recorder, "setup")
        phase(recorder, "call", outcome)
        phase(recorder, "teardown")
    assert OUTCOMES[recorder.finish().outcome] == "passed"
