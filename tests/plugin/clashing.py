"""Lets the suite of docs/tutorial.md fail as the page shows; a plugin for its workers.

Which of its tests meet is a matter of chance. Here, the first test of each pair stays in its slow
part until the second one has run, which does not start before; unless they are mended or marked.
What is told has the worker's name in it, so that ``--markersteal-watch`` takes it for its own.
"""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from pathlib import Path

import pytest

TOLD = Path(os.environ["CLASHING_TOLD"])
WORKERS = 4
PATIENCE_S = 30.0
"""How long a test waits for its partner, before it fails."""

SECONDS = {
    "test_api.py::test_prices_are_served": "test_stock.py::test_the_stock_is_served",
    "test_orders.py::test_an_order_lowers_the_stock": "test_stock.py::test_the_last_one_is_sold",
    "test_orders.py::test_orders_are_exported": (
        "test_report.py::test_the_report_reads_what_was_exported"
    ),
    "test_prices.py::test_ada_has_a_discount": "test_customers.py::test_ada_registers",
}
"""By the first test of each pair, the second one."""

MENDED = {"ada", "free_port", "monkeypatch"}
"""The fixtures of tests that need not wait any more."""

FIRSTS = {second: first for first, second in SECONDS.items()}


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let what is slow in the shop wait for the other test; only workers can."""
    if hasattr(session.config, "workerinput"):
        session.config.pluginmanager.register(_Pairs())


class _Pairs:
    def __init__(self) -> None:
        import shop  # what the page has written

        self._sleep = shop.sleep
        self._test = ""
        shop.sleep = self._work

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Function) -> Generator[None, object, object]:
        is_mended = item.get_closest_marker("shared_resource") or MENDED & {*item.fixturenames}
        self._test = "" if is_mended else item.nodeid
        if self._test in FIRSTS:
            _wait(FIRSTS[self._test], "at work")
        try:
            return (yield)
        finally:
            if self._test:
                _tell(self._test, "at work")
                _tell(self._test, "done")

    def _work(self, seconds: float) -> None:
        if self._test in SECONDS:
            _tell(self._test, "at work")
            _wait(SECONDS[self._test], "done")
        else:
            self._sleep(seconds)


def _file(test: str, what: str, worker: str) -> Path:
    run = os.environ["PYTEST_XDIST_TESTRUNUID"]
    return TOLD / f"{run} {test.replace('/', '.').replace(':', '.')} {what} {worker}"


def _tell(test: str, what: str) -> None:
    _file(test, what, os.environ["PYTEST_XDIST_WORKER"]).touch()


def _wait(test: str, what: str) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not any(_file(test, what, f"gw{number}").exists() for number in range(WORKERS)):
        assert time.monotonic() < deadline_s, f"{test} was not {what} in {PATIENCE_S} s"
        time.sleep(0.005)  # Between two looks, until it is there or PATIENCE_S is over.
