"""The alarms of a test, which must not ring while it waits for what is not its business.

A worker asks for its next test in the teardown of the present one, and waits for the controller's
answer. That comes soon, unless the controller starts a worker on a host that is slow to answer, or
its terminal takes nothing. pytest-timeout would blame the test for it; and an exception out of that
wait leaves set up what the next test does not expect, so that one fails too.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

# Taken now, as a test may patch it.
_now_s = time.monotonic

if sys.platform == "win32":

    @contextmanager
    def alarm_off() -> Iterator[None]:
        """Do nothing: here are no alarms."""
        yield

else:
    # Taken now, as a test may patch them.
    from signal import ITIMER_REAL, setitimer

    @contextmanager
    def alarm_off() -> Iterator[None]:
        """Stop the clock of an alarm that is set, and let it go on afterwards."""
        left_s, interval_s = setitimer(ITIMER_REAL, 0)
        try:
            yield
        finally:
            if left_s:
                setitimer(ITIMER_REAL, left_s, interval_s)


class Timeouts:
    """Registered on a worker: knows the timer that pytest-timeout has on the present test.

    Where that is a thread, which would end the worker, it is stopped like an alarm.
    """

    _LEAST_S = 0.001

    def __init__(self) -> None:
        self._set: tuple[Any, float] | None = None
        """The settings of a thread that runs, and when it began to."""

    @pytest.hookimpl(optionalhook=True, tryfirst=True)
    def pytest_timeout_set_timer(self, settings: Any) -> None:
        """A timer is about to start."""
        self._set = (settings, _now_s()) if settings.method == "thread" else None

    @pytest.hookimpl(optionalhook=True, tryfirst=True)
    def pytest_timeout_cancel_timer(self) -> None:
        """The timer is about to be stopped."""
        self._set = None

    @contextmanager
    def off(self, item: pytest.Item) -> Iterator[None]:
        """Stop all clocks of ``item``, and let them go on afterwards."""
        if self._set is None:
            with alarm_off():
                yield
            return
        settings, began_s = self._set
        left_s = settings.timeout - (_now_s() - began_s)
        item.ihook.pytest_timeout_cancel_timer(item=item)
        try:
            yield
        finally:
            left = settings._replace(timeout=max(left_s, self._LEAST_S))
            item.ihook.pytest_timeout_set_timer(item=item, settings=left)
