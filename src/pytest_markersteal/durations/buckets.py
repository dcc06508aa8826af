"""Durations as small numbers that noise does not change.

A duration is kept as the number of a bucket on a logarithmic scale: equal steps of a factor of
1.19, which become finer than anything that matters below ``FINEST_S``. What is known stays as it is
while new measurements are near it, so a run on a busy machine changes nothing. A measurement
farther away moves it by a bounded number of steps, however far it is, as in Huber's robust mean
(1964, "Robust estimation of a location parameter"): one outlier moves what is known by a bounded
factor, and the next run moves it back.
"""

from __future__ import annotations

from math import inf, log2
from typing import NamedTuple

STEPS_TO_DOUBLE = 4
FINEST_S = 1 / 511
"""Differences between durations far below this one, about 2 ms, are those of the machine, not of
tests. It is chosen so that a second is a bucket."""


class Pace(NamedTuple):
    """How measurements move what is known.

    None within ``kept`` steps does, and none by more than ``farthest``.
    """

    kept: float
    farthest: float


STEADY = Pace(6.0, 7.0)
"""A factor of 2.8 changes nothing. Two measurements with a noise of 30 % each are up to 3.6 steps
apart, and tests that share a value differ by up to ``ALIKE`` of it. What an outlier did is undone
by the next run, because it is more than what is kept."""
READY = Pace(4.1, 7.0)
"""For a file that is written because it pays: a factor of 2 changes nothing."""
AT_ONCE = Pace(READY.kept, inf)
"""What a file would say that believed the latest run in all that is more than noise."""
SLICE_S = 0.01
"""A difference of no more than this changes nothing: the system gives a core to another process for
about so long."""
ALIKE = 2.4
"""Steps from a shared value within which a test is first taken to share it."""
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


def alike(seconds: float, other_s: float) -> bool:
    """Whether tests of these durations may share a value from the start."""
    near = abs(position(seconds) - position(other_s)) <= ALIKE
    return near or abs(seconds - other_s) <= SLICE_S / 3


def moved(bucket: int, seconds: float, pace: Pace = STEADY) -> int:
    """``bucket``, or where a measurement of ``seconds`` moves it."""
    steps = position(seconds) - bucket
    if abs(steps) <= pace.kept or abs(seconds - seconds_of(bucket)) <= SLICE_S:
        return bucket
    return min(LARGEST, bucket + round(max(-pace.farthest, min(pace.farthest, steps))))


_SECONDS = [FINEST_S * (2 ** (bucket / STEPS_TO_DOUBLE) - 1) for bucket in range(LARGEST + 1)]
