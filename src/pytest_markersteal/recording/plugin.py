"""The hook that records a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_markersteal.distribution.finished import FinishedRun
    from pytest_markersteal.recording.recorded import Recorded


class RecordingPlugin:
    """Registered on the controller of a run with ``--dist markersteal``."""

    def __init__(self, config: pytest.Config, finished: Callable[[], FinishedRun | None]) -> None:
        self._config = config
        self._finished = finished
        self.recorded: Recorded | None = None
        """What was done, once the run is over and if it measured anything."""

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Write the durations file if that is asked for, or pays."""
        run = self._finished()
        if run is not None and run.measured.tests:
            # Imported only here: workers are not to wait for it.
            from pytest_markersteal.recording.decision import record

            self.recorded = record(self._config, run)
