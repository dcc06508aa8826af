"""Writes what the controller was told of each test: ``-p plugin_reports``.

The file is named by ``MATRIX_REPORTS``. Each test also takes 10 ms at least, so that every worker
is given some of a small suite.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

LEAST_S = 0.01

_sleep = time.sleep  # A test may have patched it.


class Reports:
    def __init__(self, path: Path, config: pytest.Config) -> None:
        self._path = path
        self._config = config
        self._of_test: dict[str, list[str]] = {}
        self._ran: list[tuple[str, str]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told = self._of_test.setdefault(report.nodeid, [])
        status = self._config.hook.pytest_report_teststatus(report=report, config=self._config)
        parts = [status[0]]
        if context := getattr(report, "context", None):
            parts.append(f"{context.msg} {sorted(context.kwargs.items())}")
        elif report.when == "setup":
            self._ran.append((getattr(report, "worker_id", "master"), report.nodeid))
        if report.when != "call":
            parts.append(f"in {report.when}")
        if crash := getattr(report.longrepr, "reprcrash", None):
            parts.append(crash.message.partition("\n")[0])
        if status[0] or (report.when == "teardown" and report.user_properties):
            told.append(" ".join([*parts, *map(str, report.user_properties)]))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        told = {"of_test": self._of_test, "ran": self._ran}
        self._path.write_text(json.dumps(told))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    _sleep(LEAST_S)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Reports(Path(os.environ["MATRIX_REPORTS"]), config))
