"""Which tests their marks keep from running at the same time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

from pytest_markersteal.core.suite import Claim, Demand, KeyScope, Mode


def may_meet(
    one: Demand, other: Demand, capacities: Mapping[str, int], *, many_hosts: bool = False
) -> bool:
    """Whether tests with these demands can run at the same time.

    ``capacities`` are those of keys that have more than 1; ``many_hosts``: they may be on different
    ones.
    """
    if one.exclusive or other.exclusive or (one.serial and other.serial):
        return False
    if one.group is not None and one.group == other.group:
        return False
    theirs = {claim.key: claim for claim in other.claims}
    return all(
        claim.key not in theirs
        or (many_hosts and claim.scope is KeyScope.HOST)
        or _share(claim, theirs[claim.key], capacities)
        for claim in one.claims
    )


def _share(one: Claim, other: Claim, capacities: Mapping[str, int]) -> bool:
    if Mode.READ in (one.mode, other.mode):
        return one.mode is other.mode
    return one.units + other.units <= capacities.get(one.key, 1)


def pairs(demands: Iterable[Demand]) -> Iterator[tuple[Demand, Demand]]:
    """Each two different demands once, and each that several tests have with itself."""
    counted = Counter(demands)
    yield from combinations(counted, 2)
    yield from ((demand, demand) for demand, tests in counted.items() if tests > 1)
