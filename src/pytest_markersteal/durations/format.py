"""The bytes of the durations file.

One msgpack map: ``format`` and ``version``; ``tests``, a map from file to a map from the rest of
the node id to ``[setup, call, teardown, cpu]``, followed by an index into ``demands`` where a test
has marks, or by nil where it is gone; ``demands``, a list of ``[[[key, mode, units], ...],
exclusive, serial, group]``; ``fixtures``, a list of ``[scope, node id, name, setup]``;
``startups``, a list of ``[path, marks, launch, ready cpu, collect cpu, report cpu, waiting]``. All
times are whole microseconds, ``waiting`` is in millionths or nil. Maps and lists are sorted, so
equal content is equal bytes.

Version 1 had neither ``demands`` nor ``startups``.
"""

from __future__ import annotations

from typing import Any

import msgpack

from pytest_markersteal.core.suite import Demand
from pytest_markersteal.durations.history import (
    Fixture,
    History,
    Selection,
    Startup,
    Times,
    split_node_ids,
)

FORMAT = "pytest-markersteal durations"
VERSION = 2
_READABLE = (1, 2)

_MICROSECONDS = 1_000_000


class FormatError(ValueError):
    """Bytes that are no durations file of a version that can be read; the message says why."""


class NewerVersionError(FormatError):
    """A durations file that a newer version of the package wrote."""


def encode(history: History) -> bytes:
    """The bytes of ``history``; demands of tests without durations, or gone, are left out."""
    by_key = {
        repr(demand.fields()): demand
        for node_id, demand in history.demands.items()
        if node_id in history.tests and node_id not in history.gone
    }
    demands = [by_key[key] for key in sorted(by_key)]
    number_of = {demand: number for number, demand in enumerate(demands)}
    tests: dict[str, dict[str, list[int | None]]] = {}
    for file, node_ids in sorted(split_node_ids(history.tests).items()):
        tests[file] = {}
        for node_id in sorted(node_ids):
            fields: list[int | None] = list(map(_microseconds, history.tests[node_id]))
            if node_id in history.gone:
                fields.append(None)
            elif node_id in history.demands:
                fields.append(number_of[history.demands[node_id]])
            tests[file][node_id.removeprefix(file)] = fields
    data = {
        "format": FORMAT,
        "version": VERSION,
        "demands": [demand.fields() for demand in demands],
        "tests": tests,
        "fixtures": sorted(
            [*fixture, _microseconds(setup_s)] for fixture, setup_s in history.fixtures_s.items()
        ),
        "startups": [
            [*selection, *(None if value is None else _microseconds(value) for value in startup)]
            for selection, startup in sorted(history.startups.items(), key=lambda item: item[0])
        ],
    }
    packed: bytes = msgpack.packb(data, unicode_errors="surrogatepass")
    return packed


def decode(data: bytes) -> History:
    """The history in ``data``; ``FormatError`` if there is none that can be read."""
    try:
        content = msgpack.unpackb(data, unicode_errors="surrogatepass")
    except (ValueError, TypeError, msgpack.UnpackException) as error:
        raise FormatError(f"it is damaged ({error or type(error).__name__})") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise FormatError("it is no durations file")
    version = content.get("version")
    if type(version) is not int or version not in _READABLE:
        newer = isinstance(version, int) and version > VERSION
        raise (NewerVersionError if newer else FormatError)(
            f"it has version {version!r}, and this version of pytest-markersteal reads "
            f"{' and '.join(map(str, _READABLE))}"
        )
    try:
        return _history(content)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise FormatError(f"it is damaged ({error!r})") from error


def _history(content: dict[str, Any]) -> History:
    history = History()
    demands = list(map(Demand.of_fields, content.get("demands", ())))
    for file, tests in content["tests"].items():
        for rest, (setup, call, teardown, cpu, *more) in tests.items():
            node_id = file + rest
            history.tests[node_id] = Times(*map(_seconds, (setup, call, teardown, cpu)))
            match more:
                case []:
                    pass
                case [None]:
                    history.gone.add(node_id)
                case [number]:
                    history.demands[node_id] = demands[_count(number)]
                case _:
                    raise ValueError(f"more than a test has: {more!r}")
    for scope, node, name, setup in content["fixtures"]:
        history.fixtures_s[Fixture(*map(_text, (scope, node, name)))] = _seconds(setup)
    for path, marks, *times, waiting in content.get("startups", ()):
        launch_s, ready_s, collect_s, report_s = map(_seconds, times)
        waiting_share = None if waiting is None else min(1.0, _seconds(waiting))
        history.startups[Selection(_text(path), _text(marks))] = Startup(
            launch_s, ready_s, collect_s, report_s, waiting_share
        )
    return history


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"not a text: {value!r}")
    return value


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"not a number of things: {value!r}")
    return value


def _seconds(microseconds: Any) -> float:
    if type(microseconds) is not int or microseconds < 0:
        raise ValueError(f"not a duration: {microseconds!r}")
    return microseconds / _MICROSECONDS


def _microseconds(seconds: float) -> int:
    return round(seconds * _MICROSECONDS)
