"""Suites for tests, in few words."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence

from pytest_markersteal.core.suite import Claim, Demand, KeyScope, Mode, Suite
from pytest_markersteal.durations.history import Fixture, History, Selection, Startup, Times
from pytest_markersteal.durations.learning import Measured, learn

PLAIN = Demand()
SERIAL = Demand(serial=True)
ALONE = Demand(exclusive=True)


def key(name: str = "db", mode: Mode = Mode.WRITE, units: int = 1) -> Demand:
    """A test that claims one key."""
    return Demand(claims=(Claim(name, mode, units),))


def host_key(name: str = "port", mode: Mode = Mode.WRITE, units: int = 1) -> Demand:
    """A test that claims one key, on its host."""
    return Demand(claims=(Claim(name, mode, units, KeyScope.HOST),))


def group(name: str) -> Demand:
    """A test of an xdist_group."""
    return Demand(group=name)


def suite_of(
    demands: Sequence[Demand],
    modules: Sequence[int] | None = None,
    functions: Sequence[int] | None = None,
    classes: Sequence[int] | None = None,
    packages: Sequence[int] | None = None,
    capacities: dict[str, int] | None = None,
) -> Suite:
    """A suite of one test for each demand, all in one module unless told otherwise.

    Unless told otherwise, each module has one class, and there is one package.
    """
    distinct = list(dict.fromkeys(demands))
    module_of = array("L", modules or [0] * len(demands))
    function_of = array("L", functions or range(len(demands)))
    class_of = array("L", classes) if classes else module_of
    package_of = array("L", packages or [0] * len(demands))
    return Suite(
        distinct,
        [distinct.index(demand) for demand in demands],
        (function_of, class_of, module_of, package_of),
        capacities,
    )


def remembered(
    tests: Mapping[str, Times],
    fixtures_s: Mapping[Fixture, float] | None = None,
    demands: Mapping[str, Demand] | None = None,
    startups: Mapping[Selection, Startup] | None = None,
) -> History:
    """The history after one run that measured this."""
    found = tuple((demands or {}).items())
    return learn(History(), Measured(tests, fixtures_s or {}, found, startups or {}))
