"""What the controller learns of a run, as it goes into the trace.

A run is never worse for it: where no trace can be written, ``trouble`` says so.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import pytest

from pytest_markersteal.core import messages
from pytest_markersteal.core.estimates import Estimates
from pytest_markersteal.core.quarantine import Instance
from pytest_markersteal.core.suite import Suite
from pytest_markersteal.distribution import protocol
from pytest_markersteal.distribution.machine import PLATFORM, cores_of
from pytest_markersteal.trace import folder, names, records
from pytest_markersteal.trace.writer import TraceWriter

_PACKAGES = ("pytest-markersteal", "pytest", "pytest-xdist", "execnet", "msgpack")
SEEDS = ("randomly_seed", "random_order_seed")
"""Options of pytest-randomly and pytest-random-order, which by then hold the seed in use."""

_COMMANDS: Mapping[type[messages.Command], int] = {
    kind: names.COMMANDS.index(kind.__name__.lower())
    for kind in (messages.Run, messages.Recall, messages.Park, messages.Stop, messages.Gate)
}


INTERRUPTED = "the run was interrupted"
"""Why a run ended, where who interrupted it says no more."""


class Tracing:
    """Writes the trace of one run."""

    def __init__(
        self,
        config: pytest.Config,
        began_s: float,
        dist: str,
        slots: int,
        launched_s: Mapping[str, float],
    ) -> None:
        """Begin the trace of a run whose session began at ``began_s``, by this process's clock.

        By the same clock, ``launched_s`` is kept up to date with when each worker was launched.
        """
        self._zero_s = began_s
        self._numbers: dict[str, int] = {}
        """Of the workers that joined, by name."""
        self._launched_s = launched_s
        self._has_tests = False
        self._interrupted: tuple[int, str] | None = None
        self._began_cpu_s = time.process_time()
        self._writer: TraceWriter | None = None
        self._trouble: str | None = None
        try:
            self._writer = _create(config.rootpath)
        except OSError as error:
            where = config.rootpath / folder.FOLDER
            self._trouble = f"no trace could be written in {where}: {error.strerror or error}"
        began = datetime.now().astimezone()
        self._write(
            records.Head(
                records.FORMAT,
                records.VERSION,
                began.isoformat(timespec="seconds"),
                list(map(str, config.invocation_params.args)),
                dist,
                slots,
                cores_of(config),
                PLATFORM,
                _seed(config),
                {"python": platform.python_version()} | {name: version(name) for name in _PACKAGES},
            )
        )

    @property
    def path(self) -> Path | None:
        """Where the trace is, if there is one; none is left of a run that had no tests."""
        return self._writer.path if self._writer else None

    @property
    def trouble(self) -> str | None:
        """Why there is no trace, or not all of it."""
        return self._trouble or (self._writer.trouble if self._writer else None)

    def tests(self, ids: Sequence[str], suite: Suite, estimates: Estimates) -> None:
        """All workers have collected."""
        self._has_tests = bool(ids)
        self._began_cpu_s = time.process_time()
        known = map(estimates.history_s, range(len(ids)))
        self._write(
            records.Tests(
                list(ids),
                [demand.fields() for demand in suite.demands],
                list(suite.demand_of),
                suite.capacities,
                [-1 if seconds is None else round(seconds * 1e6) for seconds in known],
            )
        )

    def joined(self, name: str, slot: int, catalog: protocol.Catalog, ahead_s: float) -> None:
        """A worker joined; this process's clock is ahead of its own by ``ahead_s``."""
        now_us = self._now_us()
        self._numbers[name] = len(self._numbers)
        self._write(
            records.Worker(
                name,
                slot,
                self._us(self._launched_s[name]),
                self._us(catalog.ready_s + ahead_s),
                self._us(catalog.collected_s + ahead_s),
                now_us,
                catalog.host,
            )
        )

    def started(self, name: str, test: int) -> None:
        """A worker started a test."""
        if self._interrupted is not None:
            return
        self._write(records.Started(test, self._numbers[name], self._now_us()))

    def finished(
        self, name: str, test: int, timing: protocol.Timing, ahead_s: float, *, parked: bool
    ) -> None:
        """A worker finished a test."""
        if self._interrupted is not None:
            return
        began_us = self._us(timing.began_s + ahead_s)
        self._write(
            records.Finished(
                test,
                self._numbers[name],
                began_us,
                began_us + timing.lasted_us,
                round(timing.wall_s * 1e6),
                round(timing.cpu_s * 1e6),
                timing.outcome,
                timing.phases,
                timing.waits,
                [
                    [scope, node, fixture, round(seconds * 1e6), *span]
                    for scope, node, fixture, seconds, *span in timing.fixtures
                ],
                parked,
            )
        )

    def left(self, name: str, crashed: int | None) -> None:
        """A worker that had joined is gone; in the test that ``crashed``, if any."""
        at_us = self._now_us()
        self._write(records.Left(self._numbers[name], at_us, -1 if crashed is None else crashed))

    def isolation(self, instance: Instance, *, isolated: bool, finding: str | None) -> None:
        """An instance was isolated, or checked, with a ``finding``."""
        key, number, host = instance
        self._write(records.Isolation(key, number, self._now_us(), isolated, finding, host))

    def told(self, commands: Iterable[messages.Command]) -> None:
        """What goes out to workers."""
        at_us = self._now_us()
        for command in commands:
            tests: list[int] = []
            instances: dict[int, dict[str, list[int]]] = {}
            if isinstance(command, messages.Run):
                tests = list(command.tests)
                instances = {
                    test: {key: list(some) for key, some in held.items()}
                    for test, held in command.instances.items()
                }
            number = self._numbers[command.worker]
            kind = _COMMANDS[type(command)]
            self._write(records.Command(number, at_us, kind, tests, instances))

    def interrupted(self, why: str) -> None:
        """The run ends now; tests that end later, before their workers are gone, stay running."""
        self._interrupted = self._now_us(), why

    def end(self, exit_status: int, why: str | None) -> None:
        """The session is over; ``why`` says what ended it early."""
        cpu_us = round((time.process_time() - self._began_cpu_s) * 1e6)
        at_us, because = self._interrupted or (self._now_us(), None)
        self._write(records.End(at_us, exit_status, why or because, cpu_us))
        if self._writer is None:
            return
        self._writer.close()
        if not self._has_tests:
            self._writer.path.unlink(missing_ok=True)  # It would tell nothing.
            self._writer = None

    def _write(self, record: records.Record) -> None:
        if self._writer is not None:
            self._writer.write(record)

    def _us(self, time_s: float) -> int:
        return round((time_s - self._zero_s) * 1e6)

    def _now_us(self) -> int:
        return self._us(time.perf_counter())


def _create(rootdir: Path) -> TraceWriter:
    own = folder.own_folder(rootdir)
    folder.make_room(rootdir)
    for path in folder.paths(own, datetime.now()):
        try:
            return TraceWriter(path)
        except FileExistsError:
            continue
    raise AssertionError("there is always another name")


def _seed(config: pytest.Config) -> str | None:
    for option in SEEDS:
        seed = config.getoption(option, None)
        if seed is not None:
            return str(seed)
    return None
