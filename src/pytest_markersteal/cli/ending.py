"""Signals that end a process: commands do at them what they do at Ctrl-C.

They end the runs that they have started, which are in sessions of their own and would go on.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType

SIGNALS = ("SIGTERM", "SIGHUP")
"""Not all of them are everywhere."""
_SIGNALLED = 128
"""Shells add it to the number of a signal."""


class Ending:
    """In its block, these signals raise ``KeyboardInterrupt``, unless somebody sees to them."""

    def __init__(self) -> None:
        self.exit_code = _SIGNALLED + signal.SIGINT
        """That of a command which was interrupted."""
        self._is_asked = False
        self._replaced: list[int] = []

    def __enter__(self) -> Ending:
        if threading.current_thread() is threading.main_thread():  # No other may.
            numbers = [getattr(signal, name) for name in SIGNALS if hasattr(signal, name)]
            # One that is ignored stays so: that is how nohup works.
            self._replaced = [n for n in numbers if signal.getsignal(n) is signal.SIG_DFL]
        for number in self._replaced:
            signal.signal(number, self._end)
        return self

    def __exit__(self, *error: object) -> None:
        for number in self._replaced:
            signal.signal(number, signal.SIG_DFL)

    def _end(self, number: int, frame: FrameType | None) -> None:
        if self._is_asked:  # What is being put away must not be left halfway.
            return
        self._is_asked = True
        self.exit_code = _SIGNALLED + number
        raise KeyboardInterrupt
