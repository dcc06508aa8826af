"""Workers of this machine that are there, and say nothing."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.needs_signals

LIMIT = "-omarkersteal_host_timeout_s=4"
"""Far from how long an answer takes, even on a busy machine; far from the default, 600."""

PLAIN = """
@pytest.mark.parametrize("n", range(8))
def test_plain(n):
    pass
"""


def test_a_stopped_worker_is_given_up_and_replaced(lab):
    """Its test is blamed, and why is told; it is killed, and its slot goes to another worker."""
    lab.module(
        """
@pytest.mark.parametrize("n", range(12))
def test_plain(n):
    if first("one-stops"):
        note(event="stops", worker=os.environ["PYTEST_XDIST_WORKER"])
        os.kill(os.getpid(), signal.SIGSTOP)
    elif os.environ["PYTEST_XDIST_WORKER"] in ("gw0", "gw1"):
        wait_until(lambda: seen("collected") == 3)
"""
    )
    ledger = lab.run(LIMIT)
    assert len(ledger.crashed) == 1
    ledger.check(status=1, crashed=ledger.names(ledger.crashed))
    (stopped,) = (event["worker"] for event in ledger.of("stops"))
    why = f"no sign of {stopped} (popen) for 4 s"
    assert f"{why}: given up" in ledger.output
    (blame,) = (event["text"] for event in ledger.of("report") if event["when"] == "???")
    assert blame == f"worker '{stopped}' crashed while running '{ledger.crashed[0]}': {why}"
    slots = {event["worker"]: event["slot"] for event in ledger.of("up")}
    assert slots["gw2"] == slots[stopped]
    assert not lab.leftovers()


def test_a_worker_whose_child_outlives_it(lab):
    """A child that the test forked holds the connection open: the silence ends it all the same."""
    lab.module(
        PLAIN
        + """
def test_fatal():
    if os.fork():
        die("kill")
    wait_for("run-is-over", limit_s=80)
    os._exit(0)
"""
    )
    ledger = lab.run(LIMIT)
    lab.touch("run-is-over")
    ledger.check(status=1, crashed=["test_fatal"])


def test_a_worker_that_stops_after_its_session(lab):
    """The run is over when all has been told, and a process that does not go is killed."""
    lab.conftest(
        """
import signal

def pytest_unconfigure():
    if os.environ.get("PYTEST_XDIST_WORKER") == "gw1":
        os.kill(os.getpid(), signal.SIGSTOP)
"""
    )
    lab.module(PLAIN)
    lab.run(LIMIT).check(status=0)
    assert not lab.leftovers()
