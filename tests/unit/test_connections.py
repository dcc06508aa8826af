"""What is done to connections that are made of sockets, and to others not."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from types import SimpleNamespace

from pytest_markersteal.distribution.connection import cut, is_debugged, make_steady


class Slow:
    """A connection over a socket, on which a write takes its time: its buffer is full."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.written: list[bytes] = []
        self.second = threading.Event()

    def write(self, data: bytes) -> None:
        self.written.append(data[:1])
        if len(self.written) == 1:
            self.second.wait(0.2)  # In vain, if the second writer is made to wait.
        else:
            self.second.set()
        self.written.append(data[1:])


def test_messages_of_two_threads_stay_whole() -> None:
    """Through a socket too, for which execnet has no lock."""
    with socket.socket() as sock:
        slow = Slow(sock)
        gateway = SimpleNamespace(_io=slow)
        make_steady(gateway)
        writers = [threading.Thread(target=gateway._io.write, args=(b"ab",)) for _ in range(2)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
    assert slow.written == [b"a", b"b"] * 2


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


def test_a_process_that_can_not_be_killed_is_left() -> None:
    """One that is frozen dies when it goes on; the channels are told of the end before."""

    def wait(timeout: float | None = None) -> None:
        assert timeout is not None, "nobody would ever come back"
        raise subprocess.TimeoutExpired("worker", timeout)

    told: list[str] = []
    process = SimpleNamespace(kill=lambda: told.append("kill"), wait=wait)
    gateway = SimpleNamespace(
        _io=SimpleNamespace(execmodel=None, popen=process),
        _receivelock=threading.RLock(),
        _channelfactory=SimpleNamespace(_finished_receiving=lambda: told.append("end")),
        join=lambda timeout: None,
        hasreceiver=lambda: True,
    )
    cut(gateway)
    assert told == ["kill", "end"]
