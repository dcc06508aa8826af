"""A pytest plugin for bench/time_left.py: keeps every estimate of the time left, and the end."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Generator
from pathlib import Path

import pytest

OUTPUT = "MARKERSTEAL_ESTIMATES"
"""The environment variable with the path to write to."""
_PAUSE_S = 0.1


class Estimates:
    """On the controller: asks as the line of progress does, but more often."""

    def __init__(self, config: pytest.Config) -> None:
        self._controller = config.pluginmanager.getplugin("markersteal-controller")
        self._began_s = self._latest_s = 0.0
        self._asked_s = 0.0
        self._log: list[tuple[float, float]] = []

    @pytest.hookimpl
    def pytest_runtest_logstart(self) -> None:
        self._began_s = self._began_s or time.perf_counter()

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self) -> None:
        now_s = self._latest_s = time.perf_counter()
        if now_s - self._asked_s >= _PAUSE_S:
            self._asked_s = now_s
            left = self._controller.time_left()
            if left is not None:
                self._log.append((now_s, left.seconds))

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self) -> Generator[None, None, None]:
        yield
        wall_s = self._latest_s - self._began_s
        log = [(at_s - self._began_s, left_s) for at_s, left_s in self._log]
        Path(os.environ[OUTPUT]).write_text(json.dumps({"wall_s": wall_s, "log": log}))


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    if config.pluginmanager.hasplugin("markersteal-controller"):
        config.pluginmanager.register(Estimates(config))
