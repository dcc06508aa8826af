"""The time left, on pytest's line of progress: ``[ 23%, 0:42 left]``; only on terminals.

pytest has no hook for that text, so its reporter's method is wrapped, and it is told that the
screen is narrower, as it breaks lines by the length of its own text. Where lines are dots, the
text is also kept up to date at the right edge, where pytest will write it when the line is full.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import Any, NamedTuple

import pytest

# Older versions of pytest do not export it.
from _pytest.terminal import TerminalReporter

PAUSE_S = 1.0
"""How long an estimate stands, and a line stays as it is."""

PAUSE_PER_COST = 50
"""... or so many times as long as it took to make, so that a large suite is not held up."""

_ROOM = len(", about 0:00:00 left")

_PRIVATE = ("_get_progress_information_message", "_screen_width", "_show_progress_info", "_tw")
"""What is used of pytest's reporter; without it, there is no time left to be seen."""


class TimeLeft(NamedTuple):
    """Predicted ``seconds`` until the last test ends; a guess while most tests have no history."""

    seconds: float
    is_guess: bool


class ProgressLine:
    """Registered on the controller of a run."""

    def __init__(self, time_left: Callable[[], TimeLeft | None]) -> None:
        """``time_left`` estimates, or gives None while it can't."""
        self._time_left = time_left

    # Last, and so within the reporter's own, which ends the line when all is done.
    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Take the place of the reporter's method while tests run."""
        plugins = session.config.pluginmanager
        reporter: Any = plugins.getplugin("terminalreporter")
        if not fits(reporter):
            return (yield)
        message = _Message(reporter._get_progress_information_message, Estimate(self._time_left))
        reporter._get_progress_information_message = message.text
        reporter._screen_width -= _ROOM
        edge = _Edge(reporter, message)
        # Only now: a hook that is called for each report is not for free.
        if reporter.verbosity <= 0 and reporter._tw.hasmarkup:
            plugins.register(edge)
        try:
            return (yield)
        finally:
            if plugins.is_registered(edge):
                plugins.unregister(edge)
            reporter._get_progress_information_message = message.plain
            reporter._screen_width += _ROOM


class _Message:
    """pytest's own text, with the time left in it."""

    def __init__(self, plain: Callable[[], str], estimate: Estimate) -> None:
        self.plain = plain
        self._estimate = estimate

    def text(self) -> str:
        text = self.plain()
        # Old versions of pytest end the line while tests run, as they see it.
        left = "" if is_complete(text) else self._estimate.text()
        return f"{text[:-1]}, {left}]" if left and text.endswith("]") else text


class _Edge:
    """Keeps the right edge of a line of dots up to date."""

    def __init__(self, reporter: Any, message: _Message) -> None:
        self._reporter = reporter
        self._message = message
        self._shown_s = 0.0

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self) -> None:
        """Draw, once the reporter has written its dot."""
        now_s = time.monotonic()
        if now_s - self._shown_s >= PAUSE_S:
            self._shown_s = now_s
            text, writer = self._message.text(), self._reporter._tw
            # Past the writer, which would count it into the line: save, go to the edge, restore.
            writer._file.write(f"\x1b7\x1b[{writer.fullwidth - len(text)}G{text}\x1b8")
            writer._file.flush()


class Estimate:
    """The time left in words, made anew only now and then."""

    def __init__(
        self,
        time_left: Callable[[], TimeLeft | None],
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._time_left = time_left
        self._clock_s = clock_s
        self._about = ""
        self._end_s: float | None = None
        self._due_s = 0.0

    def text(self) -> str:
        """For example ``0:42 left``; empty where nothing can be said, or nothing is left."""
        now_s = self._clock_s()
        if now_s >= self._due_s:
            left = self._time_left()
            after_s = self._clock_s()
            self._end_s = None if left is None else after_s + left.seconds
            self._about = "about " if left and left.is_guess else ""
            self._due_s = after_s + max(PAUSE_S, PAUSE_PER_COST * (after_s - now_s))
        if self._end_s is None or self._end_s <= now_s:
            return ""
        minutes, seconds = divmod(round(self._end_s - now_s), 60)
        hours, minutes = divmod(minutes, 60)
        shown = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
        return f"{self._about}{shown} left"


def is_complete(text: str) -> bool:
    """Whether pytest's ``text``, as in ``[ 23%]`` or ``[ 7/30]``, is that of the last test."""
    share = text.strip(" []")
    done, _, tests = share.partition("/")
    return share == "100%" or done.strip() == tests.strip()


def fits(reporter: Any) -> bool:
    """Whether ``reporter`` is pytest's own, writes to a terminal, and shows progress there."""
    return (
        type(reporter) is TerminalReporter
        and all(hasattr(reporter, name) for name in _PRIVATE)
        and bool(reporter.isatty)
        and reporter._show_progress_info in ("progress", "count")
    )
