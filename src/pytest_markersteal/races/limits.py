"""When a run of a suite is taken to hang."""

from __future__ import annotations

_TIMES = 10
_LEAST_S = 60.0


def limit_s(longest_s: float) -> float:
    """Seconds after which a run is ended, if the longest one so far took ``longest_s``."""
    return max(_LEAST_S, _TIMES * longest_s)
