"""Writes the outcome of each test to the file named by ``BENCH_OUTCOMES``: ``-p outcomes``."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

_WORST = ("failed", "error", "rerun", "skipped", "passed")


class Outcomes:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._by_test: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        outcome: str = report.outcome
        if outcome == "failed" and report.when != "call":
            outcome = "error"
        known = self._by_test.get(report.nodeid, "passed")
        self._by_test[report.nodeid] = min(known, outcome, key=_WORST.index)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        self._path.write_text(json.dumps(self._by_test))


def pytest_configure(config: pytest.Config) -> None:
    if "BENCH_OUTCOMES" in os.environ and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Outcomes(Path(os.environ["BENCH_OUTCOMES"])))
