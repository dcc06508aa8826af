"""What real suites took, to the microsecond, for the simulator to replay.

One msgpack map: ``format`` and ``version``; ``tests``, a map from file to a map from the rest of
the node id to ``[setup, call, teardown, cpu]``; ``fixtures``, a list of ``[scope, node id, name,
setup]``. All times are whole microseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgpack

from pytest_markersteal.durations.history import Fixture, Times
from pytest_markersteal.simulate.workloads import Workload, workload_of

FORMAT = "pytest-markersteal recording"
VERSION = 1

_MICROSECONDS = 1_000_000


@dataclass(frozen=True)
class Recording:
    """One run: its tests by node id, and seconds of its fixtures."""

    tests: Mapping[str, Times]
    fixtures_s: Mapping[Fixture, float]

    def workload(self, name: str) -> Workload:
        """The run as the simulator replays it."""
        seconds = {node_id: times.total_s for node_id, times in self.tests.items()}
        return workload_of(name, seconds, self.fixtures_s)


def load(path: Path) -> Recording:
    """The recording in a file of this repository; ``ValueError`` if there is none."""
    content = msgpack.unpackb(path.read_bytes())
    if (content.get("format"), content.get("version")) != (FORMAT, VERSION):
        raise ValueError(f"{path} is no recording of version {VERSION}")
    tests = {
        file + rest: Times(*(value / _MICROSECONDS for value in values))
        for file, found in content["tests"].items()
        for rest, values in found.items()
    }
    fixtures_s = {Fixture(*names): value / _MICROSECONDS for *names, value in content["fixtures"]}
    return Recording(tests, fixtures_s)


def save(path: Path, recording: Recording) -> int:
    """Write it and return the number of bytes."""
    tests: dict[str, dict[str, list[int]]] = {}
    for node_id, times in sorted(recording.tests.items()):
        file = node_id.partition("::")[0]
        tests.setdefault(file, {})[node_id.removeprefix(file)] = list(map(_microseconds, times))
    fixtures = sorted(
        [*fixture, _microseconds(seconds)] for fixture, seconds in recording.fixtures_s.items()
    )
    content: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "tests": tests,
        "fixtures": fixtures,
    }
    path.parent.mkdir(exist_ok=True)
    return path.write_bytes(msgpack.packb(content))


def _microseconds(seconds: float) -> int:
    return round(seconds * _MICROSECONDS)
