"""The hook that explains a run on the terminal, when it is over."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

import pytest

from pytest_markersteal.words import path_from

if TYPE_CHECKING:
    from pytest_markersteal.distribution.tracing import Tracing


class ExplainPlugin:
    """Registered where ``--markersteal-explain`` is given."""

    def __init__(self, tracing: Callable[[], Tracing | None]) -> None:
        """``tracing`` has written the trace of the run, if there is one."""
        self._tracing = tracing

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, config: pytest.Config
    ) -> Generator[None, None, None]:
        """Write it below everything else."""
        yield
        terminalreporter.write_sep("-", "markersteal explain")
        for line in self._lines(config):
            terminalreporter.write_line(line)

    def _lines(self, config: pytest.Config) -> list[str]:
        from pytest_markersteal.explain.explanation import explain
        from pytest_markersteal.report.explain import explain_lines
        from pytest_markersteal.trace.format import TraceError
        from pytest_markersteal.trace.reader import read

        tracing = self._tracing()
        if tracing is not None and tracing.trouble:
            return [f"the run can't be explained: {tracing.trouble}"]
        if tracing is None or tracing.path is None:
            return ["there is nothing to explain: no tests were collected"]
        try:
            trace = read(tracing.path)
        except (TraceError, OSError) as error:
            return [f"the run can't be explained: {tracing.path}: {error}"]
        explanation = explain(trace)
        if explanation is None:
            return ["there is nothing to explain: no test ran to its end"]
        where = path_from(config.invocation_params.dir, tracing.path)
        return [
            *explain_lines(trace, explanation),
            "",
            f"for a picture of it: markersteal report {where}",
        ]
