"""A worker's host dies, is stopped, or is cut off: nothing is lost, and the run ends.

Each run has one worker on this machine, gw0, and one on a host of its own, gw1, which fails while
it does something that it would do for ever.
"""

from __future__ import annotations

import os
import signal
import subprocess

import pytest
from remote_hosts import IP, socket_server

pytestmark = pytest.mark.needs_signals

LIMIT = "-omarkersteal_host_timeout_s=4"
"""Far from how long an answer takes, even on a busy machine; far from the default, 600."""

FAULTS = ["dies", "hangs", "cut off"]

GW1 = """
def is_gw1():
    return os.environ["PYTEST_XDIST_WORKER"] == "gw1"

def stay():
    touch("gw1-stays")
    wait_for("never", limit_s=80)

def wait_until_gw1_is_down():
    wait_until(lambda: seen("down") >= 1)
"""


@pytest.fixture
def remote(lab, new_host, new_network):
    """Runs the lab's suite on gw0 and gw1, and lets gw1 fail once it stays where it is."""
    host, place = new_host(), new_network()
    with socket_server(host, place) as server:

        def fail(fault):
            match fault:
                case "dies":
                    os.kill(server.pid, signal.SIGKILL)
                case "hangs":
                    os.kill(server.pid, signal.SIGSTOP)
                case "cut off":
                    network(place, "down")

        def run(fault, *args):
            lab.copy_to(host)
            lab.start("--tx=popen", f"--tx={server.spec}", LIMIT, *args, workers=None)
            lab.wait_for("gw1-stays")
            fail(fault)
            ledger = lab.finish()
            told = "no sign of gw1 on socket=" in ledger.output
            assert told == (fault != "dies"), ledger.output
            return ledger

        yield run


def network(place, state):
    """Set the far end of the cable up or down: packets are lost, and nobody is told."""
    command = [str(IP), "-n", place.namespace, "link", "set", "eth0", state]
    subprocess.run(command, check=True, capture_output=True)


@pytest.mark.parametrize("transport", ["batched", "plain"])
@pytest.mark.parametrize("fault", FAULTS)
def test_host_that_runs_a_test_and_holds_a_key(lab, remote, fault, transport):
    """The test is blamed; the key goes to another worker, with what had been given to the host."""
    lab.module(
        GW1
        + """
@pytest.mark.parametrize("n", range(8))
@pytest.mark.parametrize("key", [pytest.param(key, marks=pytest.mark.shared_resource(key))
                                 for key in ("one", "other")])
def test_key(key, n):
    if is_gw1() and n == 2:
        stay()
    if not is_gw1() and n == 3:
        wait_until_gw1_is_down()
"""
    )
    ledger = remote(fault, f"-omarkersteal_transport={transport}")
    assert len(ledger.crashed) == 1
    ledger.check(status=1, crashed=ledger.names(ledger.crashed))
    key = ledger.crashed[0].partition("[")[2].partition("-")[0]
    assert ledger.workers_of(f"{key}-") == ["gw1"] * 3 + ["gw0"] * 5
    assert "gw1" in ledger.output.partition("crashed while running")[0].splitlines()[-1]


@pytest.mark.parametrize("fault", FAULTS)
def test_host_that_waits(lab, remote, fault):
    """Nobody is blamed when a parked worker's host fails; the others do all there is."""
    lab.module(
        GW1
        + """
@pytest.mark.no_parallel
def test_alone():
    touch("gw1-stays")
    wait_until_gw1_is_down()

@pytest.mark.parametrize("n", range(6))
def test_plain(n):
    pass
"""
    )
    ledger = remote(fault).check(status=0)
    assert ledger.workers_of("test_") == ["gw0"] * 7


@pytest.mark.parametrize("fault", FAULTS)
def test_host_that_collects(lab, remote, fault):
    """The others don't wait for a host that fails before it has told of its tests."""
    lab.module(
        GW1
        + """
if is_gw1():
    stay()

@pytest.mark.parametrize("n", range(6))
def test_plain(n):
    pass
"""
    )
    ledger = remote(fault).check(status=0)
    assert len(ledger.passed) == 6


@pytest.mark.parametrize("fault", FAULTS)
def test_host_that_ends_its_session(lab, remote, fault):
    """The run ends, with all tests passed, when a host fails in its last clean-up."""
    lab.conftest(
        GW1
        + """
def pytest_sessionfinish():
    if os.environ.get("PYTEST_XDIST_WORKER") == "gw1":
        stay()
"""
    )
    lab.module('@pytest.mark.parametrize("n", range(6))\ndef test_plain(n):\n    pass\n')
    ledger = remote(fault).check(status=0)
    assert len(ledger.passed) == 6
