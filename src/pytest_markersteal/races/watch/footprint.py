"""What a test touched and what it left changed, as it travels from where tests run.

Records are msgpack arrays ``[kind, field, ...]``; several that belong together travel as one. The
first of a worker is ``Hello``. Times are seconds of the worker's clock, which processes of one
machine share. Fixtures of wider scope than function have footprints of their own, because what
they do is theirs and not that of the test which happens to be the first to ask for them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias, get_args

import msgpack

from pytest_markersteal.records import Kinds
from pytest_markersteal.trace.names import PHASES

VERSION = 1
"""Raised with every change of a record below."""

FILE = "file"
PORT = "port"
LOCK = "lock"
VARIABLE = "variable"
DIRECTORY = "working directory"
PROCESS = "process"

SHARED = (FILE, PORT)
"""Kinds of things that workers of one machine share; the others are a process's own."""

READ = "read"
LISTED = "listed"
WRITTEN = "written"
CREATED = "created"
MADE = "made"
REMOVED = "removed"
EMPTIED = "removed with all that is in it"
RENAMED = "renamed"
DATABASE_READ = "read as an SQLite database"
DATABASE_WRITTEN = "written as an SQLite database"
BOUND = "bound"
CONNECTED = "connected to"
LOCKED = "locked"
SET = "set"
ENTERED = "entered"
STARTED = "started"

ADDING = (CREATED, MADE, REMOVED, EMPTIED, RENAMED)
"""What changes the list of what is in a folder."""

_READING = (READ, LISTED, DATABASE_READ, CONNECTED)
_KINDS_OF_THINGS = frozenset((*SHARED, LOCK, VARIABLE, DIRECTORY, PROCESS))
_WRITING = (*ADDING, WRITTEN, DATABASE_WRITTEN, BOUND)
_HOWS = frozenset((*_READING, *_WRITING, LOCKED, SET, ENTERED, STARTED))


class FootprintError(ValueError):
    """Bytes that are no footprints of this version; the message says why."""


class Touch(NamedTuple):
    """The first time that somebody did ``how`` to a thing, in ``phase``, an index into ``PHASES``.

    ``kind`` and ``name`` say what thing it is: a file by its path (under the rootdir from there,
    with ``/``), a port by its number, or host and number.
    """

    kind: str
    name: str
    how: str
    phase: int
    at_s: float

    @property
    def writes(self) -> bool:
        """Whether it changes what others may find."""
        return self.how not in _READING


class Left(NamedTuple):
    """Something that was left changed: ``aspect`` of the state, which thing, and how.

    ``phase`` is an index into ``PHASES``, or -1 where it is not known. ``was`` and ``now`` are
    words for people. ``is_doubtful`` where such a change is often harmless,
    such as a cache that was filled.
    """

    aspect: str
    name: str
    phase: int
    was: str
    now: str
    is_doubtful: bool


@dataclass(frozen=True, slots=True)
class Hello:
    """The first record of a worker: its version of pytest-markersteal, and what time it has."""

    version: int
    package: str
    now_s: float


@dataclass(frozen=True, slots=True)
class Footprint:
    """A test ended; ``touches`` and ``left`` hold the fields of each ``Touch`` and ``Left``."""

    test: str
    began_s: float
    ended_s: float
    touches: list[list[Any]]
    left: list[list[Any]]


@dataclass(frozen=True, slots=True)
class Held:
    """A fixture of wider scope was set up for ``test``; it has the number ``holder`` from now on.

    Numbers are a worker's own, and each is used once.
    """

    holder: int
    scope: str
    node: str
    name: str
    test: str
    began_s: float
    touches: list[list[Any]]


@dataclass(frozen=True, slots=True)
class Released:
    """A fixture was torn down, in the teardown of ``test``."""

    holder: int
    test: str
    ended_s: float
    touches: list[list[Any]]
    left: list[list[Any]]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a worker has not seen all from now on."""

    why: str


Record: TypeAlias = Hello | Footprint | Held | Released | Trouble

_RECORDS = Kinds(get_args(Record), FootprintError)
_TOUCH = [str, str, str, int, float]
_LEFT = [str, str, int, str, str, bool]


def encode(records: Sequence[Record]) -> bytes:
    """The bytes of ``records``."""
    packed: bytes = msgpack.packb(
        [_RECORDS.fields(record) for record in records], unicode_errors="surrogatepass"
    )
    return packed


def decode(data: bytes) -> list[Record]:
    """The records in ``data``; ``FootprintError`` if there is anything else in it."""
    try:
        listed = msgpack.unpackb(data, unicode_errors="surrogatepass")
    except Exception as error:
        raise FootprintError(f"not footprints: {error!r}") from error
    if type(listed) is not list:
        raise FootprintError(f"not a list of footprints: {listed!r}")
    return [_checked(_RECORDS.record(fields)) for fields in listed]


def touches_of(record: Footprint | Held | Released) -> list[Touch]:
    """Its touches."""
    return [Touch(*fields) for fields in record.touches]


def left_of(record: Footprint | Released) -> list[Left]:
    """What it left changed."""
    return [Left(*fields) for fields in record.left]


def fields_of(tuples: Iterable[Touch | Left]) -> list[list[Any]]:
    """Touches, or what was left, as a record holds them."""
    return [list(one) for one in tuples]


def _checked(record: Record) -> Record:
    if isinstance(record, Trouble):
        return record
    times_s = [getattr(record, name, 0.0) for name in ("now_s", "began_s", "ended_s")]
    for touch in () if isinstance(record, Hello) else record.touches:
        if type(touch) is not list or [type(field) for field in touch] != _TOUCH:
            raise FootprintError(f"not a touch: {touch!r}")
        kind, _, how, phase, at_s = touch
        if kind not in _KINDS_OF_THINGS or how not in _HOWS or not 0 <= phase < len(PHASES):
            raise FootprintError(f"a touch of another version: {touch!r}")
        times_s.append(at_s)
    if not all(map(math.isfinite, times_s)):
        raise FootprintError(f"not times: {times_s!r}")
    for left in () if isinstance(record, Hello | Held) else record.left:
        if type(left) is not list or [type(field) for field in left] != _LEFT:
            raise FootprintError(f"not something left: {left!r}")
        if not -1 <= left[2] < len(PHASES):
            raise FootprintError(f"there is no phase {left[2]}")
    return record
