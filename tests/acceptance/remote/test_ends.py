"""Runs on other hosts that do not go as planned: a crash, ``-x``, Ctrl-C."""

from __future__ import annotations

import signal

import pytest

pytestmark = pytest.mark.needs_signals


@pytest.fixture
def start(lab, new_host, ssh_server):
    """Starts the suite of the lab on two workers of a host."""

    def start(*options):
        host = new_host()
        lab.copy_to(host)
        lab.start(*options, *[f"--tx={ssh_server.spec(host)}"] * 2, workers=None)

    return start


def test_a_crash_blames_the_test_that_ran_and_no_other(lab, start):
    """Tests before it on that worker, however small, are told; its slot gets a new worker."""
    lab.module(
        """
@pytest.mark.xdist_group("one worker")
@pytest.mark.parametrize("n", range(60))
def test_small(n):
    if n == 40:
        die("kill")

@pytest.mark.parametrize("n", range(20))
def test_plain(n): pass
"""
    )
    start()
    ledger = lab.finish().check(status=1, crashed=["test_small[40]"])
    assert len(ledger.passed) == 79
    first, second, again = [event["slot"] for event in ledger.of("up")]
    assert {first, second} == {"0", "1"}
    dead = next(event["worker"] for event in ledger.of("down"))
    assert again == str(("gw0", "gw1").index(dead))


def test_the_first_failure_ends_the_run(lab, start):
    """With ``-x``: each worker finishes its test, and what was not run is told."""
    lab.module(
        """
@pytest.mark.parametrize("n", range(60))
def test_any(n):
    if first("failure"):
        pytest.fail("the last straw")
    wait_for("failure-told-1")
"""
    )
    start("-x")
    ledger = lab.finish()
    ledger.check(status=2, not_run=ledger.not_run)
    assert ledger.not_run >= 60 - 2 * 3


def test_ctrl_c_ends_remote_workers(lab, start):
    """They are gone soon, with what they were running."""
    lab.module(
        """
@pytest.mark.parametrize("n", range(20))
def test_any(n):
    if n > 4 and first("holds-on"):
        wait_for("never", limit_s=1.5)
"""
    )
    start()
    lab.wait_for("holds-on")
    lab.process.send_signal(signal.SIGINT)
    ledger = lab.finish()
    assert ledger.status == pytest.ExitCode.INTERRUPTED, ledger.output
    assert "INTERNALERROR" not in ledger.output
    assert not lab.leftovers()
