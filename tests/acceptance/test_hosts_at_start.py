"""Hosts that can't be reached when the run begins."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from remote_hosts import needs_proxies

SUITE = "def test_any():\n    pass\n"


@pytest.fixture
def deaf() -> Iterator[str]:
    """The address of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def refusing() -> Iterator[str]:
    """An address at which nobody listens, and nobody else can."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{held.getsockname()[1]}"


def refused(lab, *args):
    """Why the run was refused, which is not pytest's fault, nor this plugin's."""
    lab.module(SUITE)
    lab.start(*args, workers=None)
    assert lab.process.wait(60) == pytest.ExitCode.USAGE_ERROR
    output = lab.output()
    assert "INTERNALERROR" not in output
    assert "Traceback" not in output
    (line,) = (line for line in output.splitlines() if line.startswith("ERROR: "))
    assert not lab.leftovers()
    return line.removeprefix("ERROR: ")


def test_a_worker_where_nobody_listens(lab, refusing):
    """The worker, its spec and what the system says are named."""
    why = refused(lab, "--tx=popen", f"--tx=socket={refusing}")
    said = f"gw1 (socket={refusing}//chdir=pyexecnetcache) can't start: ConnectionRefusedError: "
    assert why.startswith(said)


@needs_proxies
def test_a_proxy_where_nobody_listens(lab, refusing):
    """Also before there is any worker."""
    why = refused(lab, f"--px=id=px//socket={refusing}", "--tx=popen//via=px")
    assert why.startswith(f"px (socket={refusing}) can't start: ConnectionRefusedError: ")


def test_a_worker_behind_no_proxy(lab):
    """A name that no proxy has is told."""
    assert refused(lab, "--tx=popen//via=px") == (
        "gw0 (popen//via=px) can't start: its proxy px is not there"
    )


def test_a_host_that_does_not_answer(lab, deaf):
    """It is waited for as long as for any sign of life."""
    why = refused(lab, f"--tx=socket={deaf}", "-omarkersteal_host_timeout_s=1")
    assert why == f"gw0 (socket={deaf}//chdir=pyexecnetcache) can't start: no answer for 1 s"


def test_a_host_that_ssh_does_not_find(lab, ssh_server, refusing):
    """Beside what ssh itself says."""
    port = refusing.partition(":")[2]
    spec = f"ssh=-p {port} build7//ssh_config={ssh_server.client}"
    why = refused(lab, f"--tx={spec}")
    assert why.startswith(
        f"gw0 (ssh=-p {port} build7//chdir=pyexecnetcache) can't start: HostNotFound"
    )
    assert "Connection refused" in lab.output()


@needs_proxies
def test_a_host_that_ssh_does_not_find_from_a_proxy(lab, ssh_server, refusing):
    """The proxy knows only that ssh ended; what ssh says is told too."""
    port = refusing.partition(":")[2]
    spec = f"ssh=-p {port} build7//ssh_config={ssh_server.client}//via=px"
    why = refused(lab, "--px=id=px//popen", f"--tx={spec}")
    said = f"gw0 (ssh=-p {port} build7//via=px//chdir=pyexecnetcache) can't start: "
    assert why.startswith(f"{said}what was started there ended at once, or ")
    assert "Connection refused" in lab.output()
