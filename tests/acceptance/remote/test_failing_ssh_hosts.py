"""A host that is reached by ssh dies, is stopped, or is cut off, with its server and all workers.

Each run has a worker on this machine, gw0, and two on that host, which run tests by then.
"""

from __future__ import annotations

import signal

import pytest
from remote_hosts import ssh_server

pytestmark = [pytest.mark.needs_signals, pytest.mark.usefixtures("ssh_server")]

LIMIT = "-omarkersteal_host_timeout_s=4"
"""Far from how long an answer takes, even on a busy machine; far from the default, 600."""

TOLD = """
def pytest_runtest_logstart(nodeid):
    if "PYTEST_XDIST_WORKER" not in os.environ:
        note(event="start told", nodeid=nodeid)
"""

SUITE = """
BEFORE = 2
OWN = os.environ.get("PYTEST_XDIST_WORKER", "")
ran = []

@pytest.mark.parametrize("n", range(24))
def test_plain(n):
    ran.append(n)
    if len(ran) != BEFORE + 1:
        return
    if OWN == "gw0":
        wait_until(lambda: seen("down") >= 2)
    else:
        note(event="stays", nodeid=f"test_inner.py::test_plain[{n}]")
        wait_for("never", limit_s=80)
"""


@pytest.mark.parametrize("fault", ["dies", "hangs", "cut off"])
def test_nothing_is_lost_and_the_tests_that_ran_are_blamed(
    fault, lab, new_host, new_network, tmp_path_factory
):
    """Both workers are told as crashed, none is replaced, and the rest runs on this machine."""
    host, place = new_host(), new_network()
    lab.conftest(TOLD)
    lab.module(SUITE)
    lab.copy_to(host)

    def nodeids(kind):
        return {str(event["nodeid"]) for event in lab.events() if event["event"] == kind}

    with ssh_server(tmp_path_factory.mktemp("ssh") / "server", place) as server:
        lab.start("--tx=popen", f"--tx=2*{server.spec(host)}", LIMIT, workers=None)
        lab.wait_until(lambda: len(nodeids("stays")) == 2)
        # What is still in a pipe there is lost with it: nobody could know that the test ran.
        lab.wait_until(lambda: nodeids("stays") <= nodeids("start told"))
        match fault:
            case "dies":
                place.signal(signal.SIGKILL)
            case "hangs":
                place.signal(signal.SIGSTOP)
            case "cut off":
                place.set_cable("down")
        ledger = lab.finish()
    assert {*ledger.crashed} == nodeids("stays")
    ledger.check(status=1, crashed=ledger.names(ledger.crashed))
    assert len(ledger.passed) == 22
    assert {event["worker"] for event in ledger.of("up")} == {"gw0", "gw1", "gw2"}
    told = f"(ssh=server//{host.where()})"
    assert ledger.output.count(f"{told} for 4 s: given up") == (0 if fault == "dies" else 2)
    assert ledger.output.count(f"{told} is not replaced: ") == 2
