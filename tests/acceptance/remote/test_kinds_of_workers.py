"""Each way of execnet to reach a worker, with real servers: the suite runs as on this machine."""

from __future__ import annotations

from remote_hosts import socket_server

SUITE = """
import sys
from pytest_markersteal import slot_count, worker_slot

def meet():
    '''Wait until a test of this module runs on each worker.'''
    touch(f"{worker_slot()}.here")
    wait_until(lambda: len(list(HERE.glob("*.here"))) == slot_count())
    note(event="where", worker=os.environ["PYTEST_XDIST_WORKER"], slot=worker_slot(),
         python=sys.executable, folder=os.getcwd())

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


def run(lab, specs, hosts):
    """Run the suite on workers with these execnet ``specs``; where each of them was, by slot."""
    lab.module(SUITE)
    for number in range(len(specs)):
        lab.module(MEETING, f"test_meeting_{number}")
    for host in hosts:
        lab.copy_to(host)
    ledger = lab.run(*(f"--tx={spec}" for spec in specs), workers=None)
    ledger.check(status=0)
    where = {event["slot"]: (event["python"], event["folder"]) for event in ledger.of("where")}
    assert sorted(where) == list(range(len(specs)))
    return [where[slot] for slot in sorted(where)]


def place_of(host):
    return str(host.python), str(host.folder)


def test_ssh_and_sockets_and_this_machine(lab, new_host, ssh_server, new_network):
    """Each worker runs in its host's folder with its host's Python; one is in another network."""
    one, other = new_host(), new_host()
    with socket_server(other, new_network()) as server:
        specs = ["popen", ssh_server.spec(one), server.spec]
        local, *remote = run(lab, specs, [one, other])
    assert local[1] == str(lab.path)
    assert remote == [place_of(one), place_of(other)]
