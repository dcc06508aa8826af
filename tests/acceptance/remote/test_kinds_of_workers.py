"""Each way of execnet to reach a worker, with real servers: the suite runs as on this machine."""

from __future__ import annotations

import sys

from remote_hosts import needs_proxies, socket_server

SUITE = """
import sys
from pytest_markersteal import slot_count, worker_slot

def meet():
    '''Wait until a test of this module runs on each worker.'''
    touch(f"{worker_slot()}.here")
    wait_until(lambda: len(list(HERE.glob("*.here"))) == slot_count())
    note(event="where", slot=worker_slot(), folder=os.getcwd(), python=sys.executable)

@pytest.mark.parametrize("n", range(6))
@pytest.mark.shared_resource("db")
def test_key(n): pass

@pytest.mark.parametrize("n", range(3))
@pytest.mark.serial
def test_serial(n): pass

@pytest.mark.no_parallel
def test_alone(): pass
"""
MEETING = "from test_inner import meet\ndef test_meeting(): meet()"


def run(lab, *options):
    """Run the suite on the workers of ``options``; the Python and folder of each, by slot."""
    tx = [option for option in options if option.startswith("--tx=")]
    ledger = lab.run(*options, workers=None)
    ledger.check(status=0)
    where = {event["slot"]: (event["python"], event["folder"]) for event in ledger.of("where")}
    assert sorted(where) == list(range(len(tx)))
    return [where[slot] for slot in sorted(where)]


def write(lab, hosts, workers):
    """Write the suite for so many workers, also on ``hosts``."""
    lab.module(SUITE)
    for number in range(workers):
        lab.module(MEETING, f"test_meeting_{number}")
    for host in hosts:
        lab.copy_to(host)


def place_of(host):
    return str(host.python), str(host.folder)


def test_ssh_and_sockets_and_this_machine(lab, new_host, ssh_server, new_network):
    """Each worker runs in its host's folder with its host's Python; one is in another network."""
    hosts = one, other = new_host(), new_host()
    write(lab, hosts, 3)
    with socket_server(other, new_network()) as server:
        specs = "popen", ssh_server.spec(one), server.spec
        local, *remote = run(lab, *(f"--tx={spec}" for spec in specs))
    assert local == (sys.executable, str(lab.path))
    assert remote == [place_of(one), place_of(other)]


@needs_proxies
def test_workers_behind_proxies(lab, new_host, ssh_server):
    """Two processes of the host that the proxy is on, and one of a host that only it reaches."""
    hosts = near, far = new_host(), new_host()
    write(lab, hosts, 3)
    proxy = f"--px=id=jump//{ssh_server.spec(near)}"
    behind = f"--tx={ssh_server.spec(far)}//via=jump"
    there = "--tx=popen//via=jump"
    assert run(lab, proxy, there, there, behind) == [*[place_of(near)] * 2, place_of(far)]


def test_another_environment_and_another_version_of_python(lab, new_host, ssh_server, other_python):
    """The environment as ``popen//python=``, the version by ssh."""
    here, there = new_host(), new_host(interpreter=str(other_python))
    write(lab, [there], 2)
    local = f"--tx=popen//python={here.python}"
    found = run(lab, local, f"--tx={ssh_server.spec(there)}")
    assert found == [(str(here.python), str(lab.path)), place_of(there)]
