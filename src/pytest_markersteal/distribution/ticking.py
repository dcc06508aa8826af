"""Tells that time has passed, where nothing else would have the core look again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from pytest_markersteal.core.messages import TICK_S
from pytest_markersteal.distribution.errands import Errand

if TYPE_CHECKING:
    from pytest_markersteal.distribution.scheduling import MarkerStealScheduling


class Ticking:
    """One tick at a time; who wants another asks again."""

    def __init__(self, put: Callable[[Errand], None]) -> None:
        """``put`` is called from a thread, with what tells the scheduler."""
        self._put = put
        self._is_on = False

    def begin(self) -> None:
        """Have a tick come, unless one is on its way: in the main thread, as it is told there."""
        if self._is_on:
            return
        self._is_on = True
        timer = threading.Timer(TICK_S, self._put, [self._tell])
        timer.daemon = True
        timer.start()

    def _tell(self, scheduling: MarkerStealScheduling) -> None:
        self._is_on = False
        scheduling.tick()
