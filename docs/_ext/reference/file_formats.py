"""Files and what programs read: names, versions, and the classes of which files consist."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from importlib import import_module
from typing import NamedTuple

from pytest_markersteal.durations.store import FILE as DURATIONS
from pytest_markersteal.neighbours.store import FOLDER as NEIGHBOURS
from pytest_markersteal.options import MAP_FILE
from pytest_markersteal.races.findings import FOLDER as FINDINGS
from pytest_markersteal.races.propose.file import FILE as PROPOSALS
from pytest_markersteal.races.stress.state import FOLDER as STRESS
from pytest_markersteal.races.watch.findings import FILE as WATCHED
from pytest_markersteal.recording.drift import FILE as DRIFT
from pytest_markersteal.trace.folder import FOLDER as TRACES
from pytest_markersteal.trace.folder import SUFFIX
from reference.markdown import docstring, table


class _Versioned(NamedTuple):
    """Something that is written, or printed with ``--json``, by the ``module`` with its version."""

    module: str
    name: str
    form: str


_FILES = (
    _Versioned("durations.format", DURATIONS.as_posix(), "msgpack"),
    _Versioned("mark_map", MAP_FILE, "TOML"),
    _Versioned("races.propose.file", PROPOSALS.as_posix(), "TOML"),
    _Versioned("trace.records", (TRACES / f"*{SUFFIX}").as_posix(), "msgpack"),
    _Versioned("races.watch.findings", (TRACES / WATCHED).as_posix(), "JSON"),
    _Versioned("recording.drift", DRIFT.as_posix(), "JSON"),
    _Versioned("races.findings", (FINDINGS / "*.json").as_posix(), "JSON"),
    _Versioned("races.stress.state", (STRESS / "session.msgpack").as_posix(), "msgpack"),
    _Versioned("neighbours.store", (NEIGHBOURS / "pairs.msgpack").as_posix(), "msgpack"),
)

_PRINTED = (
    _Versioned("cli.audit", "markersteal audit --json", "JSON"),
    _Versioned("cli.durations.diff", "markersteal durations diff --json", "JSON"),
    _Versioned("cli.durations.doctor", "markersteal durations doctor --json", "JSON"),
    _Versioned("durations.exporting", "markersteal durations export --format json", "JSON"),
    _Versioned("cli.durations.show", "markersteal durations show --json", "JSON"),
    _Versioned("report.as_json", "markersteal report --format json", "JSON"),
    _Versioned("cli.simulate.comparing", "markersteal simulate --json", "JSON"),
    _Versioned("cli.simulate.answers", "markersteal simulate --json, curves and questions", "JSON"),
)


def files() -> Iterator[str]:
    """A table of files with their versions."""
    yield from _versions("file", _FILES)


def printed() -> Iterator[str]:
    """A table of what is printed for programs, with versions."""
    yield from _versions("command", _PRINTED)


def _versions(what: str, known: tuple[_Versioned, ...]) -> Iterator[str]:
    rows = []
    for one in known:
        module = vars(import_module(f"pytest_markersteal.{one.module}"))
        form = _first(module, "FORMAT", "JSON_FORMAT")
        version = _first(module, "VERSION", "JSON_VERSION", "_VERSION")
        rows.append((f"`{one.name}`", one.form, f"`{form}`" if form else "", str(version)))
    yield from table((what, "form", "`format`", "`version`"), rows)


def _first(module: dict[str, object], *names: str) -> object:
    return next((module[name] for name in names if name in module), "")


def records(module_name: str, *names: str) -> Iterator[str]:
    """The classes with these names, each with what it says of itself and a table of its fields."""
    module = import_module(module_name)
    for name in names:
        kind = getattr(module, name)
        yield from (f"`{name}`: {docstring(kind)}", "")
        rows = [(f"`{field.name}`", f"`{field.type}`") for field in dataclasses.fields(kind)]
        yield from (*table(("field", "type"), rows), "")
