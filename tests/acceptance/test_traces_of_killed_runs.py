"""Runs that end before they could say so still leave a trace that can be read."""

from __future__ import annotations

import os
import signal

import pytest

from pytest_markersteal.trace.folder import traces
from pytest_markersteal.trace.model import RUNNING, Trace
from pytest_markersteal.trace.reader import read

pytestmark = pytest.mark.needs_signals

SUITE = """
@pytest.mark.parametrize("n", range(4))
def test_quick(n):
    pass

@pytest.mark.serial
def test_z_hangs():
    touch("hangs")
    wait_for("never")
"""


def outcomes(trace: Trace) -> dict[str, str]:
    return {trace.ids[run.test].rpartition("::")[2]: run.outcome for run in trace.tests}


def all_told(path) -> bool:
    """Whether a trace has all that happens before the test hangs for good."""
    found = traces(path)
    if not found or not found[-1].stat().st_size:
        return False
    try:
        told = outcomes(read(found[-1]))
    except ValueError:  # The tests are not in there yet.
        return False
    return len(told) == 5 and list(told.values()).count("passed") == 4


def test_a_controller_that_was_killed_outright(lab):
    """What was running is in the trace, as running; and it says that the run did not end."""
    lab.module(SUITE)
    lab.start()
    lab.wait_for("hangs")
    # All that was told is on the disk a moment later, although nothing more happens.
    lab.wait_until(lambda: all_told(lab.path))
    os.kill(lab.process.pid, signal.SIGKILL)
    lab.process.wait()
    trace = read(traces(lab.path)[-1])
    assert trace.end is None
    assert outcomes(trace)["test_z_hangs"] == RUNNING


def test_an_interrupted_run(lab):
    """Ctrl-C ends the trace in order."""
    lab.module(SUITE)
    lab.start()
    lab.wait_for("hangs")
    lab.wait_until(lambda: all_told(lab.path))
    os.kill(lab.process.pid, signal.SIGINT)
    lab.finish()
    trace = read(traces(lab.path)[-1])
    assert trace.end is not None
    assert trace.end.exit_status == pytest.ExitCode.INTERRUPTED
    assert outcomes(trace)["test_z_hangs"] == RUNNING
