"""A worker's host dies, is stopped, or is cut off: nothing is lost, and the run ends.

Each run has one worker on this machine, gw0, and one on a host of its own, gw1, which fails while
it does something that it would do for ever.
"""

from __future__ import annotations

import os
import shutil
import signal

import pytest
from doc_pages import blocks
from remote_hosts import PLUGIN, Host, needs_proxies, socket_server

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


@pytest.fixture(scope="module")
def lasting_host(tmp_path_factory):
    return Host(tmp_path_factory.mktemp("host"), PLUGIN)


@pytest.fixture
def host(lasting_host):
    """A host without the suites of other tests, which keeps the pytest that xdist copies to it."""
    for path in lasting_host.folder.glob("*.py"):
        path.unlink()
    shutil.rmtree(lasting_host.folder / "__pycache__", ignore_errors=True)
    return lasting_host


@pytest.fixture
def remote(lab, host, new_network):
    """Runs the lab's suite on gw0 and gw1, and lets gw1's host fail once gw1 stays where it is."""
    place = new_network()

    def run(fault):
        lab.copy_to(host)
        lab.start("--tx=popen", f"--tx={server.spec}", LIMIT, workers=None)
        lab.wait_for("gw1-stays")
        fail(fault, server, place)
        ledger = lab.finish()
        told = f"no sign of gw1 ({server.spec}) for 4 s: given up" in ledger.output
        assert told == (fault != "dies"), ledger.output
        return ledger

    with socket_server(host, place) as server:
        yield run


def fail(fault, server, place):
    """Have the host of ``server`` fail."""
    match fault:
        case "dies":
            os.kill(server.pid, signal.SIGKILL)
        case "hangs":
            os.kill(server.pid, signal.SIGSTOP)
        case "cut off":
            place.set_cable("down")


@pytest.mark.parametrize("fault", FAULTS)
def test_host_that_runs_a_test_and_holds_a_key(lab, remote, fault):
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
    ledger = remote(fault)
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


def test_worker_that_ssh_reaches(lab, host, ssh_server):
    """It is given up as well, and leaves when it is no longer stopped: ssh has told it."""
    lab.module(
        """
@pytest.mark.parametrize("n", range(6))
def test_plain(n):
    if os.environ["PYTEST_XDIST_WORKER"] == "gw0":
        wait_until(lambda: seen("down") >= 1)
    elif first("stops"):
        touch("gw1-stays")
        os.kill(os.getpid(), signal.SIGSTOP)
"""
    )
    lab.copy_to(host)
    lab.start("--tx=popen", f"--tx={ssh_server.spec(host)}", LIMIT, workers=None)
    lab.wait_for("gw1-stays")
    ledger = lab.finish()
    assert len(ledger.crashed) == 1
    ledger.check(status=1, crashed=ledger.names(ledger.crashed))
    os.kill(lab.worker_pids()["gw1"], signal.SIGCONT)
    assert not lab.leftovers(limit_s=60)


@pytest.mark.runs_examples("docs/failing-hosts.md", "ini", "text")
def test_what_the_page_shows(lab, host):
    """With its setting, and a host that hangs and was the only one: what was not run is told."""
    (ini,) = blocks("docs/failing-hosts.md", "ini")
    told, _ = blocks("docs/failing-hosts.md", "text")
    (lab.path / "pytest.ini").write_text(ini.replace("120", "4"))
    lab.module(
        """
@pytest.mark.parametrize("n", range(6))
def test_order(n):
    if n == 2:
        os.kill(os.getpid(), signal.SIGSTOP)
""",
        "test_shop",
    )
    lab.copy_to(host)
    with socket_server(host) as server:
        ledger = lab.run(f"--tx={server.spec}", workers=None)
    ledger.check(status=1, crashed=["test_order[2]"], not_run=3)
    assert ledger.why == "no worker was left"
    told = told.replace("10.0.0.7:8888", server.address)
    told = told.replace("for 120 s", "for 4 s").replace("for 30 s", "for 4 s")
    printed = ledger.output.splitlines()
    assert [line for line in told.splitlines() if line not in printed] == []


@needs_proxies
@pytest.mark.parametrize("fault", FAULTS)
def test_proxy_takes_its_workers_with_it(lab, host, new_network, fault):
    """Each of them blames its own test, none is replaced, and the others run the rest."""
    lab.module(
        GW1
        + """
@pytest.mark.parametrize("n", range(9))
def test_plain(n):
    worker = os.environ["PYTEST_XDIST_WORKER"]
    if worker == "gw0":
        wait_until(lambda: seen("down") >= 2)
    else:
        wait_for("never", limit_s=80)
"""
    )
    place = new_network()
    lab.copy_to(host)
    with socket_server(host, place) as server:
        px = f"--px=id=px//socket={server.address}//execmodel=thread"
        tx = f"--tx=2*popen//via=px//{host.where()}"
        # It connects to the address of the controller's loopback, as these get its sys.path.
        lab.start(px, "--tx=popen", tx, LIMIT, "-pno:rerunfailures", workers=None)
        # What the proxy has not passed on is lost with it: nobody could know that a test ran.
        lab.wait_until(lambda: lab.count("start told") == 3)
        fail(fault, server, place)
        ledger = lab.finish()
    assert len(ledger.crashed) == 2
    ledger.check(status=1, crashed=ledger.names(ledger.crashed))
    assert {event["worker"] for event in ledger.of("up")} == {"gw0", "gw1", "gw2"}
    for name in ("gw1", "gw2"):
        told = f"{name} (popen//via=px//{host.where()}) is not replaced: its proxy px is not there"
        assert told in ledger.output


@pytest.mark.parametrize("fault", ["hangs", "cut off"])
def test_host_that_comes_back(lab, host, new_network, fault):
    """What it did while it was given up counts for nothing, and its worker goes away."""
    lab.module(
        GW1
        + """
@pytest.mark.parametrize("n", range(6))
def test_plain(n):
    if is_gw1() and first("stays"):
        touch("gw1-stays")
        wait_for("gw1-is-back")
        return
    wait_until(lambda: seen("down") >= 1)
    touch("gw1-is-down")
    wait_for("gw1-is-gone")
"""
    )
    place = new_network()
    lab.copy_to(host)
    with socket_server(host, place) as server:
        lab.start("--tx=popen", f"--tx={server.spec}", LIMIT, workers=None)
        lab.wait_for("gw1-stays")
        fail(fault, server, place)
        lab.wait_for("gw1-is-down")
        lab.touch("gw1-is-back")
        if fault == "hangs":
            os.kill(server.pid, signal.SIGCONT)
        else:
            place.set_cable("up")
        # The server takes the next connection, as its worker has ended.
        log = host.folder / "server.log"
        lab.wait_until(lambda: log.read_text().count("Accept loop") == 2)
        lab.touch("gw1-is-gone")
        ledger = lab.finish()
    assert ledger.status == 1
    (crashed,) = ledger.crashed
    told = [e["when"] for e in ledger.of("report") if e["nodeid"] == crashed]
    assert told == ["???"]
    assert sorted(ledger.passed) == sorted({*ledger.collected} - {crashed})
    assert len(ledger.started) == 6
