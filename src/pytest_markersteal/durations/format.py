"""The bytes of the durations file.

One msgpack map: ``format`` and ``version``; ``tests``, a map from file to a map from the rest of
the node id to ``[setup, call, teardown, cpu]``; ``fixtures``, a list of ``[scope, node id, name,
setup]``. All times are whole microseconds. Maps and lists are sorted, so equal content is equal
bytes.
"""

from __future__ import annotations

from typing import Any

import msgpack

from pytest_markersteal.durations.history import Fixture, History, Times, split_node_ids

FORMAT = "pytest-markersteal durations"
VERSION = 1

_MICROSECONDS = 1_000_000


class FormatError(ValueError):
    """Bytes that are no durations file of a version that can be read; the message says why."""


class NewerVersionError(FormatError):
    """A durations file that a newer version of the package wrote."""


def encode(history: History) -> bytes:
    """The bytes of ``history``."""
    tests: dict[str, dict[str, list[int]]] = {}
    for file, node_ids in sorted(split_node_ids(history.tests).items()):
        tests[file] = {
            node_id.removeprefix(file): _microseconds(history.tests[node_id])
            for node_id in sorted(node_ids)
        }
    fixtures = sorted(
        [*fixture, round(seconds * _MICROSECONDS)]
        for fixture, seconds in history.fixtures_s.items()
    )
    data = {"format": FORMAT, "version": VERSION, "tests": tests, "fixtures": fixtures}
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
    if version != VERSION:
        newer = isinstance(version, int) and version > VERSION
        raise (NewerVersionError if newer else FormatError)(
            f"it has version {version!r}, and this version of pytest-markersteal reads {VERSION}"
        )
    try:
        return _history(content)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise FormatError(f"it is damaged ({error!r})") from error


def _history(content: dict[str, Any]) -> History:
    history = History()
    for file, tests in content["tests"].items():
        for rest, times in tests.items():
            history.tests[file + rest] = Times(*map(_seconds, _four(times)))
    for scope, node, name, setup in content["fixtures"]:
        if not all(isinstance(text, str) for text in (scope, node, name)):
            raise ValueError(f"not a fixture: {scope!r} {node!r} {name!r}")
        history.fixtures_s[Fixture(scope, node, name)] = _seconds(setup)
    return history


def _four(times: list[int]) -> list[int]:
    if len(times) != 4:
        raise ValueError(f"four durations expected, not {times!r}")
    return times


def _seconds(microseconds: int) -> float:
    if type(microseconds) is not int or microseconds < 0:
        raise ValueError(f"not a duration: {microseconds!r}")
    return microseconds / _MICROSECONDS


def _microseconds(times: Times) -> list[int]:
    return [round(seconds * _MICROSECONDS) for seconds in times]
