"""Files of traces for tests, in few words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from builders import PLAIN

from pytest_markersteal.core.suite import Demand
from pytest_markersteal.trace import records
from pytest_markersteal.trace.format import encoder

BREAK_US = 1_000
"""What a worker takes from one test to the next."""


@dataclass(frozen=True)
class Ran:
    """A test that ran for ``seconds``, besides ``fixtures``: ``scope, node id, name, seconds``."""

    node_id: str
    seconds: float
    demand: Demand = PLAIN
    cpu_s: float = 0.0
    fixtures: Sequence[tuple[str, str, str, float]] = ()
    parked: bool = False


def write_trace(path: Path, *tests: Ran, workers: int = 2, cores: int = 8) -> Path:
    """The trace of a run in which each worker in turn took the next of ``tests``."""
    demands = list(dict.fromkeys(test.demand for test in tests))
    versions = {"pytest": "9"}
    written: list[records.Record] = [
        records.Head(
            records.FORMAT,
            records.VERSION,
            "2026-11-22T10:00:00+00:00",
            ["-n", str(workers)],
            "markersteal",
            workers,
            cores,
            "linux-3.12",
            None,
            versions,
        ),
        records.Tests(
            [test.node_id for test in tests],
            [demand.fields() for demand in demands],
            [demands.index(test.demand) for test in tests],
            {},
            [-1] * len(tests),
        ),
    ]
    written += [records.Worker(f"gw{n}", n, 0, 100, 200, 300) for n in range(workers)]
    free_us = [1_000_000] * workers
    for number, test in enumerate(tests):
        worker = number % workers
        finished = _finished(number, worker, test, free_us[worker])
        written += [records.Started(number, worker, finished.began_us), finished]
        free_us[worker] = finished.ended_us + BREAK_US
    written.append(records.End(max(free_us), 0, None))
    encode = encoder()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(map(encode, written)))
    return path


def _finished(number: int, worker: int, test: Ran, began_us: int) -> records.Finished:
    fixtures: list[list[Any]] = []
    at_us = 0
    for scope, node, name, seconds in test.fixtures:
        fixtures.append([scope, node, name, _us(seconds), at_us, at_us + _us(seconds)])
        at_us += _us(seconds)
    lasted_us = at_us + _us(test.seconds)
    return records.Finished(
        number,
        worker,
        began_us,
        began_us + lasted_us,
        _us(test.seconds),
        _us(test.cpu_s),
        0,
        [1, at_us, lasted_us],
        [],
        fixtures,
        test.parked,
    )


def _us(seconds: float) -> int:
    return round(seconds * 1e6)
