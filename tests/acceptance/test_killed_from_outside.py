"""Workers that somebody else kills: the out-of-memory killer, an operator, a lost machine."""

from __future__ import annotations

import os
import signal

import pytest

pytestmark = pytest.mark.needs_signals


def test_killing_a_parked_worker_blames_nobody(lab):
    """A worker that is killed while it waits is replaced, and no test is blamed or lost."""
    lab.module(
        """
@pytest.mark.no_parallel
def test_long():
    touch("long-runs")
    wait_for("go-on")

@pytest.mark.parametrize("n", range(6))
def test_plain(n):
    pass
"""
    )
    lab.start()
    lab.wait_for("long-runs")
    busy = next(e["worker"] for e in lab.events() if e["event"] == "begin")
    parked = next(pid for name, pid in lab.worker_pids().items() if name != busy)
    os.kill(parked, signal.SIGKILL)
    lab.wait_until(lambda: len(lab.worker_pids()) == 3)
    lab.touch("go-on")
    ledger = lab.finish().check(status=0)
    assert sorted(e["slot"] for e in ledger.of("up")) in (["0", "0", "1"], ["0", "1", "1"])


def test_a_late_replacement_gets_work(lab):
    """A worker that replaces one killed when idle at the end takes over tests that come free."""
    lab.module(
        """
@pytest.mark.xdist_group("g")
@pytest.mark.parametrize("n", range(4))
def test_group(n):
    if n == 0:
        touch("group-runs")
        wait_for("go-on")
    if n == 1:
        die("kill")
"""
    )
    lab.start()
    lab.wait_for("group-runs")
    busy = next(e["worker"] for e in lab.events() if e["event"] == "begin")
    idle = next(pid for name, pid in lab.worker_pids().items() if name != busy)
    os.kill(idle, signal.SIGKILL)
    lab.wait_until(lambda: lab.count("collected") == 3)
    lab.touch("go-on")
    ledger = lab.finish().check(status=1, crashed=["test_group[1]"])
    assert len(ledger.passed) == 3
    assert len(set(ledger.workers_of("test_group"))) == 2


def test_killing_all_workers_at_once(lab):
    """When all workers die at once, each running test is blamed, and all others still run."""
    lab.module(
        """
@pytest.mark.parametrize("n", range(9))
def test_plain(n):
    if not (HERE / "go-on").exists():
        touch("runs-" + os.environ["PYTEST_XDIST_WORKER"])
        wait_for("go-on")
"""
    )
    lab.start(workers=3)
    for name in ("gw0", "gw1", "gw2"):
        lab.wait_for(f"runs-{name}")
    running = [str(e["nodeid"]) for e in lab.events() if e["event"] == "begin"]
    pids = lab.worker_pids()
    for pid in pids.values():
        os.kill(pid, signal.SIGKILL)
    lab.touch("go-on")
    ledger = lab.finish()
    ledger.check(status=1, crashed=ledger.names(running))
    assert len(ledger.passed) == 6
    assert {e["slot"] for e in ledger.of("up")} == {"0", "1", "2"}
    assert len(ledger.of("up")) == 6


def test_a_stopped_worker_holds_up_only_itself(lab):
    """A worker frozen by SIGSTOP and then killed blames its test; the others finish the rest.

    What had been sent to it can't be called back while it is frozen: how much that is, is luck.
    """
    lab.module(
        """
@pytest.mark.parametrize("n", range(12))
def test_plain(n):
    if first("one-waits"):
        touch("pid-%d" % os.getpid())
        wait_for("never")
    wait_for("frozen")
"""
    )
    lab.start()
    lab.wait_for("one-waits")
    lab.wait_until(lambda: bool(list(lab.path.glob("pid-*"))))
    frozen = int(next(lab.path.glob("pid-*")).name.removeprefix("pid-"))
    os.kill(frozen, signal.SIGSTOP)
    lab.touch("frozen")
    lab.wait_until(lambda: lab.count("end") > 0)
    os.kill(frozen, signal.SIGKILL)
    ledger = lab.finish()
    assert len(ledger.crashed) == 1
    ledger.check(status=1, crashed=ledger.names(ledger.crashed))
