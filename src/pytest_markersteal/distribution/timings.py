"""What the run itself measured, by test and by module: for the summary and for the durations."""

from __future__ import annotations

import time
from array import array

from pytest_markersteal.distribution.machine import CoreMeter
from pytest_markersteal.distribution.protocol import Timing
from pytest_markersteal.durations.history import Fixture
from pytest_markersteal.durations.machines import HERE

_NOT_RUN = -1.0


class Timings:
    """Timings of the tests that finished."""

    def __init__(self, tests: int) -> None:
        self.wall_s = array("d", [_NOT_RUN]) * tests
        self._phases_s = {
            phase: array("d", [_NOT_RUN]) * tests for phase in ("setup", "call", "teardown", "cpu")
        }
        self.fixtures_s: dict[Fixture, float] = {}
        """Seconds of the last set-up of each."""
        self.machines: dict[int, str] = {}
        """Of the tests that did not run on this machine: which other one it was."""
        self.machines_of_fixtures: dict[Fixture, str] = {}
        """Likewise."""
        self.cores = CoreMeter()
        self._began_cpu_s = time.process_time()
        self.controller_cpu_s = 0.0
        """CPU seconds of this process, the controller, between now and ``stop``."""

    def add(self, test: int, timing: Timing, machine: str = HERE) -> None:
        """Note how long ``test`` took; only a test that passed counts beyond this run."""
        self.wall_s[test] = timing.wall_s
        if machine != HERE:
            self.machines[test] = machine
        if timing.passed:
            values = (timing.setup_s, timing.call_s, timing.teardown_s, timing.cpu_s)
            for column, value in zip(self._phases_s.values(), values, strict=True):
                column[test] = value
        for scope, node, name, seconds, *_ in timing.fixtures:
            fixture = Fixture(scope, node, name)
            self.fixtures_s[fixture] = seconds
            if machine == HERE:
                self.machines_of_fixtures.pop(fixture, None)
            else:
                self.machines_of_fixtures[fixture] = machine

    def stop(self) -> None:
        """The run is over. To look at the CPU clock is dear, so it is done here and not before."""
        self.cores.stop()
        self.controller_cpu_s = time.process_time() - self._began_cpu_s

    def finished(self) -> list[int]:
        """The tests that finished, ascending."""
        return [test for test, wall_s in enumerate(self.wall_s) if wall_s >= 0]

    def phases_s(self, test: int) -> tuple[float, float, float, float] | None:
        """Set-up, call, teardown and CPU seconds of ``test``, if it passed."""
        setup, call, teardown, cpu = (column[test] for column in self._phases_s.values())
        return (setup, call, teardown, cpu) if setup >= 0 else None
