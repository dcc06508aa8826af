"""What the core is given: the suite as collected, and what earlier runs took."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pytest_markersteal.core.estimates import UNKNOWN_S, Estimates
from pytest_markersteal.core.setups import SCOPES, Scope
from pytest_markersteal.core.suite import Demand, Suite
from pytest_markersteal.distribution import protocol
from pytest_markersteal.durations.history import Fixture, History


def suite_from(
    ids: Sequence[str], catalog: protocol.Catalog, capacities: Mapping[str, int]
) -> Suite:
    """The suite with node ids ``ids`` and the marks of ``catalog``."""
    demands = [protocol.demand_from(fields) for fields in catalog.demands]
    return Suite(demands, catalog.demand_of, _places(ids), capacities)


def suite_known_to(history: History, ids: Sequence[str], capacities: Mapping[str, int]) -> Suite:
    """The suite with node ids ``ids`` and the marks that earlier runs found."""
    plain = Demand()
    known = [history.demands.get(node_id, plain) for node_id in ids]
    numbers = {demand: number for number, demand in enumerate(dict.fromkeys(known))}
    # A capacity may have become smaller since then.
    demands = [
        replace(
            demand,
            claims=tuple(
                replace(claim, units=min(claim.units, capacities.get(claim.key, 1)))
                for claim in demand.claims
            ),
        )
        for demand in numbers
    ]
    return Suite(demands, [numbers[demand] for demand in known], _places(ids), capacities)


def estimates_from(ids: Sequence[str], suite: Suite, history: History) -> Estimates:
    """What ``history`` says of the tests of ``suite`` and of what they share."""
    seconds = array("d", [UNKNOWN_S]) * len(ids)
    for number, node_id in enumerate(ids):
        times = history.tests.get(node_id)
        if times is not None:
            seconds[number] = times.total_s
    return Estimates(suite, seconds, setups_from(ids, suite, history.fixtures_s))


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
            for scope, name, column in zip(SCOPES, _shared_places(node_id), columns, strict=True):
                if (scope, name) in totals_s:
                    found[scope, column[test]] = totals_s[scope, name]
    return found


def setups_of(node_id: str, fixtures: Iterable[Sequence[Any]]) -> dict[Scope, float]:
    """Seconds by scope of what was set up for one test: ``[scope, node id, name, seconds]``.

    Fixtures of class scope that a function outside classes uses are its own.
    """
    setups_s: dict[Scope, float] = {}
    place_of = dict(zip(SCOPES, _shared_places(node_id), strict=True))
    for scope, node, _, seconds in fixtures:
        if place_of.get(scope) == node:
            setups_s[scope] = setups_s.get(scope, 0.0) + seconds
    return setups_s


def _places(ids: Sequence[str]) -> tuple[array[int], array[int], array[int], array[int]]:
    """Numbers for function, class, module and package of each test, read off the node ids."""
    numbers: tuple[dict[str, int], ...] = ({}, {}, {}, {})
    columns = (array("L"), array("L"), array("L"), array("L"))
    for node_id in ids:
        package, module, holder = _shared_places(node_id)
        names = (node_id.partition("[")[0], holder, module, package)
        for column, known, name in zip(columns, numbers, names, strict=True):
            column.append(known.setdefault(name, len(known)))
    return columns


def _shared_places(node_id: str) -> tuple[str, str, str]:
    """Package, module and class of a test; the class of a plain function is its module."""
    module = node_id.partition("::")[0]
    holder = node_id.partition("[")[0].rpartition("::")[0]
    return module.rpartition("/")[0], module, holder
