"""How long the controller takes to start workers."""

from __future__ import annotations

import time


class Launch:
    """The time that the controller needs to start a worker; they are started one after another.

    The shortest counts: later ones compete with the imports of those that were started before.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        """Wall seconds for a worker."""
        self._left = 0
        self._since_s = 0.0

    def begin(self, workers: int) -> None:
        """So many are about to be started."""
        self._left = workers
        self.seconds = float("inf")
        self._since_s = time.perf_counter()

    def launched(self) -> float:
        """One has been started; since when, as far as it is known.

        Replacements, which come later, don't count.
        """
        since_s, now_s = self._since_s, time.perf_counter()
        if not self._left:
            return now_s
        self._left -= 1
        self.seconds = min(self.seconds, now_s - since_s)
        self._since_s = now_s
        return since_s
