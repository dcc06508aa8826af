"""The process of a trial: ``python -m pytest_markersteal.races.trials.child RESULTS ROUNDS ...``.

It runs pytest with the arguments behind, as often as ROUNDS says, in this one process, so that what
a round leaves behind in the modules that it imported, the next one finds.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import pytest

from pytest_markersteal.descriptors import open_descriptor
from pytest_markersteal.races.trials.results import (
    FORMAT,
    OUTCOMES,
    PHASES,
    VERSION,
    Collected,
    Head,
    Over,
    Reported,
    Result,
    Started,
    encoded,
)

_LINE = 300
"""How many characters of a message are kept."""


class Teller:
    """Tells what becomes of tests; registered where reports arrive."""

    def __init__(self, file: int) -> None:
        self._file = file
        self.tell(Head(FORMAT, VERSION))

    def tell(self, result: Result) -> None:
        """Write it at once, and whole: the process may be about to die."""
        os.write(self._file, encoded(result))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """What is going to run, where there are no workers."""
        if session.items:
            self.tell(Collected([item.nodeid for item in session.items]))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: object, ids: Sequence[str]) -> None:
        """What is going to run, where there are workers: each says so."""
        self.tell(Collected(list(ids)))

    @pytest.hookimpl
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """A test starts; with workers, it is only its reports that tell on which."""
        self.tell(Started(nodeid, ""))

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A phase of a test is over."""
        phase = PHASES.index(report.when) if report.when in PHASES else PHASES.index("crash")
        outcome = OUTCOMES.index(_outcome(report))
        message, where = _trouble(report)
        worker = getattr(report, "worker_id", "")
        duration_us = round(report.duration * 1e6)
        self.tell(Reported(report.nodeid, worker, phase, outcome, duration_us, message, where))


def _outcome(report: pytest.TestReport) -> str:
    expected_to_fail = hasattr(report, "wasxfail")
    match report.outcome:
        case "passed":
            return "xpassed" if expected_to_fail else "passed"
        case "skipped":
            return "xfailed" if expected_to_fail else "skipped"
    if report.when not in PHASES:  # As xdist reports a worker that died.
        return "crashed"
    return "failed" if report.when == "call" else "error"


def _trouble(report: pytest.TestReport) -> tuple[str, str]:
    if report.outcome in ("passed", "skipped"):
        return "", ""
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash is not None else report.longreprtext
    lines = text.strip().splitlines()
    return lines[0][:_LINE] if lines else "", f"{crash.path}:{crash.lineno}" if crash else ""


def main(arguments: Sequence[str]) -> int:
    """Run the rounds; the exit status of the last one."""
    path, rounds, *own = arguments
    file = open_descriptor(path, os.O_WRONLY | os.O_APPEND)
    teller = Teller(file)
    status = 0
    for _ in range(int(rounds)):
        status = int(pytest.main(own, plugins=[teller]))
        teller.tell(Over(status))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
