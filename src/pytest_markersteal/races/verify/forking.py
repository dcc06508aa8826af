"""A plugin that runs each test in a copy of the process, in which no other test has run.

Each copy has what importing the modules left, and nothing that tests did. Where processes can't be
copied (Windows), ``AVAILABLE`` is false.
"""

from __future__ import annotations

import os
import warnings
from typing import Any

import pytest

AVAILABLE = hasattr(os, "fork")
ARGUMENTS = ("-p", __name__)

_CRASHED = 1


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run each test in a copy, one after the other."""
    if session.testsfailed or session.config.getoption("collectonly"):
        return None  # pytest knows what to do.
    if not hasattr(os, "fork"):
        raise pytest.UsageError(f"-p {__name__}: on this system processes can't be copied")
    for item in session.items:
        with warnings.catch_warnings():
            # Of threads that a module started: they are not in the copy, which is known.
            warnings.simplefilter("ignore", DeprecationWarning)
            copy = os.fork()
        if not copy:
            _run_and_end(item)
        _, status = os.waitpid(copy, 0)
        if status:
            _tell_of_crash(item, status)
    return True


def _run_and_end(item: pytest.Item) -> None:
    """What a copy does; it must not go on as if it were the process that it was copied from."""
    status = _CRASHED
    try:
        # Without a next item everything is torn down.
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        status = 0
    finally:
        os._exit(status)


def _tell_of_crash(item: pytest.Item, status: int) -> None:
    report = pytest.TestReport(
        nodeid=item.nodeid,
        location=item.location,
        keywords={},
        outcome="failed",
        longrepr=f"its process ended with status {os.waitstatus_to_exitcode(status)}",
        when=_CRASH,
    )
    item.ihook.pytest_runtest_logreport(report=report)


# As xdist reports a worker that died; the types have no word for it.
_CRASH: Any = "???"
