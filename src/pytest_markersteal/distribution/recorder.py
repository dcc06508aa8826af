"""Timing of tests on a worker, with fixtures of wide scope kept apart.

The first test of a module pays for the module's fixtures, and which test is the first depends on
the schedule; so what a fixture of class, module, package or session scope takes to set up is
recorded for the fixture and taken off the test.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import Any

import pytest

from pytest_markersteal.distribution.protocol import Timing

CPU_CLOCK_FROM_S = 0.01
"""The wall time from which on a test is worth a look at the CPU clock."""


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
    try:
        from resource import RUSAGE_CHILDREN, getrusage
    except ImportError:
        return own_s

    def with_children_s() -> float:
        children = getrusage(RUSAGE_CHILDREN)
        return own_s() + children.ru_utime + children.ru_stime

    return with_children_s


class Recorder:
    """A plugin that times the test that runs at the moment."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._cpu_s = clock.cpu_s()
        self._unread_s = 0.0
        self._begin()

    def _begin(self) -> None:
        self._phases_s = {"setup": 0.0, "call": 0.0, "teardown": 0.0}
        self._setups = self._calls = 0
        self._passed = True
        self._fixtures: list[list[Any]] = []
        self._shared_s = 0.0
        self._waited_s = 0.0
        self._nested_s: list[float] = []
        self._phase_began_s = 0.0
        self._taken_off_s = 0.0

    def start(self) -> None:
        """A test is about to start."""
        self._begin()
        self._started_s = self._phase_began_s = self._clock.wall_s()

    def waited(self, seconds: float) -> None:
        """The test waited for the controller, which is not its own time."""
        self._waited_s += seconds

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
        )

    def _cpu_since_s(self, elapsed_s: float) -> float:
        """CPU seconds of a test that took ``elapsed_s``; between tests a worker uses next to none.

        Reading the CPU clock is a system call, which can cost more than a small test. Such a test
        hardly waits for anything, so its CPU time is taken to be its wall time.
        """
        if elapsed_s < CPU_CLOCK_FROM_S:
            self._unread_s += elapsed_s
            return elapsed_s
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
        self._phase_began_s = now_s
        self._setups += call.when == "setup"
        self._calls += call.when == "call"
        self._passed = self._passed and report.outcome == "passed"
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        """Time a fixture, without those that it asks for while it is set up."""
        if fixturedef.scope == "function":
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
                self._fixtures.append([fixturedef.scope, node, fixturedef.argname, own_s])
