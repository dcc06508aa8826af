"""A curve as a column of bars, one for each number of workers."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pytest_markersteal.simulate.curve import Point

WIDTH = 40
"""Letters of the longest bar."""

_BLOCKS = ("█", "░")
_ASCII = ("#", ".")
"""What a bar is made of: first the floor, then what the makespan has beyond it."""


def letters() -> tuple[str, str]:
    """Letters that stdout can show, for the floor and for what is beyond it."""
    try:
        "".join(_BLOCKS).encode(sys.stdout.encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return _ASCII
    return _BLOCKS


def bars(points: Sequence[Point]) -> list[str]:
    """The bars of ``points``, to one scale."""
    floor, beyond = letters()
    longest_s = max(point.makespan_s for point in points)
    found = []
    for point in points:
        long = round(WIDTH * point.makespan_s / longest_s)
        solid = min(long, round(WIDTH * point.floor_s / longest_s))
        found.append(floor * solid + beyond * (long - solid))
    return found
