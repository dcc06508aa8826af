"""Which pairs of modules have not yet run next to each other, or beside each other.

For a scheduler that breaks ties toward such pairs, so that runs find out in time what does not go
together. It is given what earlier runs have seen, and adds what it gives out itself.
"""

from __future__ import annotations

from collections.abc import Sequence


class Novelty:
    """What has been seen of modules, which are numbers; sets of them are bits of an int."""

    def __init__(self, after: Sequence[int], beside: Sequence[int]) -> None:
        """Of each module, the modules as bits that ran directly ``after`` it, or ``beside`` it."""
        self._after = list(after)
        self._beside = list(beside)

    def gain(self, module: int, before: int | None, others: int) -> int:
        """How many new pairs ``module`` makes, after ``before`` and beside ``others``, as bits."""
        own = 1 << module
        new_beside = (others & ~self._beside[module] & ~own).bit_count()
        is_new_after = before not in (None, module) and not self._after[before or 0] & own
        return new_beside + is_new_after

    def give(self, module: int, before: int | None, others: int) -> None:
        """``module`` goes to where ``before`` ran last, while others work on ``others``."""
        if before is not None:
            self._after[before] |= 1 << module
        self._beside[module] |= others
        while others:
            lowest = others & -others
            self._beside[lowest.bit_length() - 1] |= 1 << module
            others ^= lowest
