"""The bytes of the durations file.

One msgpack map, its keys in this order: ``format``; ``version``; ``platform`` and ``written``, see
``History``; ``files``, a map from file to a map from what stands between the file and the function
in a node id, such as ``::`` or ``::TestLogin::``, to a map from function to ``[setup, call,
teardown, cpu, tests, own, demands, platforms]``, of which the last ones are left out where they are
1 or empty; ``fixtures``, a map from scope to a map from node id to a map from name to set-up;
``startups``, a list of ``[path, marks, launch, ready, collect, reports, waiting]``.

All durations are buckets (see ``durations.buckets``); ``reports`` is that of 1,000 reports;
``waiting`` is in tenths, or nil. ``own`` is a map from parameters to the whole of a test;
``demands`` one to ``[[[key, mode, units], ...], exclusive, serial, group]``; ``platforms`` one from
platform to a map like ``own``. Parameters are without their brackets,
but odd ones, which end with a NUL, are whole. Maps are sorted, so equal
content is equal bytes, and what changed in one test changes the file in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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

FORMAT = "pytest-markersteal durations"
VERSION = 3
MAX_BYTES = 6_000_000
"""More is not read: it would be a suite of a million tests, or an attack on memory."""

_LONGEST_LIST = 256
_REPORTS = 1000
_WHOLE = "\0"
"""The end of parameters that are written with their brackets: of odd ones."""
_CONFLICT = b"<<<<<<< "

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
    return packed


def decode(data: bytes) -> History:
    """The history in ``data``; ``FormatError`` if there is none that can be read."""
    if data.lstrip().startswith(_CONFLICT):
        raise FormatError(
            "it has conflict markers of git; take either side with 'git checkout --ours' or "
            "'--theirs', both will do"
        )
    if not data:
        raise FormatError("it is empty")
    if len(data) > MAX_BYTES:
        raise FormatError(f"it has {len(data):,} bytes, and no more than {MAX_BYTES:,} are read")
    try:
        return _Reader(data).history()
    except FormatError:
        raise
    except (msgpack.UnpackException, ValueError, TypeError, LookupError) as error:
        raise FormatError(f"it is damaged ({error or type(error).__name__})") from error


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
        self._length = len(data)
        self._unpacker = msgpack.Unpacker(
            unicode_errors="surrogatepass",
            max_buffer_size=self._length,
            max_array_len=_LONGEST_LIST,
            max_bin_len=0,
            max_ext_len=0,
        )
        self._unpacker.feed(data)

    def history(self) -> History:
        """The content."""
        try:
            keys = self._unpacker.read_map_header()
            if (self._text(), self._text()) != ("format", FORMAT):
                raise ValueError
        except (ValueError, msgpack.UnpackException):
            raise FormatError("it is no durations file") from None
        self._key("version")
        version = self._unpacker.unpack()
        if version != VERSION or type(version) is not int:
            newer = type(version) is int and version > VERSION
            raise (NewerVersionError if newer else FormatError)(
                f"it has version {version!r}, and this version of pytest-markersteal reads "
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
            file + holder + name: _function(self._unpacker.unpack())
            for file in self._keys()
            for holder in self._keys()
            for name in self._keys()
        }
        self._key("fixtures")
        fixtures = {
            Fixture(scope, node, name): _bucket(self._unpacker.unpack())
            for scope in self._keys()
            for node in self._keys()
            for name in self._keys()
        }
        self._key("startups")
        startups = dict(
            _startup(self._unpacker.unpack()) for _ in range(self._unpacker.read_array_header())
        )
        if self._unpacker.tell() != self._length:
            raise ValueError("something follows its end")
        return History(functions, fixtures, startups, platform, written)

    def _key(self, expected: str) -> None:
        if self._text() != expected:
            raise ValueError(f"{expected!r} is not where it should be")

    def _keys(self) -> Iterator[str]:
        for _ in range(self._unpacker.read_map_header()):
            yield self._text()

    def _text(self) -> str:
        return _text(self._unpacker.unpack())


def _function(fields: Any) -> Function:
    setup, call, teardown, cpu, *rest = fields
    more: list[Any] = rest
    defaults: list[Any] = [1, {}, {}, {}]
    tests, own, demands, platforms = more + defaults[len(more) :]
    if type(tests) is not int or not 0 <= tests < 2**32:
        raise ValueError(f"not a number of tests: {tests!r}")
    return Function(
        Buckets(*map(_bucket, (setup, call, teardown, cpu))),
        tests,
        _by_parameters(own, _bucket),
        _by_parameters(demands, Demand.of_fields),
        {
            _text(platform): _by_parameters(own, _bucket)
            for platform, own in _mapping(platforms).items()
        },
    )


def _by_parameters(value: Any, read: Callable[[Any], _Value]) -> dict[str, _Value]:
    if not value:
        return {}
    return {_long(_text(key)): read(item) for key, item in _mapping(value).items()}


def _long(short: str) -> str:
    """Parameters as they are in a node id, from what ``_short`` made of them."""
    if short.endswith(_WHOLE):
        return short.removesuffix(_WHOLE)
    return f"[{short}]" if short else ""


def _startup(fields: Any) -> tuple[Selection, Startup]:
    path, marks, *times, waiting = fields
    launch_s, ready_s, collect_s, reports_s = (seconds_of(_bucket(value)) for value in times)
    share = None
    if waiting is not None:
        if type(waiting) is not int or not 0 <= waiting <= 10:
            raise ValueError(f"not a share in tenths: {waiting!r}")
        share = waiting / 10
    startup = Startup(launch_s, ready_s, collect_s, reports_s / _REPORTS, share)
    return Selection(_text(path), _text(marks)), startup


def _mapping(value: Any) -> Mapping[Any, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"not a map: {value!r}")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"not a text: {value!r}")
    return value


def _bucket(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= LARGEST:
        raise ValueError(f"not a duration: {value!r}")
    return value
