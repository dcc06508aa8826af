"""What the core is given: the suite as collected, and what earlier runs took."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence

from pytest_markersteal.core.estimates import UNKNOWN_S, Estimates
from pytest_markersteal.core.suite import Suite
from pytest_markersteal.distribution import protocol
from pytest_markersteal.durations.history import History


def suite_from(
    ids: Sequence[str], catalog: protocol.Catalog, capacities: Mapping[str, int]
) -> Suite:
    """The suite with node ids ``ids`` and the marks of ``catalog``."""
    demands = [protocol.demand_from(fields) for fields in catalog.demands]
    places = _places(ids)
    return Suite(demands, catalog.demand_of, places, capacities, _packages(ids, places[-1]))


def estimates_from(ids: Sequence[str], suite: Suite, history: History) -> Estimates:
    """What ``history`` says of the tests of ``suite`` and of its modules' set-ups."""
    seconds = array("d", [UNKNOWN_S]) * len(ids)
    for number, node_id in enumerate(ids):
        times = history.tests.get(node_id)
        if times is not None:
            seconds[number] = times.total_s
    setups_s = history.module_setups_s()
    modules: dict[int, float] = {}
    for number, module in enumerate(suite.module_of):
        if module not in modules:
            modules[module] = setups_s.get(_module_id(ids[number]), 0.0)
    return Estimates(suite, seconds, modules)


def _places(ids: Sequence[str]) -> tuple[array[int], array[int], array[int]]:
    """Numbers for function, class and module of each test, read off the node ids."""
    numbers: tuple[dict[str, int], ...] = ({}, {}, {})
    columns = (array("L"), array("L"), array("L"))
    for node_id in ids:
        function = node_id.partition("[")[0]
        names = (function, function.rpartition("::")[0], _module_id(node_id))
        for column, known, name in zip(columns, numbers, names, strict=True):
            column.append(known.setdefault(name, len(known)))
    return columns


def _packages(ids: Sequence[str], module_of: array[int]) -> dict[int, int]:
    """The package of each module: the folder that its file is in."""
    numbers: dict[str, int] = {}
    packages: dict[int, int] = {}
    for node_id, module in zip(ids, module_of, strict=True):
        if module not in packages:
            folder = _module_id(node_id).rpartition("/")[0]
            packages[module] = numbers.setdefault(folder, len(numbers))
    return packages


def _module_id(node_id: str) -> str:
    return node_id.partition("::")[0]
