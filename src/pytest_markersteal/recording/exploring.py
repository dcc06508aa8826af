"""The hook that remembers which modules ran next to and beside each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_markersteal.distribution.tracing import Tracing


class ExploringPlugin:
    """Registered on the controller of a run that explores."""

    def __init__(self, tracing: Callable[[], Tracing | None]) -> None:
        self._tracing = tracing
        self._trouble: str | None = None

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Add what the trace of this run tells, once it is whole."""
        from pytest_markersteal.neighbours.learning import learn
        from pytest_markersteal.neighbours.store import FOLDER, load, save
        from pytest_markersteal.trace.reader import read

        tracing = self._tracing()
        if tracing is None or tracing.path is None:
            return
        rootdir = session.config.rootpath
        known = load(rootdir)
        try:
            learn(known, read(tracing.path))
            save(rootdir, known)
        except (OSError, ValueError) as error:
            self._trouble = f"pairs of modules were not written to {rootdir / FOLDER}: {error}"

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what went wrong."""
        if self._trouble:
            terminalreporter.write_line(f"warning: {self._trouble}", yellow=True)
