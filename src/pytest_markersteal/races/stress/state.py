"""The file of a session of runs: msgpack records, appended, so that it can be gone on with.

What ends a session in the middle of a write cuts off the last record, which is then dropped.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, get_args

import msgpack

from pytest_markersteal.races.stress.plan import Settings
from pytest_markersteal.races.trials.model import TestResult
from pytest_markersteal.records import Kinds

FOLDER = Path(".markersteal", "stress")
FORMAT = "pytest-markersteal stress"
VERSION = 1
"""Raised with every change of a record below, and of what a plan makes of settings."""

_FILE = "session.msgpack"


class StateError(ValueError):
    """A file that no session of this version wrote; the message says why."""


@dataclass(frozen=True, slots=True)
class Head:
    """The first record: what was asked for."""

    format: str
    version: int
    settings: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tests:
    """The node ids of the tests, sorted; other records have their places in it."""

    ids: list[str]


@dataclass(frozen=True, slots=True)
class Done:
    """A round of the run with this place in the plan is over.

    ``results`` has ``[outcome, phase, message, where]`` of each test that did not pass.
    """

    number: int
    round: int
    seconds: float
    results: dict[int, list[str]]
    trouble: str
    trace: str


Record: TypeAlias = Head | Tests | Done
_KINDS = Kinds(get_args(Record), StateError)


class State:
    """The file in ``folder``; ``OSError`` where it can't be written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / _FILE

    def begin(self, settings: Settings) -> None:
        """Start anew: what was left of another session goes."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / ".gitignore").write_text("*\n", encoding="ascii")
        self.path.unlink(missing_ok=True)
        for trace in self.folder.glob("run-*.trace"):
            trace.unlink()
        self.append(Head(FORMAT, VERSION, settings.fields()))

    def append(self, record: Record) -> None:
        """Write ``record`` behind the others, whole."""
        packed = msgpack.packb(_KINDS.fields(record), unicode_errors="surrogatepass")
        with self.path.open("ab") as file:
            file.write(packed)
            file.flush()
            os.fsync(file.fileno())

    def read(self) -> tuple[Settings, list[str], list[Done]]:
        """What is there; drops what is cut off. ``StateError``, or ``OSError`` if there is none."""
        records: list[Record] = []
        data = self.path.read_bytes()
        unpacker = msgpack.Unpacker(
            unicode_errors="surrogatepass", strict_map_key=False, max_buffer_size=len(data) or 1
        )
        unpacker.feed(data)
        whole = 0
        while True:
            try:
                fields = unpacker.unpack()
            except msgpack.OutOfData:
                break
            except Exception as error:
                raise StateError(f"{self.path} can't be read: {error!r}") from error
            records.append(_KINDS.record(fields))
            whole = unpacker.tell()
        if whole < len(data):
            os.truncate(self.path, whole)
        return self._put_together(iter(records))

    def _put_together(self, records: Iterator[Record]) -> tuple[Settings, list[str], list[Done]]:
        head = next(records, None)
        if not isinstance(head, Head) or head.format != FORMAT:
            raise StateError(f"{self.path} is not the file of a session")
        if head.version != VERSION:
            raise StateError(
                f"{self.path} has version {head.version}, and this one reads {VERSION}"
            )
        try:
            settings = Settings.of_fields(head.settings)
        except TypeError as error:
            raise StateError(f"{self.path} has other settings than this version: {error}") from None
        ids: list[str] = []
        done: list[Done] = []
        for record in records:
            if isinstance(record, Tests):
                ids = record.ids
            elif isinstance(record, Done):
                if not all(map(_is_result, record.results.values())):
                    raise StateError(f"{self.path} has results of another form")
                done.append(record)
        return settings, ids, done


def as_fields(result: TestResult) -> list[str]:
    """What the file keeps of a test's result."""
    return [result.outcome, result.phase, result.message, result.where]


def result_of(fields: list[str]) -> TestResult:
    """What ``as_fields`` was made from, as far as it was kept."""
    outcome, phase, message, where = fields
    return TestResult(outcome, phase, message, where)


def _is_result(fields: Any) -> bool:
    return type(fields) is list and [type(field) for field in fields] == [str] * 4
