"""What is said of connections, and what is done to those that were made of sockets."""

from __future__ import annotations

import os
import socket
import threading
from types import SimpleNamespace

import execnet
import pytest

from pytest_markersteal.distribution.connection import host_of, is_debugged, make_steady, name_of

SPECS = {
    "popen": ("popen", None),
    "popen//python=python3.12//chdir=/x": ("popen//python=python3.12", None),
    "ssh=me@build7//python=python3": ("ssh=me@build7", "ssh=me@build7"),
    "ssh=-p 22 build7//id=gw4//env:A=b": ("ssh=-p 22 build7", "ssh=-p 22 build7"),
    "socket=10.0.0.2:8888": ("socket=10.0.0.2:8888", "socket=10.0.0.2:8888"),
    "vagrant_ssh=box": ("vagrant_ssh=box", "vagrant_ssh=box"),
    "popen//via=px": ("popen//via=px", "via=px"),
    "ssh=build7//via=px": ("ssh=build7//via=px", "via=px"),
}


@pytest.mark.parametrize("spec", SPECS)
def test_hosts_are_named_as_the_user_wrote_them(spec: str) -> None:
    """Without what this plugin and xdist add; workers behind one proxy count as on one host."""
    assert (name_of(execnet.XSpec(spec)), host_of(execnet.XSpec(spec))) == SPECS[spec]


class Slow:
    """A connection over a real socket that is written a byte at a time, as where it is full."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock

    def write(self, data: bytes) -> None:
        for n in range(len(data)):
            self.sock.sendall(data[n : n + 1])


def test_messages_of_two_threads_stay_whole() -> None:
    """Through a socket too, for which execnet has no lock."""
    near, far = socket.socketpair()
    gateway = SimpleNamespace(_io=Slow(near))
    make_steady(gateway)
    messages = [bytes([letter]) * 10 for letter in b"ab"]

    def write(message: bytes) -> None:
        for _ in range(20):
            gateway._io.write(message)

    with near, far:
        writers = [threading.Thread(target=write, args=(message,)) for message in messages]
        for writer in writers:
            writer.start()
        got = b""
        while len(got) < 400:
            got += far.recv(400)
        for writer in writers:
            writer.join()
    assert {got[n : n + 10] for n in range(0, 400, 10)} == {*messages}


def test_sockets_ask_whether_the_other_side_is_there() -> None:
    """A worker to which nobody writes notices that its controller is gone."""
    with socket.socket() as sock:
        make_steady(SimpleNamespace(_io=Slow(sock)))
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


def test_pipes_are_left_alone() -> None:
    """Their writes are whole as they are."""
    gateway = SimpleNamespace(_io=SimpleNamespace(write=print))
    make_steady(gateway)
    assert gateway._io.write is print


def test_only_processes_of_this_machine_can_be_seen_in_a_debugger() -> None:
    """Nobody holds this one; of others nothing is known."""
    here = SimpleNamespace(_io=SimpleNamespace(popen=SimpleNamespace(pid=os.getpid())))
    assert not is_debugged(here)
    assert not is_debugged(SimpleNamespace(_io=SimpleNamespace()))
