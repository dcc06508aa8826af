"""Who has given no sign of life for too long.

Time is counted in looks, and only so much of it as lies between two of them that came as they were
meant to: while this process itself was stopped, or its machine asleep, it could not have heard
anything, so that time proves nothing.
"""

from __future__ import annotations

import threading

_LONGEST_PAUSE_S = 15.0
_PAUSES = 4
"""Into how many pauses the shortest silence that is too long is split, at least."""


class Silence:
    """The silence of each who is expected to give signs; signs come from any thread."""

    def __init__(self, limit_s: float, now_s: float) -> None:
        """Silence is too long at ``limit_s`` seconds (above 0); time is any steady clock's."""
        self._limit_s = limit_s
        self._looked_s = now_s
        self._lock = threading.Lock()
        self._silent_s: dict[str, float | None] = {}
        """None for who was heard since the last look."""
        self.pause_s = min(limit_s / _PAUSES, _LONGEST_PAUSE_S)
        """How long to wait between two looks, and between two signs."""

    def heard(self, name: str) -> None:
        """A sign of ``name``, who is expected to give more."""
        with self._lock:
            self._silent_s[name] = None

    def forget(self, name: str) -> None:
        """Expect nothing of ``name`` any more."""
        with self._lock:
            self._silent_s.pop(name, None)

    def look(self, now_s: float) -> list[str]:
        """Who has become silent for too long; they are forgotten with that."""
        passed_s = min(now_s - self._looked_s, 2 * self.pause_s)
        self._looked_s = now_s
        with self._lock:
            for name, silent_s in self._silent_s.items():
                self._silent_s[name] = 0.0 if silent_s is None else silent_s + passed_s
            late = [
                name for name, s in self._silent_s.items() if s is not None and s >= self._limit_s
            ]
            for name in late:
                del self._silent_s[name]
        return late
