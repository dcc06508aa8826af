"""The floor: the least wall time that any scheduler could reach on ``workers`` workers.

``floor = E + max(longest test with its set-up, crowd, longest chain, T)`` where E is the time of
all ``no_parallel`` tests; the crowd is what k + 1 of the longest tests take on one worker, where
there are more than k * workers of such tests; a chain is what can't overlap because of one key or
one home; and T is the least value at which all work, with each package's and class's set-up paid
once, and each module's once for every worker that the module must be spread over, fits on the
workers::

    P + sum over modules m of R_m + s_m * max(1, ceil(R_m / (T - s_m)))  <=  workers * T

P being the packages' set-ups, R_m the tests of a module and the set-ups of its classes.

What only the tests of a chain share is set up within the chain; the same for ``no_parallel``
tests. Readers of a key count with the longest of them, or with all that write the same other key.

What can't overlap on one host, because of a key per host, is a chain that all hosts share evenly;
of H hosts, one has k + 1 of more than k * H tests that take all of the key.

Start-up and collection are not part of it.
"""

from __future__ import annotations

import itertools
import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from pytest_markersteal.core.setups import Scope, Setups
from pytest_markersteal.core.suite import DEDICATED, Claim, Mode, Suite

_BISECTIONS = 60


@dataclass(frozen=True, slots=True)
class Limit:
    """What holds the floor up.

    ``kind`` is "work", "test", "tests" (several long ones), "key", "serial", "group" or
    "no_parallel", and beyond this module "cores"; ``name`` the key or group; ``test`` the longest
    test of it; ``tests`` how many tests; ``seconds`` its own time, with that on as many ``hosts``.
    """

    kind: str
    seconds: float
    tests: int
    test: int | None = None
    name: str | None = None
    hosts: int = 1


@dataclass(frozen=True, slots=True)
class Floor:
    """The floor of a run, in seconds, and what makes it so high."""

    total_s: float
    exclusive_s: float
    limit: Limit


class _Chain:
    """Tests of which no two can overlap, and readers that overlap with each other only.

    On one host, of ``hosts``.
    """

    def __init__(self, hosts: int = 1) -> None:
        self._hosts = hosts
        self._whole_s = array("d")
        """Where there are several hosts: the tests that take all of it."""
        self.seconds = 0.0
        self.tests = 0
        self.longest = -1
        self.longest_s = -1.0
        self.of_module: Counter[int] = Counter()
        self._longest_reader_s = 0.0
        self._readers_by_key_s: dict[str, float] = defaultdict(float)

    def add(self, test: int, duration_s: float, share: float = 1.0) -> None:
        """Add a test that takes ``share`` of the chain."""
        self.seconds += duration_s * share
        if self._hosts > 1 and share == 1:
            self._whole_s.append(duration_s)
        self._count(test, duration_s)

    def add_reader(self, test: int, duration_s: float, writes: Iterable[str]) -> None:
        """Add a reader; readers that write the same other key can't overlap either."""
        self._longest_reader_s = max(self._longest_reader_s, duration_s)
        for key in writes:
            self._readers_by_key_s[key] += duration_s
        self._count(test, duration_s)

    def limit(self, kind: str, name: str | None) -> Limit:
        readers_s = max([self._longest_reader_s, *self._readers_by_key_s.values()])
        seconds = (self.seconds + readers_s) / self._hosts
        seconds = max(seconds, crowd(self._whole_s, self._hosts).seconds)
        return Limit(kind, seconds, self.tests, self.longest, name, self._hosts)

    def _count(self, test: int, duration_s: float) -> None:
        self.tests += 1
        if duration_s > self.longest_s:
            self.longest, self.longest_s = test, duration_s


class _Modules:
    """The tests of each module, and what they share."""

    def __init__(self, suite: Suite, setups: Setups, beside: Iterable[int]) -> None:
        self._suite = suite
        self._setups = setups
        self._entered: set[tuple[Scope, int]] = set()
        self.tests: Counter[int] = Counter(beside)
        self.work_s: dict[int, float] = defaultdict(float)
        self.shared_s = 0.0
        self._classes_s: dict[int, float] = defaultdict(float)

    def add(self, test: int, work_s: float) -> None:
        """Count ``test`` in, with its ``work_s`` beside others."""
        module = self._suite.module_of[test]
        self.tests[module] += 1
        self.work_s[module] += work_s
        self._classes_s[module] += self._enter_s("class", self._suite.class_of[test])
        self.shared_s += self._enter_s("package", self._suite.package_of[test])

    def _enter_s(self, scope: Scope, place: int) -> float:
        if (scope, place) in self._entered:
            return 0.0
        self._entered.add((scope, place))
        return self._setups.of(scope, place)

    def setups_within_s(self, chain: _Chain) -> float:
        """The set-ups that can only happen in the chain: of modules that it has as a whole."""
        return sum(
            self._setups.of("module", module) + self._classes_s[module]
            for module, tests in chain.of_module.items()
            if tests == self.tests[module]
        )

    def spread_s(self, without: _Chain, workers: int) -> float:
        """T of this module's docstring, for all but the modules that ``without`` has as a whole."""
        work = {
            module: work_s + self._classes_s[module]
            for module, work_s in self.work_s.items()
            if without.of_module[module] < self.tests[module]
        }
        return _spread(self.shared_s, work, self._setups, workers)


def floor_of(
    suite: Suite,
    tests: Iterable[int],
    duration_s: Callable[[int], float],
    setups: Setups,
    workers: int,
    hosts: int = 1,
    beside: Iterable[int] = (),
) -> Floor:
    """Compute the floor of running ``tests`` on ``workers`` (at least 1) on ``hosts`` hosts.

    ``beside`` are modules of which other tests run too: any of them may set the module up, and so
    no chain has to. With all modules of those others, no more tests ever have a lower floor.
    """
    hosts = min(hosts, workers)
    host_keys = suite.host_keys if hosts > 1 else frozenset()
    exclusive, longest = _Chain(), _Chain()
    chains: dict[tuple[str, str], _Chain] = defaultdict(_Chain)
    chains.update((("key", key), _Chain(hosts)) for key in sorted(host_keys))
    modules = _Modules(suite, setups, beside)
    seconds = array("d")
    count = 0
    for test in tests:
        count += 1
        test_s = duration_s(test)
        demand = suite.demand(test)
        module = suite.module_of[test]
        if demand.exclusive and workers > 1:
            modules.add(test, 0.0)
            exclusive.add(test, test_s)
            exclusive.of_module[module] += 1
            continue
        modules.add(test, test_s)
        if workers == 1:
            continue
        seconds.append(test_s)
        with_setup_s = test_s + setups.entry(test, None)[0]
        if with_setup_s > longest.longest_s:
            longest.longest, longest.longest_s = test, with_setup_s
        for chain, share in _chains_of(suite, test, chains):
            if share is None:
                # Those that write the same key per host may overlap, on different hosts.
                writes = [
                    c.key for c in demand.claims if c.key not in host_keys and _takes_all(suite, c)
                ]
                chain.add_reader(test, test_s, writes)
            else:
                chain.add(test, test_s, share)
                chain.of_module[module] += share == 1

    limits = [Limit("work", modules.spread_s(exclusive, workers), count)]
    if longest.longest >= 0:
        limits.append(Limit("test", longest.longest_s, 1, longest.longest))
    limits.append(crowd(seconds, workers))
    for (kind, name), chain in chains.items():
        chain.seconds += modules.setups_within_s(chain)
        limits.append(chain.limit(kind, name))
    top = max(limits, key=lambda limit: limit.seconds)
    exclusive.seconds += modules.setups_within_s(exclusive)
    total_s = exclusive.seconds + top.seconds
    if exclusive.seconds > top.seconds:
        top = exclusive.limit("no_parallel", None)
    return Floor(total_s, exclusive.seconds, top)


def crowd(seconds: Iterable[float], workers: int) -> Limit:
    """What the longest tests take because there are fewer workers than such tests.

    Of the k * n + 1 longest, some worker runs k + 1, and so no less than the k + 1 shortest of
    them (the pigeonhole bound of Martello and Toth 1990, "Knapsack Problems", for bin packing).
    """
    longest_first = sorted(seconds, reverse=True)
    sums = [0.0, *itertools.accumulate(longest_first)]
    best = Limit("tests", 0.0, 0)
    for at in range(workers, len(longest_first), workers):
        together = at // workers + 1
        bound_s = sums[at + 1] - sums[at + 1 - together]
        if bound_s > best.seconds:
            best = Limit("tests", bound_s, at + 1)
    return best


def _chains_of(
    suite: Suite, test: int, chains: dict[tuple[str, str], _Chain]
) -> Iterator[tuple[_Chain, float | None]]:
    """The chains that ``test`` is in, and what it takes of each; None if it only reads."""
    home = suite.homes[suite.demand_of[test]]
    if home is not None:
        kind = "serial" if home == DEDICATED else "group"
        yield chains[kind, home.removeprefix("group ")], 1.0
    for claim in suite.demand(test).claims:
        share = None if claim.mode is Mode.READ else claim.units / suite.capacity(claim.key)
        yield chains["key", claim.key], share


def _takes_all(suite: Suite, claim: Claim) -> bool:
    return claim.mode is Mode.WRITE and claim.units == suite.capacity(claim.key)


def _spread(shared_s: float, work_s: dict[int, float], setups: Setups, workers: int) -> float:
    """T, by bisection: the left side of its condition falls in T, the right side rises."""
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
