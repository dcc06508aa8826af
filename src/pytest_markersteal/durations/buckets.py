"""Durations as small numbers that noise does not change.

A duration is kept as the number of a bucket on a logarithmic scale: equal steps of a factor of
1.19, which become finer than anything that matters below ``FINEST_S``. What is known stays as it is
while new measurements are within ``KEPT`` steps of it, so a run on a busy machine changes nothing.
A measurement beyond that moves it, however far it is, by ``FARTHEST`` steps at most, as in Huber's
robust mean (1964, "Robust estimation of a location parameter"): one outlier moves what is known by
a bounded factor, and the next run moves it back.
"""

from __future__ import annotations

from math import log2

STEPS_TO_DOUBLE = 4
FINEST_S = 0.002
"""Differences between durations far below this one are those of the machine, not of tests."""

KEPT = 6.0
"""Steps within which a measurement changes nothing: a factor of 2.8.

Two measurements with a noise of 30 % each are up to 3.6 steps apart, and tests that share a value
differ by up to ``ALIKE`` of it.
"""
ALIKE = 2.4
"""Steps from a shared value within which a test is first taken to share it."""
FARTHEST = 7
"""Steps by which one measurement moves what is known, at most: a factor of 3.4. More than ``KEPT``,
so that what an outlier did is undone."""
LARGEST = 127
"""The last bucket, of 83 days: one byte in the file."""


def position(seconds: float) -> float:
    """Where ``seconds``, not negative, are on the scale, in steps from 0."""
    return STEPS_TO_DOUBLE * log2(1 + seconds / FINEST_S)


def bucket_of(seconds: float) -> int:
    """The bucket that is nearest to ``seconds``, 0 to ``LARGEST``."""
    return min(LARGEST, round(position(seconds)))


def seconds_of(bucket: int) -> float:
    """The duration that ``bucket`` stands for."""
    return _SECONDS[bucket]


def moved(bucket: int, seconds: float, kept: float = KEPT) -> int:
    """``bucket``, or where a measurement of ``seconds`` more than ``kept`` steps off moves it."""
    steps = position(seconds) - bucket
    if abs(steps) <= kept:
        return bucket
    return min(LARGEST, bucket + round(max(-FARTHEST, min(FARTHEST, steps))))


_SECONDS = [FINEST_S * (2 ** (bucket / STEPS_TO_DOUBLE) - 1) for bucket in range(LARGEST + 1)]
