"""Colours that differ in lightness, and so also in greyscale and for colour-blind people.

They are parts of Viridis, which is even in lightness. Its darkest end can't be seen on a dark page,
its lightest not on a light one: each theme has its own.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from bokeh.palettes import Viridis256
from numpy.typing import NDArray

SHADES: Final = 8
"""How many there are: more can't be told apart by lightness."""

_TURN = (0, 4, 1, 5, 2, 6, 3, 7)
"""Neighbours are far from each other."""


def _part(first: int, last: int) -> list[str]:
    evenly = np.linspace(first, last, SHADES).round().astype(int)
    return [Viridis256[index] for index in evenly]


LIGHT = [_part(10, 205)[at] for at in _TURN]
DARK = [_part(75, 255)[at] for at in _TURN]
CALM = "#4a86b8"
"""Of what goes as it should; to be seen on light and on dark."""
ALARM = "#d55e00"
"""Of signs that also have a shape of their own."""
MUTED = "#808080"


def in_turns(numbers: NDArray[Any]) -> NDArray[np.uint8]:
    """A shade for each number: those that follow each other differ."""
    return (numbers % SHADES).astype(np.uint8)
