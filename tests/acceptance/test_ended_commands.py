"""Signals to a command that runs tests: it tells what it knows, and none of its runs goes on."""

from __future__ import annotations

import signal

import pytest

pytestmark = pytest.mark.needs_signals

SUITE = """
def test_holds_on():
    touch("holds-on")
    wait_for("never")
"""
CONFTEST = """
from lab import *

def pytest_sessionstart():
    note(event="up", worker=f"process {os.getpid()}")
"""
LOCATE = ("locate", "test_inner.py::test_holds_on")
STRESS = ("stress", "--levels", "2", "--iterations", "1")
VERIFY = ("verify",)


@pytest.mark.parametrize(
    ("arguments", "number"),
    [
        (LOCATE, signal.SIGTERM),
        (LOCATE, signal.SIGHUP),
        (LOCATE, signal.SIGINT),
        (STRESS, signal.SIGTERM),
        (VERIFY, signal.SIGTERM),
    ],
)
def test_a_command_is_ended(lab, arguments, number):
    """The run of pytest that it has started ends with it, and its temporary files are removed."""
    lab.module(SUITE)
    # The usual one is for runs with workers.
    (lab.path / "conftest.py").write_text(CONFTEST)
    lab.start_command(*arguments)
    lab.wait_for("holds-on")

    lab.process.send_signal(number)
    ledger = lab.finish()

    assert ledger.status == 128 + number, ledger.output
    assert "Traceback" not in ledger.output
    assert not lab.leftovers()
    assert not list((lab.path / "temporary").iterdir())
    if arguments is LOCATE:
        assert "(stopped early)" in ledger.output
