"""What is dropped from a history because it is no more."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from pytest_markersteal.durations.history import Function, History, split


def prune(
    history: History, is_there: Callable[[str], bool], collected: Iterable[str] | None = None
) -> History:
    """``history`` without what is of files that are not there, and of tests not ``collected``.

    ``is_there`` tells of a path as it is in node ids, relative to the rootdir. ``collected``: the
    node ids of all tests; None if they are not known.
    """
    known: dict[str, bool] = {}

    def present(path: str) -> bool:
        if path not in known:
            known[path] = is_there(path)
        return known[path]

    functions = {
        name: function
        for name, function in history.functions.items()
        if present(name.partition("::")[0])
    }
    fixtures = {
        fixture: bucket
        for fixture, bucket in history.fixtures.items()
        if not fixture.node or present(fixture.node.partition("::")[0])
    }
    startups = {
        selection: startup
        for selection, startup in history.startups.items()
        if not selection.path or present(selection.path.partition("::")[0])
    }
    if collected is not None:
        found = _by_function(collected)
        holders = _holders(found)
        functions = {
            name: _only(function, found[name])
            for name, function in functions.items()
            if name in found
        }
        fixtures = {
            fixture: bucket for fixture, bucket in fixtures.items() if fixture.node in holders
        }
    return replace(history, functions=functions, fixtures=fixtures, startups=startups)


def stale_share(history: History, is_there: Callable[[str], bool]) -> float:
    """The share of tests, 0 to 1, of which the file is not there."""
    tests = sum(function.tests for function in history.functions.values())
    left = sum(function.tests for function in prune(history, is_there).functions.values())
    return 1 - left / tests if tests else 0.0


def _by_function(node_ids: Iterable[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for node_id in node_ids:
        name, parameters = split(node_id)
        found.setdefault(name, set()).add(parameters)
    return found


def _holders(names: Iterable[str]) -> set[str]:
    """Node ids of all that holds one of ``names``: folders, files, classes, and the session."""
    holders = {""}
    for name in names:
        file, colons, rest = name.partition("::")
        folders = file.split("/")
        holders.update("/".join(folders[:depth]) for depth in range(1, len(folders) + 1))
        while colons:
            holders.add(file + colons + rest)
            rest, colons, _ = rest.rpartition("::")
    return holders


def _only(function: Function, present: set[str]) -> Function:
    own = {
        parameters: bucket for parameters, bucket in function.own.items() if parameters in present
    }
    if len(own) == len(function.own) and function.tests == len(present):
        return function
    demands = {p: demand for p, demand in function.demands.items() if not p or p in present}
    return replace(function, tests=len(present), own=own, demands=demands)
