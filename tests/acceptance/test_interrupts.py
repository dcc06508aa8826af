"""Signals to the controller: the run ends, and no worker outlives it."""

from __future__ import annotations

import os
import signal

import pytest

from pytest_markersteal.durations.store import Store

pytestmark = pytest.mark.needs_signals

# The first tests pass, so there is something to record; then one holds on for a while.
TESTS = 200
WORKERS = 3
SUITE = f"""
@pytest.mark.parametrize("n", range({TESTS}))
def test_any(n):
    time.sleep(0.02)
    if len(list(HERE.glob("done-*"))) >= 6 and first("holds-on"):
        wait_for("never", limit_s=1.5)
    touch(f"done-{{n}}")
"""


def start(lab) -> None:
    """Start the run, and return in the middle of it."""
    lab.module(SUITE)
    lab.start(workers=WORKERS)
    lab.wait_for("holds-on")


@pytest.mark.parametrize("whole_group", [False, True])
def test_ctrl_c(lab, whole_group):
    """Ctrl-C ends the run with status 2, leaves no worker, and the durations can be read."""
    start(lab)
    (os.killpg if whole_group else os.kill)(lab.process.pid, signal.SIGINT)
    ledger = lab.finish()
    assert ledger.status == 2, ledger.output
    assert not lab.leftovers()
    assert "KeyboardInterrupt" in ledger.output
    assert "INTERNALERROR" not in ledger.output
    started = ledger.started
    assert len(started) == len(set(started))
    # A test that has passed may still have been in its teardown, one on each worker.
    assert TESTS - len(started) <= ledger.not_run <= TESTS - len(ledger.passed) + WORKERS
    assert ledger.not_run > TESTS / 2
    assert whole_group or ledger.why == "the run was interrupted"
    store = Store(lab.path)
    store.load()
    assert not store.trouble
    assert not [path for path in store.path.parent.glob(".*.*") if path.is_file()]


def test_ctrl_c_twice(lab):
    """An impatient second Ctrl-C, while the workers are told to go, leaves none either."""
    lab.conftest('def pytest_keyboard_interrupt():\n    touch("interrupted")\n')
    start(lab)
    lab.process.send_signal(signal.SIGINT)
    lab.wait_for("interrupted")
    lab.process.send_signal(signal.SIGINT)
    ledger = lab.finish()
    assert ledger.status != 0
    assert not lab.leftovers()
    store = Store(lab.path)
    store.load()
    assert not store.trouble


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGHUP])
def test_killed_controller(lab, number):
    """Workers whose controller is gone leave, whether they run a test, wait or are parked."""
    start(lab)
    lab.process.send_signal(number)
    assert lab.finish().status == -number
    assert not lab.leftovers()


def test_killed_controller_in_the_phase_of_no_parallel_tests(lab):
    """Parked workers leave at once when the controller is gone."""
    lab.module(
        """
@pytest.mark.no_parallel
def test_alone():
    touch("alone")
    wait_for("never", limit_s=1.5)

def test_plain():
    pass
"""
    )
    lab.start(workers=WORKERS)
    lab.wait_for("alone")
    lab.process.send_signal(signal.SIGKILL)
    lab.finish()
    assert not lab.leftovers()
