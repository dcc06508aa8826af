"""Keys per host, with workers that nobody tells which host they are on.

This machine has a worker of its own and one by ssh. Two networks have two workers each: in one they
are behind one server, in the other behind two, and the machine is called something else by each.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

import pytest
from remote_hosts import socket_server
from remote_hosts import ssh_server as ssh_server_at

from pytest_markersteal.trace.folder import traces
from pytest_markersteal.trace.reader import read

HOST_OF = {"gw0": "here", "gw1": "here", "gw2": "one", "gw3": "one", "gw4": "two", "gw5": "two"}

SUITE = f"""
OWN = os.environ.get("PYTEST_XDIST_WORKER", "")
HOST_OF = {HOST_OF}

@pytest.mark.shared_resource("port", scope="host")
@pytest.mark.parametrize("n", range(24))
def test_port(n):
    note(event="holds", worker=OWN)
    if first(HOST_OF[OWN]):
        touch(HOST_OF[OWN] + ".holds")
        wait_until(lambda: len(list(HERE.glob("*.holds"))) == 3)
        # By then, nobody has anything else to do, but to run tests of the key where that may be.
        wait_until(lambda: len(list(HERE.glob("*.plain"))) == 12)
    note(event="leaves", worker=OWN)

@pytest.mark.shared_resource("db")
@pytest.mark.parametrize("n", range(6))
def test_db(n): touch(f"db{{n}}.plain")

@pytest.mark.parametrize("n", range(6))
def test_plain(n): touch(f"{{n}}.plain")
"""


@pytest.fixture(scope="module")
def run(new_lab, new_host, new_network, ssh_server, tmp_path_factory):
    """The ledger of the run, and its trace."""
    lab, hosts = new_lab(), [new_host() for _ in range(4)]
    lab.module(SUITE)
    for host in hosts:
        lab.copy_to(host)
    here, there, *others = hosts
    one, two = new_network(), new_network()
    with ExitStack() as servers:
        path = tmp_path_factory.mktemp("ssh") / "server"
        ssh = servers.enter_context(ssh_server_at(path, one))
        sockets = [
            servers.enter_context(socket_server(host, replace(two, name=f"machine{number}")))
            for number, host in enumerate(others)
        ]
        specs = ["popen", ssh_server.spec(here), f"2*{ssh.spec(there)}", *(s.spec for s in sockets)]
        ledger = lab.run(*(f"--tx={spec}" for spec in specs), workers=None)
    return ledger, read(traces(lab.path)[-1])


def test_nothing_is_lost_and_keys_of_the_session_are_held_once(run):
    """On six workers of three hosts."""
    ledger, _ = run
    ledger.check(status=0)
    assert len(ledger.passed) == 36


def test_hosts_are_told_apart_by_what_they_are(run):
    """Not by how they are reached, nor by what they are called."""
    _, trace = run
    told = {worker.name: worker.host for worker in trace.workers}
    assert told.keys() == HOST_OF.keys()
    assert len({(HOST_OF[name], host) for name, host in told.items()}) == 3
    assert len(trace.hosts) == 3


def test_each_host_has_one_holder_and_hosts_overlap(run):
    """All of them hold the key at once when the first test of each meets those of the others."""
    ledger, _ = run
    holders: set[str] = set()
    most = 0
    for event in ledger.events:
        if event["event"] == "holds":
            host = HOST_OF[event["worker"]]
            assert host not in holders
            holders.add(host)
        elif event["event"] == "leaves":
            holders.remove(HOST_OF[event["worker"]])
        most = max(most, len(holders))
    assert most == 3
