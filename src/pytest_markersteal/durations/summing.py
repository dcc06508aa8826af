"""A history added up: what takes how long, by function, file, fixture and key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pytest_markersteal.core.suite import Demand
from pytest_markersteal.durations.buckets import seconds_of
from pytest_markersteal.durations.history import PLAIN, Function, History


@dataclass(slots=True)
class Sum:
    """Some tests: how many, wall seconds of all of them and of the longest."""

    tests: int = 0
    total_s: float = 0.0
    longest_s: float = 0.0

    def add(self, seconds: float, tests: int = 1) -> None:
        """Add ``tests``, at least one, that take ``seconds`` each."""
        self.tests += tests
        self.total_s += seconds * tests
        self.longest_s = max(self.longest_s, seconds)

    def include(self, other: Sum) -> None:
        """Add what is in ``other``."""
        self.tests += other.tests
        self.total_s += other.total_s
        self.longest_s = max(self.longest_s, other.longest_s)


@dataclass(slots=True)
class Sums:
    """All that there is in a history. ``files`` and ``functions`` are by name, tests only.

    ``demands``: by what the marks ask for, such as ``shared_resource("db")``.
    """

    functions: dict[str, Sum] = field(default_factory=dict)
    files: dict[str, Sum] = field(default_factory=dict)
    demands: dict[str, Sum] = field(default_factory=dict)
    tests: Sum = field(default_factory=Sum)
    fixtures_s: float = 0.0


def sums_of(history: History) -> Sums:
    """Add up ``history``."""
    sums = Sums(fixtures_s=sum(map(seconds_of, history.fixtures.values())))
    for name, function in history.functions.items():
        own = sums.functions[name] = function_sum(function)
        sums.files.setdefault(name.partition("::")[0], Sum()).include(own)
        sums.tests.include(own)
        for demand, seconds, tests in _demands(function):
            for need in needs(demand):
                sums.demands.setdefault(need, Sum()).add(seconds, tests)
    return sums


def function_sum(function: Function) -> Sum:
    """The tests of one function."""
    own = Sum()
    for bucket in function.own.values():
        own.add(seconds_of(bucket))
    sharing = function.tests - len(function.own)
    if sharing > 0:
        own.add(function.shared.times().total_s, sharing)
    return own


def needs(demand: Demand) -> Iterator[str]:
    """What ``demand`` asks for, as one would write its marks."""
    if demand.exclusive:
        yield "no_parallel"
    if demand.serial:
        yield "serial"
    for claim in demand.claims:
        mode = "" if claim.mode.value == "write" else f", mode={claim.mode.value!r}"
        units = "" if claim.units == 1 else f", units={claim.units}"
        scope = "" if claim.scope.value == "session" else f", scope={claim.scope.value!r}"
        yield f"shared_resource({claim.key!r}{mode}{units}{scope})"
    if demand.group is not None:
        yield f"xdist_group({demand.group!r})"


def _demands(function: Function) -> Iterator[tuple[Demand, float, int]]:
    """Demands of a function's tests, their seconds, and how many tests they are of."""
    left = function.tests
    for parameters in function.own.keys() | function.demands.keys() - {""}:
        demand = function.demand(parameters)
        left -= 1
        if demand != PLAIN:
            yield demand, function.times(parameters).total_s, 1
    usual = function.demand("")
    if left > 0 and usual != PLAIN:
        yield usual, function.shared.times().total_s, left
