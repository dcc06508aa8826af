"""Timing of tests on a worker, with fixtures of wide scope kept apart.

The first test of a module pays for the module's fixtures, and which test is the first depends on
the schedule; so what a fixture of class, module, package or session scope takes to set up is
recorded for the fixture and taken off the test.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Generator
from typing import Any

import pytest

from pytest_markersteal.distribution.protocol import Timing
from pytest_markersteal.trace.names import OUTCOMES, PHASES

_, _XPASSED, _SKIPPED, _XFAILED, _ERROR, _FAILED = range(len(OUTCOMES))

CPU_CLOCK_FROM_S = 0.01
"""The wall time from which on a test is worth a look at the CPU clock."""

_LEAST_WAIT_S = 100e-6
"""Waits below this are no more than a look into the queue."""


class Clock:
    """The clocks, held where tests that patch or freeze ``time`` don't reach them."""

    def __init__(self) -> None:
        self.wall_s = time.perf_counter
        self.cpu_s = cpu_clock()


def cpu_clock() -> Callable[[], float]:
    """A clock of the CPU seconds of this process and of the children that it has waited for.

    Without the children, a test that runs a compiler would seem to wait. Windows does not tell.
    """
    own_s = time.process_time
    if sys.platform != "win32":
        from resource import RUSAGE_CHILDREN, getrusage

        def with_children_s() -> float:
            children = getrusage(RUSAGE_CHILDREN)
            return own_s() + children.ru_utime + children.ru_stime

        return with_children_s
    return own_s


class Recorder:
    """A plugin that times the test that runs at the moment."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._cpu_s: float | None = None
        """When the first test began, or the last that was long enough ended."""
        self._unread_s = 0.0
        self._begin()

    def _begin(self) -> None:
        self._phases_s = {"setup": 0.0, "call": 0.0, "teardown": 0.0}
        self._setups = self._calls = 0
        self._passed = True
        self._outcome = 0
        self._parts_us: list[int] = []
        self._waits_us: list[int] = []
        self._fixtures: list[list[Any]] = []
        self._shared_s = 0.0
        self._waited_s = 0.0
        self._nested_s: list[float] = []
        self._phase_began_s = 0.0
        self._taken_off_s = 0.0

    def start(self) -> None:
        """A test is about to start."""
        self._begin()
        if self._cpu_s is None:  # What was imported before is no test's.
            self._cpu_s = self._clock.cpu_s()
        self._started_s = self._phase_began_s = self._clock.wall_s()

    def waited(self, since_s: float) -> None:
        """The test waited for the controller until now, which is not its own time."""
        now_s = self._clock.wall_s()
        self._waited_s += now_s - since_s
        if now_s - since_s >= _LEAST_WAIT_S:
            self._waits_us += [self._offset_us(since_s), self._offset_us(now_s)]

    def finish(self) -> Timing:
        """The test is over."""
        elapsed_s = self._clock.wall_s() - self._started_s
        return Timing(
            wall_s=max(0.0, elapsed_s - self._shared_s - self._waited_s),
            setup_s=self._phases_s["setup"],
            call_s=self._phases_s["call"],
            teardown_s=self._phases_s["teardown"],
            cpu_s=self._cpu_since_s(elapsed_s),
            # A test that was set up again was run again; with --setup-only none is called.
            passed=self._passed and self._setups == 1 and self._calls > 0,
            fixtures=self._fixtures,
            began_s=self._started_s,
            lasted_us=round(elapsed_s * 1e6),
            outcome=self._outcome,
            phases=self._parts_us,
            waits=self._waits_us,
        )

    def _offset_us(self, time_s: float) -> int:
        return round((time_s - self._started_s) * 1e6)

    def _cpu_since_s(self, elapsed_s: float) -> float:
        """CPU seconds of a test that took ``elapsed_s``; between tests a worker uses next to none.

        Reading the CPU clock is a system call, which can cost more than a small test. Such a test
        hardly waits for anything, so its CPU time is taken to be its wall time.
        """
        if elapsed_s < CPU_CLOCK_FROM_S:
            self._unread_s += elapsed_s
            return elapsed_s
        assert self._cpu_s is not None
        before_s, self._cpu_s = self._cpu_s + self._unread_s, self._clock.cpu_s()
        self._unread_s = 0.0
        return max(0.0, self._cpu_s - before_s)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Note the phase and its outcome.

        ``call.duration`` is not used: where a test freezes the time, it is anything.
        """
        report = yield
        now_s = self._clock.wall_s()
        apart_s = self._shared_s + self._waited_s - self._taken_off_s
        self._taken_off_s += apart_s
        if call.when in self._phases_s:
            # Subtests report on the call phase several times, each since the report before.
            self._phases_s[call.when] += max(0.0, now_s - self._phase_began_s - apart_s)
            self._parts_us += [
                PHASES.index(call.when),
                self._offset_us(self._phase_began_s),
                self._offset_us(now_s),
            ]
        self._phase_began_s = now_s
        self._setups += call.when == "setup"
        self._calls += call.when == "call"
        self._passed = self._passed and report.outcome == "passed"
        if call.when == "setup":  # The first, or that of another attempt, of which the last counts.
            self._outcome = 0
        self._outcome = max(self._outcome, _outcome(report, call.when))
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        """Time a fixture, without those that it asks for while it is set up."""
        __tracebackhide__ = True  # Where a fixture fails, its own lines are what is asked for.
        # One of class scope is its test's own, where that is in no class.
        if fixturedef.scope == "function" or isinstance(request.node, pytest.Item):
            return (yield)
        started_s = self._clock.wall_s()
        self._nested_s.append(0.0)
        succeeded = False
        try:
            result = yield
            succeeded = True
            return result
        finally:
            elapsed_s = self._clock.wall_s() - started_s
            own_s = max(0.0, elapsed_s - self._nested_s.pop())
            if self._nested_s:
                self._nested_s[-1] += elapsed_s
            else:
                self._shared_s += elapsed_s
            if succeeded:  # A failure says nothing about how long the fixture takes.
                node = request.node.nodeid
                span_us = self._offset_us(started_s), self._offset_us(started_s + elapsed_s)
                self._fixtures.append([fixturedef.scope, node, fixturedef.argname, own_s, *span_us])


def _outcome(report: pytest.TestReport, when: str) -> int:
    """What a phase says of its test: a number in ``OUTCOMES``."""
    expected_to_fail = hasattr(report, "wasxfail")
    match report.outcome:
        case "passed":
            return _XPASSED if expected_to_fail else 0
        case "skipped":
            return _XFAILED if expected_to_fail else _SKIPPED
        case _:
            return _FAILED if when == "call" else _ERROR
