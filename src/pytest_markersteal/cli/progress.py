"""A line of progress on stderr, for people only."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

_Item = TypeVar("_Item")
_CLEAR_LINE = "\r\x1b[K"


class StatusLine:
    """A line that replaces itself, if stderr is a terminal."""

    def __init__(self) -> None:
        self._is_shown = sys.stderr.isatty()

    def show(self, text: str) -> None:
        """Show ``text``, as far as it goes into the terminal's width."""
        if self._is_shown:
            width = shutil.get_terminal_size().columns
            sys.stderr.write(f"{_CLEAR_LINE}{text[: width - 1]}")
            sys.stderr.flush()

    def clear(self) -> None:
        """Leave nothing of it."""
        if self._is_shown:
            sys.stderr.write(_CLEAR_LINE)
            sys.stderr.flush()


def counted(items: Iterable[_Item], total: int, what: str) -> Iterator[_Item]:
    """Pass ``items`` on and tell how many of ``total`` there were, if stderr is a terminal."""
    line = StatusLine()
    try:
        for number, item in enumerate(items, 1):
            line.show(f"{number} of {total} {what}")
            yield item
    finally:
        line.clear()
