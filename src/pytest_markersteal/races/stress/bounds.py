"""What a number of runs proves about how often a suite fails.

Runs are taken to fail independently, each with the same unknown rate. The bounds are exact ones, of
C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case
of the binomial", Biometrika 26 (1934): one-sided, as only one of them is asked for at a time.
"""

from __future__ import annotations

import math
from collections.abc import Callable

_HALVINGS = 60
"""More than a float has digits."""


def most_failures(failures: int, runs: int, confidence: float) -> float:
    """The rate, 0 to 1, that is exceeded with no more than ``1 - confidence`` of all chances.

    ``runs`` at least 0, ``failures`` from 0 to ``runs``, ``confidence`` between 0 and 1. Without a
    failure it is ``1 - (1 - confidence) ** (1 / runs)``: 0.26 after ten runs, at 0.95.
    """
    if failures >= runs:
        return 1.0
    if not failures:
        return float(1 - (1 - confidence) ** (1 / runs))
    return _where(lambda rate: _at_most(failures, runs, rate) > 1 - confidence)


def least_failures(failures: int, runs: int, confidence: float) -> float:
    """The rate, 0 to 1, below which it is with no more than ``1 - confidence`` of all chances."""
    if not failures:
        return 0.0
    return _where(lambda rate: _at_most(failures - 1, runs, rate) > confidence)


def runs_to_prove(rate: float, confidence: float) -> int:
    """How many runs without a failure prove a rate of at most ``rate``, which is above 0."""
    # What the division makes of a whole number may be a little above it.
    return max(1, math.ceil(math.log(1 - confidence) / math.log1p(-rate) - 1e-9))


def _at_most(failures: int, runs: int, rate: float) -> float:
    """The chance of no more than ``failures`` in ``runs``."""
    if rate <= 0:
        return 1.0
    logs = math.log(rate), math.log1p(-rate)
    every = math.lgamma(runs + 1)
    return math.fsum(
        math.exp(
            every
            - math.lgamma(count + 1)
            - math.lgamma(runs - count + 1)
            + count * logs[0]
            + (runs - count) * logs[1]
        )
        for count in range(failures + 1)
    )


def _where(is_below: Callable[[float], bool]) -> float:
    """The rate at which ``is_below`` turns from true to false."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if is_below(middle) else (low, middle)
    return high
