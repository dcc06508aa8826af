"""Where tests are, read off their node ids: in which function, class, module and package."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pytest_markersteal.core.setups import SCOPES, Scope
from pytest_markersteal.core.suite import Suite
from pytest_markersteal.durations.history import Fixture


def setups_from(
    ids: Sequence[str], suite: Suite, fixtures_s: Mapping[Fixture, float]
) -> dict[tuple[Scope, int], float]:
    """Seconds by scope and place, from those of each fixture by scope, node id and name."""
    totals_s: dict[tuple[Scope, str], float] = {}
    for (scope, node, _), seconds in fixtures_s.items():
        totals_s[scope, node] = totals_s.get((scope, node), 0.0) + seconds
    found: dict[tuple[Scope, int], float] = {}
    if totals_s:
        columns = (suite.package_of, suite.module_of, suite.class_of)
        for test, node_id in enumerate(ids):
            for scope, name, column in zip(SCOPES, shared_places(node_id), columns, strict=True):
                if (scope, name) in totals_s:
                    found[scope, column[test]] = totals_s[scope, name]
    return found


def setups_of(node_id: str, fixtures: Iterable[Sequence[Any]]) -> dict[Scope, float]:
    """Seconds by scope of what was set up for one test: ``[scope, node id, name, seconds, ...]``.

    Fixtures of class scope that a function outside classes uses are its own.
    """
    setups_s: dict[Scope, float] = {}
    place_of = dict(zip(SCOPES, shared_places(node_id), strict=True))
    for scope, node, _, seconds, *_ in fixtures:
        if place_of.get(scope) == node:
            setups_s[scope] = setups_s.get(scope, 0.0) + seconds
    return setups_s


def places_of(ids: Sequence[str]) -> tuple[array[int], array[int], array[int], array[int]]:
    """Numbers for function, class, module and package of each test, read off the node ids."""
    numbers: tuple[dict[str, int], ...] = ({}, {}, {}, {})
    columns = (array("L"), array("L"), array("L"), array("L"))
    for node_id in ids:
        package, module, holder = shared_places(node_id)
        names = (node_id.partition("[")[0], holder, module, package)
        for column, known, name in zip(columns, numbers, names, strict=True):
            column.append(known.setdefault(name, len(known)))
    return columns


def shared_places(node_id: str) -> tuple[str, str, str]:
    """Package, module and class of a test; the class of a plain function is its module."""
    module = node_id.partition("::")[0]
    holder = node_id.partition("[")[0].rpartition("::")[0]
    return module.rpartition("/")[0], module, holder
