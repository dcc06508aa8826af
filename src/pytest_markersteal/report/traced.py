"""The line that says where the trace of a run with another dist mode is, or why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import pytest_markersteal
from pytest_markersteal.words import path_from

if TYPE_CHECKING:
    from pytest_markersteal.distribution.observer import Observer


class TraceLines:
    """Registered where ``--markersteal-trace`` is given and another scheduler is at work."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, config: pytest.Config
    ) -> None:
        """Write it below what pytest itself has to tell; what went wrong with -q too."""
        observer, tracing = self._observer, self._observer.tracing
        if observer.silent:
            terminalreporter.write_line(
                f"markersteal: not traced: {', '.join(observer.silent)}; install "
                f"pytest-markersteal {pytest_markersteal.__version__} where they run",
                yellow=True,
            )
        if tracing is None:
            return
        if tracing.trouble:
            terminalreporter.write_line(f"markersteal: {tracing.trouble}", yellow=True)
        elif tracing.path is not None and config.get_verbosity() >= 0:
            path = path_from(config.invocation_params.dir, tracing.path)
            terminalreporter.write_line(f"markersteal: wrote {path}; see markersteal report")
