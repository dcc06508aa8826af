"""What a trial says while it goes on: msgpack records in a file, one after another.

The file is written by a child process that may die at any moment, so its end may be cut off; and by
tests that may do anything, so it may be anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, get_args

import msgpack

from pytest_markersteal.records import Kinds

VERSION = 1
"""Raised with every change of a record below."""

FORMAT = "pytest-markersteal trial"

PHASES = ("setup", "call", "teardown", "crash")
"""``crash``: the worker died."""
OUTCOMES = ("passed", "xpassed", "skipped", "xfailed", "error", "failed", "crashed")
"""Of a phase. A failure that another plugin answered with a rerun is a failure."""


class ResultsError(ValueError):
    """A file that no trial of this version wrote; the message says why."""


@dataclass(frozen=True, slots=True)
class Head:
    """The first record."""

    format: str
    version: int


@dataclass(frozen=True, slots=True)
class Collected:
    """A round has collected the tests with these node ids, in this order."""

    ids: list[str]


@dataclass(frozen=True, slots=True)
class Started:
    """A test started on a worker; ``worker`` is empty where there are none."""

    test: str
    worker: str


@dataclass(frozen=True, slots=True)
class Reported:
    """A phase of a test is over. ``phase`` and ``outcome`` are indices.

    ``message`` is what went wrong in one line, or empty; ``where`` the ``path:line`` of it.
    """

    test: str
    worker: str
    phase: int
    outcome: int
    duration_us: int
    message: str
    where: str


@dataclass(frozen=True, slots=True)
class Over:
    """A round is over, and pytest's exit status is this."""

    exit_status: int


Result: TypeAlias = Head | Collected | Started | Reported | Over
_KINDS = Kinds(get_args(Result), ResultsError)


def encoded(result: Result) -> bytes:
    """``result`` as it goes into the file."""
    packed: bytes = msgpack.packb(_KINDS.fields(result), unicode_errors="surrogatepass")
    return packed


class ResultsReader:
    """Reads a file while it is being written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = 0
        self._is_first = True
        self._unpacker = msgpack.Unpacker(unicode_errors="surrogatepass")

    def more(self) -> Iterator[Result]:
        """What has come since the last time; ``ResultsError`` for what no trial writes."""
        with self._path.open("rb") as file:
            file.seek(self._at)
            data = file.read()
        self._at += len(data)
        self._unpacker.feed(data)
        while True:
            try:
                fields = self._unpacker.unpack()
            except msgpack.OutOfData:
                return
            except Exception as error:
                raise ResultsError(f"{self._path} can't be read: {error!r}") from error
            yield self._checked(fields)

    def _checked(self, fields: Any) -> Result:
        result: Result = _KINDS.record(fields)
        if self._is_first and result != Head(FORMAT, VERSION):
            raise ResultsError(f"{self._path} does not begin as a {FORMAT} of version {VERSION}")
        self._is_first = False
        match result:
            case Collected(ids):
                if any(type(node_id) is not str for node_id in ids):
                    raise ResultsError("a node id must be text")
            case Reported(phase=phase, outcome=outcome):
                if not (0 <= phase < len(PHASES) and 0 <= outcome < len(OUTCOMES)):
                    raise ResultsError(f"there is no phase {phase}, or no outcome {outcome}")
        return result
