"""A trace as bytes: msgpack arrays ``[kind, field, ...]``, one after another.

It is written as the run goes, so its end may be missing, or cut off within a record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import msgpack

from pytest_markersteal.core.suite import Demand
from pytest_markersteal.records import Kinds
from pytest_markersteal.trace.names import COMMANDS, OUTCOMES, PHASES
from pytest_markersteal.trace.records import (
    FORMAT,
    READABLE,
    Command,
    Finished,
    Head,
    Isolation,
    Left,
    Record,
    Started,
    Tests,
    Worker,
)

_CHUNK = 1 << 20
_FIXTURE = [str, str, str, int, int, int]


class TraceError(ValueError):
    """Bytes that are no trace of this version; the message says why."""


_KINDS = Kinds(get_args(Record), TraceError)
_WITH_HOST = [_KINDS.number(Worker), _KINDS.number(Isolation)]
"""Records that end with a host, since version 3."""


def encoder() -> Callable[[Record], bytes]:
    """A function that encodes records, for one thread: it keeps its buffer."""
    pack = msgpack.Packer(unicode_errors="surrogatepass").pack
    fields = _KINDS.fields

    def encode(record: Record) -> bytes:
        packed: bytes = pack(fields(record))
        return packed

    return encode


def records(path: Path) -> Iterator[Record]:
    """The records in the file at ``path``, up to where it is cut off.

    ``TraceError`` if it is no trace, or one of another version; ``OSError`` if it can't be read.
    """
    check = _Check()
    with path.open("rb") as file:
        unpacker = msgpack.Unpacker(
            file, read_size=_CHUNK, strict_map_key=False, unicode_errors="surrogatepass"
        )
        number = version = 0
        while True:
            try:
                fields = unpacker.unpack()
            except msgpack.OutOfData:
                break
            except Exception as error:
                raise TraceError(f"record {number} can't be read: {error!r}") from error
            if version in (1, 2):
                fields = _with_host(fields)
            record: Record = _KINDS.record(fields) if number else _head(fields)
            version = version or fields[2]
            check(record)
            number += 1
            yield record
    if not number:
        raise TraceError("it is empty")


def _head(fields: object) -> Head:
    # Another version may have other fields, so nothing but the version is looked at first.
    if not (type(fields) is list and len(fields) > 2 and fields[:2] == [0, FORMAT]):
        raise TraceError(f"it does not begin as a {FORMAT} does")
    if fields[2] not in READABLE:
        *earlier, last = map(str, READABLE)
        readable = f"{', '.join(earlier)} and {last}"
        raise TraceError(f"it has version {fields[2]!r}, and this one reads {readable}")
    head: Head = _KINDS.record(fields)
    return head


def _with_host(fields: Any) -> Any:
    """A record of before version 3 as it would be now."""
    is_old = type(fields) is list and fields and fields[0] in _WITH_HOST
    return [*fields, ""] if is_old else fields


class _Check:
    """Whether numbers in records are those of something."""

    def __init__(self) -> None:
        self._tests = -1
        self._workers = 0

    def __call__(self, record: Record) -> None:
        match record:
            case Tests():
                self._take(record)
            case Worker():
                self._workers += 1
            case Started(test, worker) | Left(worker, _, test) | Finished(test, worker):
                self._has(test, worker, least=-1 if type(record) is Left else 0)
                if type(record) is Finished:
                    _check_parts(record)
            case Command(worker, _, command, tests, instances):
                if not 0 <= command < len(COMMANDS):
                    raise TraceError(f"there is no command {command}")
                for test in (*tests, *instances):
                    self._has(test, worker)
                for held in instances.values():
                    if type(held) is not dict or any(
                        type(some) is not list for some in held.values()
                    ):
                        raise TraceError(f"not instances: {instances!r}")

    def _take(self, tests: Tests) -> None:
        if self._tests >= 0:
            raise TraceError("it lists its tests twice")
        self._tests = len(tests.ids)
        try:
            for fields in tests.demands:
                Demand.of_fields(fields)
        except ValueError as error:
            raise TraceError(str(error)) from error
        if any(type(node_id) is not str for node_id in tests.ids):
            raise TraceError("a node id must be text")
        for column in (tests.demand_of, tests.predicted_us):
            if len(column) != self._tests or any(type(value) is not int for value in column):
                raise TraceError("each test must have one demand and one prediction")
        if any(not 0 <= number < len(tests.demands) for number in tests.demand_of):
            raise TraceError("a test has a demand that is not listed")
        if any(
            type(key) is not str or type(units) is not int or units < 1
            for key, units in tests.capacities.items()
        ):
            raise TraceError(f"not capacities: {tests.capacities!r}")

    def _has(self, test: object, worker: int, least: int = 0) -> None:
        if type(test) is not int or not least <= test < self._tests:
            raise TraceError(f"there is no test {test!r}")
        if not 0 <= worker < self._workers:
            raise TraceError(f"there is no worker {worker}")


def _check_parts(test: Finished) -> None:
    if not 0 <= test.outcome < len(OUTCOMES):
        raise TraceError(f"there is no outcome {test.outcome}")
    for parts, size in ((test.phases, 3), (test.waits, 2)):
        if len(parts) % size or any(type(part) is not int for part in parts):
            raise TraceError(f"not the parts of a test: {parts!r}")
    if any(not 0 <= phase < len(PHASES) for phase in test.phases[::3]):
        raise TraceError(f"not phases: {test.phases!r}")
    for fixture in test.fixtures:
        if type(fixture) is not list or [type(part) for part in fixture] != _FIXTURE:
            raise TraceError(f"not a fixture: {fixture!r}")
