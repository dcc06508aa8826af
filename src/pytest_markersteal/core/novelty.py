"""Which pairs of modules have not yet run next to each other, or beside each other.

For a scheduler that breaks ties toward such pairs, so that runs find out in time what does not go
together. It is given what earlier runs have seen, and adds what it gives out itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class Novelty:
    """What has been seen of modules, which are numbers."""

    def __init__(self, after: Sequence[int], beside: Sequence[int]) -> None:
        """Of each module, the modules as bits that ran directly ``after`` it, or ``beside`` it."""
        self._after = list(after)
        self._beside = list(beside)

    def gain(self, module: int, before: int | None, others: Iterable[int]) -> int:
        """How many new pairs ``module`` makes, after ``before`` and beside ``others``."""
        new = before not in (None, module) and not self._after[before or 0] >> module & 1
        return new + sum(
            other != module and not self._beside[module] >> other & 1 for other in set(others)
        )

    def give(self, module: int, before: int | None, others: Iterable[int]) -> None:
        """``module`` goes to where ``before`` ran last, while others work on ``others``."""
        if before is not None:
            self._after[before] |= 1 << module
        for other in others:
            self._beside[module] |= 1 << other
            self._beside[other] |= 1 << module
