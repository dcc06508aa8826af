"""How full each shard is, in whole nanoseconds.

The time of a shard with n workers is about ``alone + max(work / n, chain)``. A shard's *level* is
this time in that of the least possible slowest shard, for the worst n of several.
"""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pytest_markersteal.core.weights import Place

WORKERS = (1, 2, 4)
"""The numbers of workers for which shards are to end together, as far as they count."""
EFFICIENT = 0.7
"""A number counts if this share of the workers' time is used at least, in the best case,"""
REPEATED_SHARE = 0.05
"""... and no more than this, in the work, goes into set-ups on several workers."""

LEVEL = 1_000_000
"""The level of a shard that takes as long as the least possible slowest one."""


@dataclass(slots=True)
class Parcel:
    """Tests that go to one shard together.

    ``alone_ns`` is the time of ``no_parallel`` tests, ``work_ns`` that of all others; ``chain_ns``
    the part of the work that can't be spread over workers. ``places`` are those with set-ups, which
    count where the shard has not come to them; ``repeated_ns`` what it takes, by number of workers,
    to set up modules on more than one.
    """

    tests: list[int]
    work_ns: int
    alone_ns: int
    chain_ns: int
    places: frozenset[Place]
    repeated_ns: tuple[int, ...]


class Loads:
    """The shards while they are filled."""

    def __init__(
        self,
        tests: int,
        shards: int,
        setups_ns: Mapping[Place, int],
        ideals_ns: Mapping[int, int],
    ) -> None:
        """``ideals_ns``: the least possible time of the slowest shard by number of workers."""
        self.shard_of = array("L", [0]) * tests
        self.shards = range(shards)
        self.entered: list[set[Place]] = [set() for _ in self.shards]
        """The places with set-ups that each shard has come to."""
        self._setups_ns = setups_ns
        self._ideals_ns = list(ideals_ns.items())
        self._work_ns = [[0] * len(ideals_ns) for _ in self.shards]
        """By number of workers."""
        self._alone_ns = [0] * shards
        self._chain_ns = [0] * shards

    def add(self, shard: int, parcel: Parcel) -> None:
        """Put ``parcel`` into ``shard``."""
        for test in parcel.tests:
            self.shard_of[test] = shard
        loads = self._with(shard, parcel)
        self._work_ns[shard], self._alone_ns[shard], self._chain_ns[shard] = loads
        self.entered[shard] |= parcel.places

    def place(self, parcels: Iterable[Parcel]) -> None:
        """The longest first, each where the level is the lowest with it."""

        def size(parcel: Parcel) -> int:
            work_ns = [parcel.work_ns + repeated_ns for repeated_ns in parcel.repeated_ns]
            return self._level(work_ns, parcel.alone_ns, parcel.chain_ns)

        for parcel in sorted(parcels, key=lambda parcel: (-size(parcel), parcel.tests)):
            levels = [self._level(*self._with(shard, parcel)) for shard in self.shards]
            self.add(levels.index(min(levels)), parcel)

    def highest(self) -> int:
        """The level of the highest shard."""
        return max(map(self._level, self._work_ns, self._alone_ns, self._chain_ns))

    def work_rooms_ns(self, wanted_ns: int) -> list[int]:
        """How much more work each shard takes for all to take ``wanted_ns``, up to one level."""

        def rooms(level: int) -> list[int]:
            return [
                max(
                    0,
                    min(
                        n * (level * ideal_ns // LEVEL - alone_ns) - work_ns
                        for (n, ideal_ns), work_ns in zip(self._ideals_ns, works_ns, strict=True)
                    ),
                )
                for works_ns, alone_ns in zip(self._work_ns, self._alone_ns, strict=True)
            ]

        return rooms(_least(lambda level: sum(rooms(level)) >= wanted_ns))

    def alone_rooms_ns(self, wanted_ns: int) -> list[int]:
        """How much more time alone each shard takes: equal, where the level allows it."""

        def most_ns(level: int) -> list[int]:
            return [
                min(
                    level * ideal_ns // LEVEL - max(work_ns // n, chain_ns)
                    for (n, ideal_ns), work_ns in zip(self._ideals_ns, works_ns, strict=True)
                )
                for works_ns, chain_ns in zip(self._work_ns, self._chain_ns, strict=True)
            ]

        def rooms(together_ns: int, most_ns: list[int]) -> list[int]:
            return [
                max(0, min(together_ns, most) - alone_ns)
                for most, alone_ns in zip(most_ns, self._alone_ns, strict=True)
            ]

        unlimited_ns = wanted_ns + sum(self._alone_ns)
        level = _least(lambda level: sum(rooms(unlimited_ns, most_ns(level))) >= wanted_ns)
        limits_ns = most_ns(max(LEVEL, level))
        return rooms(_least(lambda ns: sum(rooms(ns, limits_ns)) >= wanted_ns), limits_ns)

    def _with(self, shard: int, parcel: Parcel) -> tuple[list[int], int, int]:
        """Work, time alone and chain of ``shard`` if it had ``parcel`` too."""
        entered = self.entered[shard]
        setups_ns = sum(self._setups_ns[place] for place in parcel.places if place not in entered)
        alone_ns = self._alone_ns[shard] + parcel.alone_ns
        more_ns = parcel.work_ns
        if parcel.work_ns:
            more_ns += setups_ns
        else:
            alone_ns += setups_ns
        work_ns = [
            work_ns + more_ns + repeated_ns
            for work_ns, repeated_ns in zip(self._work_ns[shard], parcel.repeated_ns, strict=True)
        ]
        return work_ns, alone_ns, max(self._chain_ns[shard], parcel.chain_ns)

    def _level(self, works_ns: Sequence[int], alone_ns: int, chain_ns: int) -> int:
        return max(
            (alone_ns + max(work_ns // n, chain_ns)) * LEVEL // ideal_ns
            for (n, ideal_ns), work_ns in zip(self._ideals_ns, works_ns, strict=True)
        )


def ideals_ns(
    bundles: Sequence[Parcel], alone: Sequence[int], work_ns: int, longest_ns: int, shards: int
) -> dict[int, int]:
    """About the least possible time of the slowest of ``shards``, by number of workers; above 0.

    Outside the bundles: ``alone`` of each ``no_parallel`` test, ``work_ns`` all else, with all
    set-ups.
    """
    alone_ns = sum(alone) + sum(bundle.alone_ns for bundle in bundles)
    work_ns += sum(bundle.work_ns for bundle in bundles)
    crowd_alone_ns = _crowd_ns(alone, shards)
    crowd_ns = _crowd_ns([bundle.work_ns + bundle.alone_ns for bundle in bundles], shards)
    return {
        n: max(
            -(-(n * alone_ns + work_ns) // (n * shards)),
            longest_ns,
            crowd_alone_ns,
            crowd_ns // n,
            *(b.alone_ns + max(b.work_ns // n, b.chain_ns) for b in bundles),
        )
        for n in WORKERS
    }


def worth_it(
    ideals_ns: Mapping[int, int], repeated_ns: Sequence[int], shards: int
) -> dict[int, int]:
    """Those of ``ideals_ns`` with so many workers that somebody would start them.

    ``repeated_ns``: the set-ups on more than one worker, of each.
    """
    return {
        n: ideal_ns
        for (n, ideal_ns), more_ns in zip(ideals_ns.items(), repeated_ns, strict=True)
        if n == 1
        or (
            EFFICIENT * n * ideal_ns <= ideals_ns[1]
            and more_ns <= REPEATED_SHARE * shards * ideals_ns[1]
        )
    }


def _crowd_ns(parcels_ns: Iterable[int], bins: int) -> int:
    """What k + 1 of the k * ``bins`` + 1 longest take, which some bin must take: see ``floor``."""
    longest_first = sorted(parcels_ns, reverse=True)
    sums = [0, *itertools.accumulate(longest_first)]
    return max(
        (sums[at + 1] - sums[at - at // bins] for at in range(bins, len(longest_first), bins)),
        default=0,
    )


def _least(is_enough: Callable[[int], bool]) -> int:
    """The least number from 0 that is enough, as all above it are."""
    high = 1
    while not is_enough(high):
        high *= 2
    low = -1 if high == 1 else high // 2
    while low + 1 < high:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high
