"""A host that is reached by ssh dies, is stopped, or is cut off, with its server and all workers.

Each run has three workers. Some are on that host, which fails when they run tests, and gw0 is not.
"""

from __future__ import annotations

import re
import signal

import pytest
from remote_hosts import needs_proxies, socket_server
from remote_hosts import ssh_server as ssh_server_at

pytestmark = [pytest.mark.needs_signals, pytest.mark.usefixtures("ssh_server")]

LIMIT = "-omarkersteal_host_timeout_s=4"
"""Far from how long an answer takes, even on a busy machine; far from the default, 600."""

ENDED_AT_ONCE = (
    "what was started there ended at once, or wrote something before execnet's worker did"
)

TESTS = 24
SUITE = (
    f"TESTS = {TESTS}"
    + """
OWN = os.environ.get("PYTEST_XDIST_WORKER", "")
ran = []

@pytest.mark.parametrize("n", range(TESTS))
def test_plain(n):
    '''The third one of a worker stays on the host that fails, and waits for that elsewhere.'''
    ran.append(n)
    if len(ran) != 3:
        return
    if OWN not in FAR:
        wait_until(lambda: seen("down") == len(FAR))
    else:
        note(event="stays", nodeid=f"test_inner.py::test_plain[{n}]")
        wait_for("never", limit_s=80)
"""
)


@pytest.fixture
def run(lab):
    """Runs the suite on ``hosts``; when all workers of ``far`` stay where they are, ``fail``s."""

    def run(hosts, far, fail, *options):
        lab.module(f"FAR = {far}\n{SUITE}")
        for host in hosts:
            lab.copy_to(host)
        lab.start(*options, LIMIT, workers=None)
        lab.wait_until(lambda: len(nodeids(lab, "stays")) == len(far))
        # What is still in a pipe there is lost with it: nobody could know that the test ran.
        lab.wait_until(lambda: nodeids(lab, "stays") <= nodeids(lab, "start told"))
        fail()
        ledger = lab.finish()
        assert {*ledger.crashed} == nodeids(lab, "stays")
        ledger.check(status=1, crashed=ledger.names(ledger.crashed))
        assert len(ledger.passed) == TESTS - len(far)
        assert {event["worker"] for event in ledger.of("up")} == {"gw0", "gw1", "gw2"}
        return ledger

    return run


def nodeids(lab, kind):
    """The tests that events of a kind are about, so far."""
    return {str(event["nodeid"]) for event in lab.events() if event["event"] == kind}


@pytest.mark.parametrize("fault", ["dies", "hangs", "cut off"])
def test_host_with_two_workers(fault, run, new_host, new_network, tmp_path_factory):
    """Nothing is lost: both blame the test that they ran, and the rest runs on this machine."""
    host, place = new_host(), new_network()

    def fail():
        match fault:
            case "dies":
                place.signal(signal.SIGKILL)
            case "hangs":
                place.signal(signal.SIGSTOP)
            case "cut off":
                place.set_cable("down")

    with ssh_server_at(tmp_path_factory.mktemp("ssh") / "server", place) as server:
        ledger = run([host], ["gw1", "gw2"], fail, "--tx=popen", f"--tx=2*{server.spec(host)}")
    told = f"(ssh=server//{host.where()})"
    assert ledger.output.count(f"{told} for 4 s: given up") == (0 if fault == "dies" else 2)
    assert ledger.output.count(f"{told} is not replaced: ") == 2


@needs_proxies
def test_host_behind_a_proxy_is_cut_off(run, new_host, new_network, ssh_server, tmp_path_factory):
    """Nothing is lost, and the proxy, which is not to blame, still serves its other worker."""
    jump, near, far = new_host(), new_host(), new_host()
    place = new_network()
    path = tmp_path_factory.mktemp("ssh") / "server"
    with socket_server(jump) as proxy, ssh_server_at(path, place) as far_server:
        ledger = run(
            [near, far],
            ["gw2"],
            lambda: place.set_cable("down"),
            f"--px=id=px//{proxy.spec}",
            "--tx=popen",
            f"--tx={ssh_server.spec(near, 'via=px', name='near')}",
            f"--tx={far_server.spec(far, 'via=px', name='far')}",
        )
    told = f"gw2 (ssh=far//via=px//{far.where()})"
    assert f"no sign of {told} for 4 s: given up" in ledger.output
    (why,) = re.findall(rf"^{re.escape(told)} is not replaced: (.*)$", ledger.output, re.MULTILINE)
    # Whether ssh gives up before is up to the network of this machine.
    assert why in ("no answer for 4 s", ENDED_AT_ONCE)
    down = ledger.events.index(*ledger.of("down")[:1])
    assert [e for e in ledger.events[down:] if e["event"] == "end" and e["worker"] == "gw1"]
