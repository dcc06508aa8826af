"""Marks for tests whose source is not to be changed: ``markersteal.toml`` in pytest's rootdir.

Its table ``marks`` says which tests have which marks::

    [marks]
    "tests/test_orders.py::test_export" = { shared_resource = ["db"] }
    "tests/legacy/*" = { serial = true }

A pattern is the node id of a test, or of what holds tests: a function with its parameters, a class,
a file, a folder. ``*`` in it stands for any text, ``/`` and ``::`` included. Nothing else in it is
special, because node ids have brackets. Tests get the marks of all patterns that match.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import pytest

from pytest_markersteal import markers
from pytest_markersteal.toml import TomlError, read_toml

VERSION = 1
"""Raised with every change of what the file means."""

FLAGS = ("serial", "no_parallel")
_KEYS = "shared_resource"
_GROUP = "xdist_group"
SETTINGS = ("mode", "units", "scope")
"""What ``shared_resource`` takes beside its keys."""
_EXAMPLE = '"tests/test_orders.py::*" = { shared_resource = ["db"] }'


class MapError(ValueError):
    """A map that can't be used; the message says what is wrong, where, and what to write."""


@dataclass(frozen=True, slots=True)
class MarkMap:
    """``marks`` by pattern, in the order of the file."""

    marks: Mapping[str, tuple[pytest.MarkDecorator, ...]]


def read_map(path: Path, capacities: Mapping[str, int]) -> MarkMap:
    """The map at ``path``; ``MapError`` or ``OSError`` if it can't be used."""
    try:
        content = read_toml(path)
    except TomlError as error:
        raise MapError(f"{error}; mend it, or write it again with markersteal propose") from error
    unknown = sorted(content.keys() - {"version", "marks"})
    if unknown:
        raise MapError(f"{path}: there is no {unknown[0]!r}; it has 'version' and a table 'marks'")
    if content.get("version") != VERSION:
        raise MapError(
            f"{path}: version is {content.get('version')!r}; write 'version = {VERSION}' above "
            "the table 'marks'"
        )
    table = content.get("marks", {})
    if type(table) is not dict:
        raise MapError(f"{path}: 'marks' must be a table, with lines like {_EXAMPLE}")
    for pattern in table:
        _refuse_path(path, pattern)
    return MarkMap(
        {
            pattern: tuple(_marks(f"{path}: {pattern!r}", named, capacities))
            for pattern, named in table.items()
        }
    )


def _refuse_path(path: Path, pattern: str) -> None:
    """``MapError`` where a pattern can't match, as no node id has its file or folder like that."""
    file, colons, name = pattern.partition("::")
    if PurePath(file).is_absolute() or file.startswith("/"):
        raise MapError(
            f"{path}: {pattern!r} is absolute; write it as in node ids, from {path.parent}"
        )
    plain = file.removesuffix("/")
    while plain.startswith("./"):
        plain = plain.removeprefix("./")
    if plain != file:
        raise MapError(f"{path}: {pattern!r} is like no node id; write {plain + colons + name!r}")


def _marks(where: str, named: Any, capacities: Mapping[str, int]) -> Iterator[pytest.MarkDecorator]:
    if type(named) is not dict or not named:
        raise MapError(f"{where} must have a table of marks, as in {_EXAMPLE}")
    for name, value in named.items():
        if name in FLAGS:
            if value is not True:
                raise MapError(f"{where}: {name} must be true, not {value!r}; or leave it out")
            yield getattr(pytest.mark, name)
        elif name == _KEYS:
            if type(value) is not list or not value:
                raise MapError(f'{where}: {name} must be a list of keys, like ["db"]')
            settings = {setting: named[setting] for setting in SETTINGS if setting in named}
            mark = pytest.mark.shared_resource(*value, **settings)
            try:
                markers.claims_of(mark.mark, capacities)
            except markers.MarkError as error:
                raise MapError(f"{where}: {error}") from error
            yield mark
        elif name == _GROUP:
            if type(value) is not str or not value:
                raise MapError(f'{where}: {name} must be the name of a group, like "api"')
            yield pytest.mark.xdist_group(value)
        elif name not in SETTINGS:
            known = ", ".join([*FLAGS, _KEYS, *SETTINGS, _GROUP])
            raise MapError(f"{where}: there is no mark {name!r}; choose from {known}")
        elif _KEYS not in named:
            raise MapError(f"{where}: {name} is for {_KEYS}; add its keys, or leave it out")


def places(node_id: str) -> Iterator[str]:
    """``node_id``, and the ids of what holds it: its function, classes, file and folders."""
    yield node_id
    file, _, name = node_id.partition("::")
    # Brackets are parameters, which may have anything in them; those in a path are not.
    name, bracket, _ = name.partition("[")
    if bracket:
        yield f"{file}::{name}"
    while "::" in name:
        name = name.rpartition("::")[0]
        yield f"{file}::{name}"
    while file:
        yield file
        file = file.rpartition("/")[0]


class Matcher:
    """Tells which patterns match a test, and in the end which have matched none."""

    def __init__(self, patterns: Iterable[str]) -> None:
        """Patterns that have no ``*`` cost a test next to nothing."""
        self._unmatched = dict.fromkeys(patterns)
        self._plain = {pattern for pattern in self._unmatched if "*" not in pattern}
        self._wild = [
            (pattern, re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL))
            for pattern in self._unmatched
            if "*" in pattern
        ]
        self._seen: set[str] = set()

    def matching(self, node_id: str) -> list[str]:
        """The patterns that match the test ``node_id``."""
        held_by = list(places(node_id))
        self._seen.update(held_by)
        found = [place for place in held_by if place in self._plain]
        found += [pattern for pattern, wild in self._wild if any(map(wild.fullmatch, held_by))]
        for pattern in found:
            self._unmatched.pop(pattern, None)
        return found

    def unmatched(self, rootdir: Path) -> list[str]:
        """The patterns that matched nothing, sorted, and that a run of the whole suite wouldn't.

        Either tests were collected from the file or folder that a pattern begins with, or there is
        no such file: a run of a part of the suite says nothing of the other parts.
        """
        return sorted(
            pattern
            for pattern in self._unmatched
            if (place := _place(pattern)) in {"", *self._seen} or not (rootdir / place).exists()
        )


def _place(pattern: str) -> str:
    """The file or folder that ``pattern`` is in, as far as it says."""
    before, star, _ = pattern.partition("*")
    file, colons, _ = before.partition("::")
    return file if colons or not star else file.rpartition("/")[0]
