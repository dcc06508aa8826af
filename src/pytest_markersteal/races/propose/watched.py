"""What ``--markersteal-watch`` left in ``.markersteal/runs/watch.json``, as findings.

The file tells what several tests shared or left, not which tests ran: that is in the trace of the
same run, if there is one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pytest_markersteal.races.findings import LEAK, Finding, FindingsError
from pytest_markersteal.trace import folder, reader
from pytest_markersteal.trace.format import TraceError
from pytest_markersteal.trace.model import RUNNING
from pytest_markersteal.words import count

FILE = folder.FOLDER / "watch.json"
FORMAT = "pytest-markersteal watch"
VERSION = 1
_BY = "watch"
_SHOWN = 5
"""How many pairs, or what was left how often, are told of each thing."""
_TOLD_BY_THE_NAME = ("interpreter",)
"""Kinds of things that are called by their names alone, such as the locale."""
_APART = timedelta(minutes=1)
"""A trace begins within this time of what was watched, or it is of another run."""


def is_of_watch(document: Any) -> bool:
    """Whether ``document``, which was JSON, is such a file."""
    return type(document) is dict and document.get("format") == FORMAT


def findings_of(path: Path, document: Mapping[str, Any]) -> list[Finding]:
    """The findings in ``document``, read from ``path``; ``FindingsError`` if it is damaged."""
    if document.get("version") != VERSION:
        raise FindingsError(
            f"{path} has version {document.get('version')!r}, and this one reads {VERSION}; run "
            "pytest --markersteal-watch with this version of pytest-markersteal"
        )
    try:
        return [_left(one) if one["kind"] == LEAK else _shared(one) for one in document["findings"]]
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise FindingsError(f"{path} is damaged: {type(error).__name__} {error}") from error


def tests_of(
    path: Path, document: Mapping[str, Any], traces: Sequence[Path]
) -> frozenset[str] | None:
    """The tests that were watched, if one of ``traces`` is of that run and nothing was missed.

    ``FindingsError`` if ``document``, read from ``path``, is damaged.
    """
    try:
        began = datetime.fromisoformat(document["began"])
        missed, arguments = document["trouble"], document["arguments"]
    except (KeyError, TypeError, ValueError) as error:
        raise FindingsError(f"{path} is damaged: {type(error).__name__} {error}") from error
    if missed:
        return None
    for trace_path in reversed(traces):
        try:
            trace = reader.read(trace_path)
        except (TraceError, OSError):
            continue
        apart = datetime.fromisoformat(trace.head.began) - began
        if abs(apart) <= _APART and trace.head.arguments == arguments:
            return frozenset(trace.ids[run.test] for run in trace.tests if run.outcome != RUNNING)
    return None


def _shared(one: Mapping[str, Any]) -> Finding:
    uses = one["uses"]
    tests = tuple(dict.fromkeys(use["test"] for use in uses))
    thing = _named(one)
    overlaps = one["overlap_count"]
    when = f"{count(overlaps, 'time')} two of them at once" if overlaps else "so far in turn"
    evidence = [
        f"{_use(uses[first])}, and {_use(uses[second])}" for first, second in one["overlaps"]
    ] or [_use(use) for use in uses]
    story = f"{count(len(tests), 'test')} used {thing}, {when}."
    return Finding(
        one["kind"],
        _BY,
        (),
        tests,
        thing,
        story,
        tuple(evidence[:_SHOWN]),
        "",
        one["mark"],
        one["advice"],
    )


def _left(one: Mapping[str, Any]) -> Finding:
    remnants = one["remnants"]
    tests = tuple(dict.fromkeys(remnant["test"] for remnant in remnants))
    thing = _named(one)
    doubt = ", which is often harmless" if one["is_doubtful"] else ""
    evidence = tuple(
        f"{_who(remnant)}: {remnant['was']}, {remnant['now']}" for remnant in remnants[:_SHOWN]
    )
    story = f"{count(len(tests), 'test')} left {thing} changed{doubt}."
    return Finding(
        one["kind"], _BY, (), tests, thing, story, evidence, "", one["mark"], one["advice"]
    )


def _named(one: Mapping[str, Any]) -> str:
    kind, name = one["thing_kind"], one["thing"]
    return str(name) if kind in _TOLD_BY_THE_NAME else f"{kind} {name}"


def _use(use: Mapping[str, Any]) -> str:
    since_s, until_s = use["since_s"], use["until_s"]
    return (
        f"{_who(use)}: {use['how']} in {use['phase']} ({since_s:.2f} to {until_s:.2f} s, slot "
        f"{use['slot']})"
    )


def _who(one: Mapping[str, Any]) -> str:
    return f"{one['fixture']} of {one['test']}" if one["fixture"] else str(one["test"])
