"""The bytes of the durations file.

One msgpack map, its keys in this order: ``format``; ``version``; ``platform`` and ``written``, see
``History``; ``files``, a map from file to a map from what stands between the file and the function
in a node id, such as ``::`` or ``::TestLogin::``, to a map from function to ``[setup, call,
teardown, cpu, tests, own, demands, platforms]``, of which the last ones are left out where they are
1 or empty; ``fixtures``, a map from scope to a map from node id to a map from name to set-up;
``startups``, a list of ``[path, marks, launch, ready, collect, reports, waiting]``.

All durations are buckets (see ``durations.buckets``); ``reports`` is that of 1,000 reports;
``waiting`` is in tenths, or nil. ``own`` is a map from parameters to the whole of a test;
``demands`` one to ``[[[key, mode, units], ...], exclusive, serial, group]``, a key per host having
``"host"`` behind its units; ``platforms`` one from platform to a map like ``own``. Parameters are
without their brackets, but odd ones, which end with a NUL, are whole. Maps are sorted, so equal
content is equal bytes, and what changed in one test changes the file in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from sys import getsizeof
from typing import Any, TypeVar

import msgpack

from pytest_markersteal.core.suite import Demand
from pytest_markersteal.durations.buckets import LARGEST, bucket_of, seconds_of
from pytest_markersteal.durations.history import (
    Buckets,
    Fixture,
    Function,
    History,
    Selection,
    Startup,
    by_file,
)
from pytest_markersteal.durations.memory import (
    LARGE,
    MAX_MEMORY,
    SMALL,
    fixture_memory,
    memory_of,
    startup_memory,
)

FORMAT = "pytest-markersteal durations"
VERSION = 3
MAX_BYTES = 6_000_000
"""More is not read: it would be a suite of a million tests, or an attack on memory."""

_LONGEST_TEXT = 1_000_000
"""Bytes of one name: pytest puts text that is a parameter into node ids, however long."""
_NONE: dict[str, Any] = {}
"""One empty map for all, as most functions have three of them; nobody changes it."""
_REPORTS = 1000
_WHOLE = "\0"
"""The end of parameters that are written with their brackets: of odd ones."""
_CONFLICT = (b"<<<<<<< ", b"=======", b">>>>>>> ")
_LONGEST_REASON = 100

_Value = TypeVar("_Value")


class FormatError(ValueError):
    """Bytes that are no durations file of a version that can be read; the message says why."""


class NewerVersionError(FormatError):
    """A durations file that a newer version of the package wrote."""


def encode(history: History) -> bytes:
    """The bytes of ``history``; ``FormatError`` if they would be too many to be read again."""
    files: dict[str, dict[str, dict[str, list[Any]]]] = {}
    for file, names in sorted(by_file(history.functions).items()):
        holders = files[file] = {}
        for name in sorted(names):
            holder, colons, function = name.removeprefix(file).rpartition("::")
            holders.setdefault(holder + colons, {})[function] = _fields(history.functions[name])
    fixtures: dict[str, dict[str, dict[str, int]]] = {}
    for fixture in sorted(history.fixtures):
        nodes = fixtures.setdefault(fixture.scope, {})
        nodes.setdefault(fixture.node, {})[fixture.name] = history.fixtures[fixture]
    data = {
        "format": FORMAT,
        "version": VERSION,
        "platform": history.platform,
        "written": history.written,
        "files": files,
        "fixtures": fixtures,
        "startups": [
            [*selection, *_startup_fields(history.startups[selection])]
            for selection in sorted(history.startups)
        ],
    }
    packed: bytes = msgpack.packb(data, unicode_errors="surrogatepass")
    if len(packed) > MAX_BYTES:
        raise FormatError(f"{len(packed):,} bytes are more than {MAX_BYTES:,}")
    _check_memory(memory_of(history))
    return packed


def decode(data: bytes) -> History:
    """The history in ``data``; ``FormatError`` if there is none that can be read."""
    if not data:
        raise FormatError("it is empty")
    if len(data) > MAX_BYTES:
        raise FormatError(f"it has {len(data):,} bytes, and no more than {MAX_BYTES:,} are read")
    try:
        return _Reader(data).history()
    except (msgpack.UnpackException, ValueError, TypeError, LookupError) as error:
        # Git takes what has no zero byte near its start for text, and marks conflicts in there.
        if all(marker in data for marker in _CONFLICT):
            raise FormatError(
                "it has conflict markers of git; take either side with 'git checkout --ours' or "
                "'--theirs', both will do"
            ) from None
        if isinstance(error, FormatError):
            raise
        why = str(error)[:_LONGEST_REASON] or type(error).__name__
        raise FormatError(f"it is damaged ({why})") from error


def _fields(function: Function) -> list[Any]:
    own = _own_fields(function.own)
    demands = {_short(p): demand.fields() for p, demand in sorted(function.demands.items())}
    platforms = {platform: _own_fields(own) for platform, own in sorted(function.platforms.items())}
    fields: list[Any] = [*function.shared, function.tests, own, demands, platforms]
    while len(fields) > len(Buckets._fields) and fields[-1] in ({}, 1):
        fields.pop()
    return fields


def _own_fields(own: Mapping[str, int]) -> dict[str, int]:
    return {_short(parameters): bucket for parameters, bucket in sorted(own.items())}


def _startup_fields(startup: Startup) -> list[int | None]:
    share = startup.waiting_share
    times_s = (*startup[:3], startup.report_cpu_s * _REPORTS)
    return [*map(bucket_of, times_s), None if share is None else round(10 * share)]


def _short(parameters: str) -> str:
    """Parameters without their brackets; "" where there are none."""
    inner = parameters[1:-1]
    if parameters == f"[{inner}]" and inner and not inner.endswith(_WHOLE):
        return inner
    return parameters + _WHOLE if parameters else ""


class _Reader:
    """Reads one file, piece by piece: nothing is made room for before it is there."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._unpacker = msgpack.Unpacker(
            unicode_errors="surrogatepass",
            max_buffer_size=max(1, len(data)),
            max_str_len=_LONGEST_TEXT,
            max_bin_len=0,
            max_ext_len=0,
        )
        self._unpacker.feed(data)
        self._memory = 0

    def history(self) -> History:
        """The content."""
        try:
            keys = self._unpacker.read_map_header()
            if (self._text(), self._text()) != ("format", FORMAT):
                raise ValueError
        except (ValueError, LookupError, msgpack.UnpackException):
            raise FormatError("it is no durations file") from None
        self._key("version")
        version = self._value()
        if version != VERSION or type(version) is not int:
            newer = type(version) is int and version > VERSION
            raise (NewerVersionError if newer else FormatError)(
                f"it has version {version!r:.20}, and this version of pytest-markersteal reads "
                f"version {VERSION}"
            )
        if keys != 7:
            raise ValueError(f"{keys} parts instead of 7")
        self._key("platform")
        platform = self._text()
        self._key("written")
        written = self._text()
        self._key("files")
        functions = {
            name: self._function(name)
            for file in self._keys()
            for holder in self._keys()
            for name in map((file + holder).__add__, self._keys())
        }
        self._key("fixtures")
        fixtures = {
            fixture: self._bucket()
            for scope in self._keys()
            for node in self._keys()
            for fixture in (Fixture(scope, node, name) for name in self._keys())
            if self._charge(fixture_memory(fixture))
        }
        self._key("startups")
        startups = dict(self._startup() for _ in range(self._unpacker.read_array_header()))
        if self._unpacker.tell() != len(self._data):
            raise ValueError("something follows its end")
        return History(functions, fixtures, startups, platform, written)

    def _charge(self, memory: int) -> bool:
        """Make sure that there may be so many bytes of memory more."""
        self._memory += memory
        _check_memory(self._memory)
        return True

    def _function(self, name: str) -> Function:
        self._charge(getsizeof(name) + LARGE)
        parts = self._unpacker.read_array_header()
        if not 4 <= parts <= 8:
            raise ValueError(f"{parts} values of a function")
        shared = Buckets(self._bucket(), self._bucket(), self._bucket(), self._bucket())
        if parts == 4:
            return Function(shared, 1, _NONE, _NONE, _NONE)
        tests = self._value()
        if type(tests) is not int or not 0 <= tests < 2**32:
            raise ValueError(f"not a number of tests: {tests!r}")
        return Function(
            shared,
            tests,
            self._by_parameters(self._bucket) if parts > 5 else _NONE,
            self._by_parameters(self._demand) if parts > 6 else _NONE,
            self._platforms() if parts > 7 else _NONE,
        )

    def _platforms(self) -> dict[str, dict[str, int]]:
        found = {}
        for platform in self._keys():
            self._charge(getsizeof(platform) + LARGE)
            found[platform] = self._by_parameters(self._bucket)
        return found

    def _by_parameters(self, read: Callable[[], _Value]) -> dict[str, _Value]:
        found = {}
        for short in self._keys():
            parameters = _long(short)
            self._charge(getsizeof(parameters) + SMALL)
            found[parameters] = read()
        return found or _NONE

    def _demand(self) -> Demand:
        self._charge(LARGE)
        if self._unpacker.read_array_header() != 4:
            raise ValueError("not a demand")
        claims = []
        for _ in range(self._unpacker.read_array_header()):
            self._charge(LARGE)
            parts = self._unpacker.read_array_header()
            if parts not in (3, 4):
                raise ValueError("not a claim")
            claim = [self._value() for _ in range(parts)]
            self._charge(getsizeof(claim[0]))
            claims.append(claim)
        return Demand.of_fields((claims, self._value(), self._value(), self._value()))

    def _startup(self) -> tuple[Selection, Startup]:
        if self._unpacker.read_array_header() != 7:
            raise ValueError("not a start-up")
        selection = Selection(self._text(), self._text())
        self._charge(startup_memory(selection))
        launch_s, ready_s, collect_s, reports_s = (seconds_of(self._bucket()) for _ in range(4))
        waiting, share = self._value(), None
        if waiting is not None:
            if type(waiting) is not int or not 0 <= waiting <= 10:
                raise ValueError(f"not a share in tenths: {waiting!r}")
            share = waiting / 10
        return selection, Startup(launch_s, ready_s, collect_s, reports_s / _REPORTS, share)

    def _key(self, expected: str) -> None:
        if self._text() != expected:
            raise ValueError(f"{expected!r} is not where it should be")

    def _keys(self) -> Iterator[str]:
        for _ in range(self._unpacker.read_map_header()):
            yield self._text()

    def _text(self) -> str:
        value = self._value()
        if not isinstance(value, str):
            raise ValueError(f"not a text: {value!r}")
        return value

    def _bucket(self) -> int:
        value = self._value()
        if type(value) is not int or not 0 <= value <= LARGEST:
            raise ValueError(f"not a duration: {value!r}")
        return value

    def _value(self) -> Any:
        """The next value, which is no list and no map: those can be larger than any limit."""
        first = self._data[self._unpacker.tell()]
        if 0x80 <= first <= 0x9F or 0xDC <= first <= 0xDF:
            raise ValueError("a list or a map where there should be a value")
        return self._unpacker.unpack()


def _check_memory(memory: int) -> None:
    if memory > MAX_MEMORY:
        raise FormatError(f"it would take more than {MAX_MEMORY / 1e6:.0f} MB of memory")


def _long(short: str) -> str:
    """Parameters as they are in a node id, from what ``_short`` made of them."""
    if short.endswith(_WHOLE):
        return short.removesuffix(_WHOLE)
    return f"[{short}]" if short else ""
