"""The hook that shows a run on the terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_markersteal.distribution.record import RunRecord
    from pytest_markersteal.recording.recorded import Recorded


class SummaryPlugin:
    """Writes the summary of a run: its ``record``, and what was ``recorded`` in the file."""

    def __init__(
        self,
        record: Callable[[], RunRecord | None],
        recorded: Callable[[], Recorded | None],
    ) -> None:
        self._record = record
        self._recorded = recorded

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, config: pytest.Config
    ) -> None:
        """Write it below what pytest itself has to tell."""
        record = self._record()
        if record is None:
            return
        # Imported only here: workers are not to wait for it.
        from pytest_markersteal.report.summary import summary_lines

        lines = summary_lines(record, self._recorded(), config.get_verbosity())
        if not lines:
            return
        if config.get_verbosity() >= 0:
            terminalreporter.write_sep("-", "markersteal")
        for line in lines:
            warns = line.startswith(("warning", "not run"))
            terminalreporter.write_line(line, yellow=warns)
