"""Reads a trace."""

from __future__ import annotations

from pathlib import Path

from pytest_markersteal.core.suite import Demand
from pytest_markersteal.trace import records as records_of
from pytest_markersteal.trace.format import TraceError, records
from pytest_markersteal.trace.model import (
    CRASHED,
    RUNNING,
    FixtureRun,
    Isolation,
    Span,
    TestRun,
    Trace,
    WorkerRun,
)
from pytest_markersteal.trace.names import OUTCOMES
from pytest_markersteal.trace.records import (
    Command,
    End,
    Finished,
    Head,
    Left,
    Started,
    Tests,
    Worker,
)


def read(path: Path) -> Trace:
    """The trace at ``path``, as far as it goes; ``TraceError`` or ``OSError`` if there is none."""
    reading = _Reading()
    for record in records(path):
        match record:
            case Finished():
                reading.finished(record)
            case Started(test, worker, at_us):
                reading.running[worker] = test, at_us
            case Command():
                reading.commands.append(record)
            case records_of.Isolation():
                reading.isolation(record)
            case Left(worker, at_us, crashed):
                reading.left(worker, at_us, crashed)
            case Worker():
                reading.workers.append(record)
            case Head():
                reading.head = record
            case Tests():
                reading.suite = record
            case End():
                reading.end = record
    return reading.trace()


class _Reading:
    """What is known so far."""

    def __init__(self) -> None:
        self.head: Head | None = None
        self.suite: Tests | None = None
        self.end: End | None = None
        self.workers: list[Worker] = []
        self.running: dict[int, tuple[int, int]] = {}
        """The test that each worker runs, and since when."""
        self.commands: list[Command] = []
        self._tests: list[TestRun] = []
        self._isolations: list[Isolation] = []
        self._isolated: dict[tuple[str, int, str], tuple[int, str | None]] = {}
        """Since when each instance is isolated, and what was found."""
        self._left_us: dict[int, int] = {}
        self._latest_us = 0

    def finished(self, record: Finished) -> None:
        self.running.pop(record.worker, None)
        began_us, waits = record.began_us, record.waits
        self._latest_us = max(self._latest_us, record.ended_us)
        self._tests.append(
            TestRun(
                record.test,
                record.worker,
                _span(began_us, record.ended_us),
                record.own_us / 1e6,
                record.cpu_us / 1e6,
                OUTCOMES[record.outcome],
                tuple(record.phases),
                tuple(
                    _span(began_us + since, began_us + until)
                    for since, until in zip(waits[::2], waits[1::2], strict=True)
                ),
                tuple(
                    FixtureRun(
                        scope, node, name, own / 1e6, _span(began_us + since, began_us + until)
                    )
                    for scope, node, name, own, since, until in record.fixtures
                ),
                record.parked,
            )
        )

    def left(self, worker: int, at_us: int, crashed: int) -> None:
        self._left_us[worker] = at_us
        self._latest_us = max(self._latest_us, at_us)
        test, began_us = self.running.pop(worker, (crashed, at_us))
        if crashed >= 0:
            self._unfinished(test, worker, began_us, at_us, CRASHED)

    def isolation(self, record: records_of.Isolation) -> None:
        instance = record.key, record.instance, record.host
        since_us, _ = self._isolated.pop(instance, (record.at_us, None))
        self._latest_us = max(self._latest_us, record.at_us)
        if record.isolated:
            self._isolated[instance] = since_us, record.finding
        else:
            self._add_isolation(instance, _span(since_us, record.at_us), record.finding)

    def trace(self) -> Trace:
        if self.head is None or self.suite is None:
            raise TraceError("it ends before the tests were collected")
        ended_us = self.end.at_us if self.end else self._latest_us
        for worker, (test, began_us) in self.running.items():
            self._unfinished(test, worker, began_us, max(began_us, ended_us), RUNNING)
        for instance, (since_us, finding) in self._isolated.items():
            self._add_isolation(instance, _span(since_us, max(since_us, ended_us)), finding)
        instances: dict[int, dict[str, list[int]]] = {}
        for command in self.commands:
            instances.update(command.instances)
        return Trace(
            self.head,
            self.suite.ids,
            [Demand.of_fields(fields) for fields in self.suite.demands],
            self.suite.demand_of,
            self.suite.capacities,
            [None if us < 0 else us / 1e6 for us in self.suite.predicted_us],
            [
                WorkerRun(
                    number,
                    worker.name,
                    worker.slot,
                    worker.launched_us / 1e6,
                    worker.ready_us / 1e6,
                    worker.collected_us / 1e6,
                    worker.joined_us / 1e6,
                    self._left_us.get(number, ended_us) / 1e6,
                    worker.host,
                )
                for number, worker in enumerate(self.workers)
            ],
            sorted(self._tests, key=lambda run: run.span.since_s),
            self.commands,
            self.end,
            instances,
            self._isolations,
        )

    def _add_isolation(
        self, instance: tuple[str, int, str], span: Span, finding: str | None
    ) -> None:
        key, number, host = instance
        self._isolations.append(Isolation(key, number, span, finding, host))

    def _unfinished(self, test: int, worker: int, began_us: int, until_us: int, how: str) -> None:
        span = _span(began_us, until_us)
        self._tests.append(TestRun(test, worker, span, span.seconds, 0.0, how))


def _span(since_us: int, until_us: int) -> Span:
    return Span(since_us / 1e6, until_us / 1e6)
