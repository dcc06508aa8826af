"""What the scheduler may know of a workload before the run, from everything to nothing."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from pytest_markersteal.core.estimates import UNKNOWN_S
from pytest_markersteal.simulate.workloads import Workload

NOISE = 0.5
"""The standard deviation of the logarithm of a noisy history."""
NEW_SHARE = 0.2
CHANGED_SHARE = 0.2
CHANGED_BY = 3.0

History = Sequence[float] | None


def exact(workload: Workload, seed: int) -> History:
    """Every test takes what is known of it."""
    del seed
    return workload.duration_s


def noisy(workload: Workload, seed: int) -> History:
    """Every test is known with log-normal noise."""
    chance = random.Random(f"noise {seed}")
    return [seconds * chance.lognormvariate(0, NOISE) for seconds in workload.duration_s]


def stale(workload: Workload, seed: int) -> History:
    """One test in five is new; another one in five became three times slower or faster."""
    chance = random.Random(f"stale {seed}")
    known_s = []
    for seconds in workload.duration_s:
        fate = chance.random()
        if fate < NEW_SHARE:
            known_s.append(UNKNOWN_S)
        elif fate < NEW_SHARE + CHANGED_SHARE:
            known_s.append(seconds * CHANGED_BY ** chance.choice((-1, 1)))
        else:
            known_s.append(seconds)
    return known_s


def cold(workload: Workload, seed: int) -> History:
    """Nothing is known."""
    del workload, seed
    return None


HISTORIES: dict[str, Callable[[Workload, int], History]] = {
    "exact": exact,
    "noise": noisy,
    "cold": cold,
    "stale": stale,
}
