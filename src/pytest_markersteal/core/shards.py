"""Splitting a suite over jobs that don't talk to each other, by predicted time.

Theory: how many workers a job has is not looked at, because jobs that disagree would lose tests.
So the time of ``no_parallel`` tests and that of all others are spread each by itself, which is
right for any number. Where that can't be, say with one long ``no_parallel`` test, shards are filled
up to the level at which the worst of several numbers of workers is as good as it can be: see
``shard_loads``.

What is not to be cut is placed first, longest first, where the shard is the shortest with it (LPT,
Graham 1969): bundles, places with dear set-ups, long tests. All else is poured into one shard after
another, up to a common level (the wrap-around rule of McNaughton 1959), so at most one module is
cut between two of them. If the slowest shard is then too slow, fewer set-ups count as dear, and it
is done again.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator, Sequence

from pytest_markersteal.core.bundles import bundles_of, chain_of
from pytest_markersteal.core.estimates import Estimates
from pytest_markersteal.core.setups import REPEAT_PRICE_S, SCOPES
from pytest_markersteal.core.shard_loads import LEVEL, Loads, Parcel, ideals_ns, worth_it
from pytest_markersteal.core.suite import Suite
from pytest_markersteal.core.weights import S_IN_NS, Weights

GOOD_ENOUGH = 1.02
"""Up to this level of the slowest shard, no place with a dear set-up is cut."""
DEAR_SHARES = (0.01, 0.04, math.inf)
"""A set-up is dear if it takes more than this share of a shard's time: tried in turn."""
LONG_SHARE = 0.02
"""A test above this share of a shard's time is placed by itself,"""
LONG_SETUPS = 8
"""... if it is so many times longer than the set-ups that this repeats,"""
LONGEST_SHARE = 0.1
"""... or above this share, and longer than they are."""
UNITS = 8
"""A piece of a place that is cut is of so many modules, classes or tests at least."""

_ROUNDS = 12
"""How often the level is searched for at which set-ups that are repeated fit in too."""
_NEAR_SHARE = 0.002
"""It is found when the last shard is as near to the level as this, in a shard's time."""

_Parts = list[tuple[int, list[int]]]


def split(suite: Suite, estimates: Estimates, shards: int) -> array[int]:
    """The shard of each test, 0 to ``shards`` - 1, of which there is at least one.

    The tests must be numbered in an order that is the same for all jobs, say by node id: the order
    of collection may differ from process to process.
    """
    shards = min(shards, len(suite))
    if shards <= 1:
        return array("L", [0]) * len(suite)
    splitter = _Splitter(suite, estimates, shards)
    best: Loads | None = None
    for dear_ns in splitter.dear_limits_ns():
        loads = splitter.split(dear_ns)
        if best is None or loads.highest() < best.highest():
            best = loads
        if best.highest() <= GOOD_ENOUGH * LEVEL:
            break
    assert best is not None
    return best.shard_of


class _Splitter:
    """One suite to be split."""

    def __init__(self, suite: Suite, estimates: Estimates, shards: int) -> None:
        self._suite = suite
        self._shards = shards
        self._weights = Weights(suite, estimates)
        tests = range(len(suite))
        bundles = bundles_of(suite)
        bundled = {test for bundle in bundles for test in bundle}
        free = [test for test in tests if test not in bundled]
        self._alone = [test for test in free if suite.demand(test).exclusive]
        self._beside = [test for test in free if not suite.demand(test).exclusive]
        # First without regard to set-ups that are repeated, as these depend on the outcome.
        self._ideals_ns: dict[int, int] = {}
        self._ideals_ns = ideals_ns(
            [self._parcel(bundle) for bundle in bundles],
            [self._weights.test_ns[test] for test in self._alone],
            self._weights.of(self._beside) + self._weights.setups_of(tests),
            self._weights.longest(tests),
            shards,
        )
        repeated_ns = self._parcel(list(tests)).repeated_ns
        self._ideals_ns = worth_it(self._ideals_ns, repeated_ns, shards)
        self._share_ns = max(1, self._ideals_ns[1])
        self._bundles = [self._parcel(bundle) for bundle in bundles]

    def dear_limits_ns(self) -> list[float]:
        """Above which set-up a place is dear: the lowest limit first."""
        shares = [share * self._share_ns for share in DEAR_SHARES]
        return sorted({min(REPEAT_PRICE_S * S_IN_NS, shares[0]), *shares})

    def split(self, dear_ns: float) -> Loads:
        """Split, with places whole whose set-up takes more than ``dear_ns``."""
        loads = Loads(len(self._suite), self._shards, self._weights.setup_ns, self._ideals_ns)
        beside, loose_beside = self._parted(self._beside, dear_ns)
        # Time alone must be spread, for as many workers as there may be, and so set up again.
        alone, loose_alone = self._parted(self._alone, math.inf)
        loads.place([*self._bundles, *beside, *alone])
        self._pour(loads, loose_alone, loads.alone_rooms_ns)
        self._pour(loads, loose_beside, loads.work_rooms_ns)
        return loads

    def _parcel(self, tests: list[int]) -> Parcel:
        weights, demand = self._weights, self._suite.demand
        beside = [test for test in tests if not demand(test).exclusive]
        work_ns = weights.of(beside)
        chain_ns = chain_of(self._suite, beside, weights.test_ns)
        return Parcel(
            tests,
            work_ns,
            weights.of(tests) - work_ns,
            max(weights.longest(beside), chain_ns),
            frozenset(weights.places(tests)),
            tuple(weights.repeated(beside, n, ns) for n, ns in self._ideals_ns.items()),
        )

    # What stays whole

    def _parted(self, tests: list[int], dear_ns: float) -> tuple[list[Parcel], list[int]]:
        """Of ``tests``: what is placed as a whole, and the others, ascending."""
        fixed: list[list[int]] = []
        for depth in range(len(SCOPES)):
            loose: list[int] = []
            for place, members in self._weights.by_place(tests, depth).items():
                setup_ns = self._weights.setup_ns.get(place, 0)
                if len(members) > 1 and setup_ns > dear_ns:
                    fixed += self._pieces(members, depth, setup_ns)
                else:
                    loose += members
            tests = sorted(loose)
        long, rest = self._long_and_rest(tests)
        fixed += [[test] for test in long]
        return list(map(self._parcel, fixed)), rest

    def _pieces(self, tests: list[int], depth: int, setup_ns: int) -> Iterator[list[int]]:
        """A dear place: whole, or in about equal parts if it is more than a shard's share."""
        whole_ns = self._weights.of(tests) + setup_ns
        if not whole_ns > self._share_ns > setup_ns:
            yield tests
            return
        long, rest = self._long_and_rest(tests)
        yield from ([test] for test in long)
        rest_ns = self._weights.of(rest)
        pieces = max(1, min(self._shards, -(-rest_ns // (self._share_ns - setup_ns))))
        piece: list[int] = []
        before_ns = cuts = 0
        for unit in self._units(rest, depth + 1, rest_ns // (UNITS * pieces)):
            unit_ns = self._weights.of(unit)
            if piece and pieces * (2 * before_ns + unit_ns) > 2 * (cuts + 1) * rest_ns:
                yield piece
                piece, cuts = [], cuts + 1
            piece += unit
            before_ns += unit_ns
        if piece:
            yield piece

    def _units(self, tests: list[int], depth: int, most_ns: int) -> Iterator[list[int]]:
        """The modules or classes within a place, or their tests where they are long."""
        if depth == len(SCOPES):
            yield from ([test] for test in tests)
            return
        for members in self._weights.by_place(tests, depth).values():
            if self._weights.of(members) <= most_ns:
                yield members
            else:
                yield from self._units(members, depth + 1, most_ns)

    def _long_and_rest(self, tests: list[int]) -> tuple[list[int], list[int]]:
        long = [test for test in tests if self._is_long(test)]
        return long, [test for test in tests if not self._is_long(test)]

    def _is_long(self, test: int) -> bool:
        setups_ns = self._weights.setups_of([test])
        longest_ns = max(setups_ns, LONGEST_SHARE * self._share_ns)
        least_ns = max(LONG_SHARE * self._share_ns, min(LONG_SETUPS * setups_ns, longest_ns))
        return bool(self._weights.test_ns[test] > least_ns)

    # What is poured

    def _pour(self, loads: Loads, tests: list[int], rooms_ns: Callable[[int], list[int]]) -> None:
        """Give part of ``tests`` to each shard, for all to come up to one level.

        How many set-ups are repeated is only seen in the outcome, so the level is searched for.
        """
        setups_ns = self._weights.setups_of(tests)
        low_ns = self._weights.of(tests)
        high_ns = low_ns + self._shards * setups_ns
        wanted_ns = low_ns + setups_ns
        best_ns, best = -1, _Parts()
        for _ in range(_ROUNDS):
            rooms = rooms_ns(wanted_ns)
            # What is left goes to the last, so that should have much room.
            order = sorted(loads.shards, key=lambda shard: (rooms[shard], shard))
            parts, over_ns = self._fill(loads, tests, [(shard, rooms[shard]) for shard in order])
            if best_ns < 0 or abs(over_ns) < best_ns:
                best_ns, best = abs(over_ns), parts
            if best_ns <= _NEAR_SHARE * self._share_ns or low_ns == high_ns:
                break
            low_ns, high_ns = (wanted_ns, high_ns) if over_ns > 0 else (low_ns, wanted_ns)
            wanted_ns = (low_ns + high_ns) // 2
        for shard, part in best:
            loads.add(shard, self._parcel(part))

    def _fill(
        self, loads: Loads, tests: list[int], rooms: Sequence[tuple[int, int]]
    ) -> tuple[_Parts, int]:
        """The tests of each shard, in order, and how far the last is above its room."""
        parts = _Parts()
        begin = over_ns = 0
        for number, (shard, room_ns) in enumerate(rooms):
            is_last = number == len(rooms) - 1
            entered = set(loads.entered[shard])
            # What the one before has too much, or too little.
            over_ns -= room_ns
            end = begin
            while end < len(tests):
                test_ns = self._weights.test_ns[tests[end]]
                before_ns = over_ns + self._weights.enter(tests[end], entered)
                if 2 * before_ns + test_ns > 0 and not is_last:
                    # Room that is left because of a set-up is made up for by a higher level.
                    over_ns = max(over_ns, -test_ns)
                    break
                over_ns = before_ns + test_ns
                end += 1
            if end > begin:
                parts.append((shard, tests[begin:end]))
            begin = end
        return parts, over_ns
