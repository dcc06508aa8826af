"""The alarm of this process, which must not ring while a test waits for what is not its business.

A worker asks for its next test in the teardown of the present one, and waits for the controller's
answer. That comes soon, unless the controller starts a worker on a host that is slow to answer, or
its terminal takes nothing. pytest-timeout would blame the test for it; and an exception out of that
wait leaves set up what the next test does not expect, so that one fails too.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

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
