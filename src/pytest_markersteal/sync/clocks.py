"""The clock that waiting goes by, and what counts as a duration."""

from __future__ import annotations

import threading
import time
from typing import Protocol

DEFAULT_TIMEOUT_S = 10.0
"""How long to wait for what should come at once: for the slowest machine, not for the test."""


class Clock(Protocol):
    """What ``time`` is, or a stand-in whose time passes only when somebody sleeps."""

    def monotonic(self) -> float:
        """Seconds since some moment; never less than before."""

    def sleep(self, seconds: float, /) -> None:
        """Return once so many seconds have passed."""


class _SystemClock:
    """The machine's. Its functions are kept: tests that freeze ``time`` must not wait for ever."""

    monotonic = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)


SYSTEM_CLOCK: Clock = _SystemClock()


def checked_s(name: str, seconds: float) -> float:
    """``seconds``, the argument called ``name``; ``ValueError`` where it is no duration."""
    # Written so that NaN and None fail as well.
    if not (isinstance(seconds, int | float) and 0 <= seconds <= threading.TIMEOUT_MAX):
        raise ValueError(f"{name} must be a finite number of seconds from 0, not {seconds!r}")
    return seconds
