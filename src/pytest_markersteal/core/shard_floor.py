"""The least time of the slowest of several shards: no way to split a suite is faster.

With S shards of n workers each it is the largest of these:

- the work: the least T at which all fits on S * n workers, as in ``floor``, but with E, the time of
  all ``no_parallel`` tests, on all workers of the shards that they are in, and with packages and
  classes set up in each shard that they must be spread over (R their tests, s their set-up)::

    n * E + sum over modules of R + s * max(1, ceil(R / (T - s)))
          + sum over packages and classes of s * max(1, ceil(R / (n * T - s)))  <=  S * n * T

- the longest test with its set-up;
- what k + 1 of the longest tests take on one worker, where there are more than k * S * n of them,
  and of the longest ``no_parallel`` tests in one shard, where there are more than k * S;
- the floor of a bundle, which must be in one shard, where tests of no bundle may set up a module
  that they share with it; and what k + 1 of the longest bundles take there if there are more than
  k * S.

A bundle *forbids* more if it is the largest: it takes longer than all else would allow.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pytest_markersteal.core.bundles import bundles_of
from pytest_markersteal.core.floor import crowd, floor_of
from pytest_markersteal.core.setups import SCOPES, Setups
from pytest_markersteal.core.suite import Suite

_BISECTIONS = 60


class ShardFloor(NamedTuple):
    """Seconds of wall clock; ``is_bundle`` tells whether it is bundles that hold it up."""

    total_s: float
    is_bundle: bool


def shard_floor_of(
    suite: Suite,
    duration_s: Callable[[int], float],
    setups: Setups,
    shards: int,
    workers: int,
) -> ShardFloor:
    """The least time of the slowest of ``shards`` shards with ``workers`` workers each."""
    tests = range(len(suite))
    seconds = [duration_s(test) for test in tests]
    alone_s = [seconds[test] for test in tests if suite.demand(test).exclusive]
    limits_s = [
        _work_s(suite, seconds, setups, shards, workers),
        max((seconds[test] + setups.entry(test, None)[0] for test in tests), default=0.0),
        crowd(alone_s, shards).seconds,
        crowd(
            (seconds[test] for test in tests if workers == 1 or not suite.demand(test).exclusive),
            shards * workers,
        ).seconds,
    ]
    bundles = bundles_of(suite)
    bundles_s = [
        floor_of(suite, bundle, seconds.__getitem__, setups, workers, beside=beside).total_s
        for bundle, beside in zip(bundles, _beside(suite, bundles), strict=True)
    ]
    work_s = [sum(map(seconds.__getitem__, bundle)) / workers for bundle in bundles]
    held_s = max([*bundles_s, crowd(work_s, shards).seconds], default=0.0)
    return ShardFloor(max(held_s, *limits_s), held_s > max(limits_s))


def _beside(suite: Suite, bundles: list[list[int]]) -> Iterator[list[int]]:
    """For each bundle, the modules that it shares with other tests."""
    sizes = Counter(suite.module_of)
    for bundle in bundles:
        within = Counter(suite.module_of[test] for test in bundle)
        yield [module for module, tests in within.items() if tests < sizes[module]]


def _work_s(suite: Suite, seconds: list[float], setups: Setups, shards: int, workers: int) -> float:
    """The least T: see this module's docstring."""
    columns = (suite.package_of, suite.module_of, suite.class_of)
    total_s = 0.0
    dear: list[tuple[float, float, int]] = []
    for scope, column in zip(SCOPES, columns, strict=True):
        beside_s: dict[int, float] = {}
        for test, place in enumerate(column):
            if not suite.demand(test).exclusive:
                beside_s[place] = beside_s.get(place, 0.0) + seconds[test]
        for place in set(column):
            setup_s = setups.of(scope, place)
            if place not in beside_s:
                # What only no_parallel tests share is set up alone.
                total_s += workers * setup_s
            elif setup_s:
                visitors = 1 if scope == "module" else workers
                dear.append((beside_s[place], setup_s, visitors))
    for test, test_s in enumerate(seconds):
        total_s += test_s * (workers if suite.demand(test).exclusive else 1)

    def fits(candidate_s: float) -> bool:
        needed_s = total_s
        for work_s, setup_s, visitors in dear:
            if visitors * candidate_s <= setup_s:
                return False
            needed_s += setup_s * max(1, math.ceil(work_s / (visitors * candidate_s - setup_s)))
        return needed_s <= shards * workers * candidate_s

    low = total_s / (shards * workers)
    high = total_s + sum(setup_s for _, setup_s, _ in dear) + 1.0
    high *= 2
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high
