"""The floor: the least wall time that any scheduler could reach on ``workers`` workers.

``floor = E + max(longest test with its set-up, longest chain, T)`` where E is the time of all
``no_parallel`` tests, a chain is what can't overlap because of one key or one home, and T is the
least value at which all work, with each package's and class's set-up paid once, and each module's
once for every worker that the module must be spread over, fits on the workers::

    P + sum over modules m of R_m + s_m * max(1, ceil(R_m / (T - s_m)))  <=  workers * T

P being the packages' set-ups, R_m the tests of a module and the set-ups of its classes.

Start-up and collection are not part of it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pytest_markersteal.core.setups import Scope, Setups
from pytest_markersteal.core.suite import DEDICATED, Mode, Suite

_BISECTIONS = 60


@dataclass(frozen=True, slots=True)
class Limit:
    """What holds the floor up.

    ``kind`` is "work", "test", "key", "serial", "group" or "no_parallel"; ``name`` the key or
    group; ``test`` the longest test of it; ``tests`` how many tests; ``seconds`` its own time.
    """

    kind: str
    seconds: float
    tests: int
    test: int | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Floor:
    """The floor of a run, in seconds, and what makes it so high."""

    total_s: float
    exclusive_s: float
    limit: Limit


class _Chain:
    __slots__ = ("longest", "longest_reader_s", "longest_s", "seconds", "tests")

    def __init__(self) -> None:
        self.seconds = 0.0
        self.longest_reader_s = 0.0
        self.tests = 0
        self.longest = -1
        self.longest_s = -1.0

    def add(self, test: int, duration_s: float, share: float | None) -> None:
        """Add a test that takes ``share`` of the chain, or reads (``share`` None)."""
        self.tests += 1
        if share is None:
            self.longest_reader_s = max(self.longest_reader_s, duration_s)
        else:
            self.seconds += duration_s * share
        if duration_s > self.longest_s:
            self.longest, self.longest_s = test, duration_s

    def limit(self, kind: str, name: str | None) -> Limit:
        return Limit(kind, self.seconds + self.longest_reader_s, self.tests, self.longest, name)


def floor_of(
    suite: Suite,
    tests: Iterable[int],
    duration_s: Callable[[int], float],
    setups: Setups,
    workers: int,
) -> Floor:
    """Compute the floor of running ``tests`` on ``workers`` (at least 1) workers."""
    exclusive, longest = _Chain(), _Chain()
    chains: dict[tuple[str, str], _Chain] = defaultdict(_Chain)
    work_s: dict[int, float] = defaultdict(float)
    entered: set[tuple[Scope, int]] = set()
    shared_s = 0.0
    count = 0
    for test in tests:
        count += 1
        test_s = duration_s(test)
        demand = suite.demand(test)
        if demand.exclusive and workers > 1:
            exclusive.add(test, test_s, 1.0)
            continue
        module = suite.module_of[test]
        work_s[module] += test_s
        place = "class", suite.class_of[test]
        if place not in entered:
            entered.add(place)
            work_s[module] += setups.of(*place)
        place = "package", suite.package_of[test]
        if place not in entered:
            entered.add(place)
            shared_s += setups.of(*place)
        if workers == 1:
            continue
        with_setup_s = test_s + setups.entry(test, None)[0]
        if with_setup_s > longest.longest_s:
            longest.longest, longest.longest_s = test, with_setup_s
        home = suite.homes[suite.demand_of[test]]
        if home is not None:
            kind = "serial" if home == DEDICATED else "group"
            chains[kind, home.removeprefix("group ")].add(test, test_s, 1.0)
        for claim in demand.claims:
            reads = claim.mode is Mode.READ
            share = None if reads else claim.units / suite.capacity(claim.key)
            chains["key", claim.key].add(test, test_s, share)

    spread_s = _spread(shared_s, work_s, setups, workers)
    limits = [Limit("work", spread_s, count)]
    if longest.longest >= 0:
        limits.append(Limit("test", longest.longest_s, 1, longest.longest))
    limits += [chain.limit(kind, name) for (kind, name), chain in chains.items()]
    top = max(limits, key=lambda limit: limit.seconds)
    total_s = exclusive.seconds + top.seconds
    if exclusive.seconds > top.seconds:
        top = exclusive.limit("no_parallel", None)
    return Floor(total_s, exclusive.seconds, top)


def _spread(shared_s: float, work_s: dict[int, float], setups: Setups, workers: int) -> float:
    """T of the module's docstring, by bisection: its left side falls in T, its right side rises."""
    with_setup = ((work, setups.of("module", module)) for module, work in work_s.items())
    dear = [(work, setup) for work, setup in with_setup if setup > 0]
    total_s = shared_s + sum(work_s.values())

    def fits(candidate_s: float) -> bool:
        needed_s = total_s
        for work, setup in dear:
            if candidate_s <= setup:
                return False
            needed_s += setup * max(1, math.ceil(work / (candidate_s - setup)))
        return needed_s <= workers * candidate_s

    low = total_s / workers
    if not dear:
        return low
    high = total_s + sum(setup for _, setup in dear) + max(setup for _, setup in dear)
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high
