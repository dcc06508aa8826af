"""What execnet's gateways lack: to be cut without asking the other side, and safe writes.

All that this project uses of the private parts of gateways is in here. They are ``_io``, the
connection itself, of three kinds: the pipes of a process on this machine (``popen``, which is the
client's process for ssh), a socket, and a channel of another gateway, the proxy;
``_channelfactory``, which tells the channels of the end; and the lock under which that is done.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any

_DRAIN_S = 5.0
"""How long what had arrived before the cut may take to be read."""
_IDLE_S = 60
"""After so many seconds without a word, a socket asks whether the other side is there."""
_KILL = 1
"""``RIO_KILL`` of ``execnet.gateway_io``, as it travels to proxies of all versions."""


def make_steady(gateway: Any) -> None:
    """Let several threads write to a socket, and have it noticed if the other side vanishes.

    A pipe's writes are whole, and it ends with the other side. A socket's interleave where its
    buffer is full; and while nothing is written to it, it stays open without the other side.
    """
    connection = gateway._io
    if not hasattr(connection, "sock"):
        return
    write, lock = connection.write, threading.Lock()

    def write_whole(data: bytes) -> None:
        with lock:
            write(data)

    connection.write = write_whole
    with contextlib.suppress(OSError):
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if hasattr(socket, "TCP_KEEPIDLE"):  # Elsewhere the system's own, two hours mostly.
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _IDLE_S)


def is_debugged(gateway: Any) -> bool:
    """Whether a debugger holds the worker's process, as far as the system tells; Linux does."""
    process = getattr(gateway._io, "popen", None)
    if process is None:
        return False
    try:
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    facts = dict(line.split(":", 1) for line in status.splitlines())
    return int(facts.get("TracerPid", "0")) != 0


def cut(gateway: Any) -> None:
    """End the connection for good; on return its channels have been told of the end.

    What had arrived is handled before, what comes later is dropped. A process of this machine is
    killed. All this takes little more than ``_DRAIN_S``, or twice that where it can't be.
    """
    connection, gateway._io = gateway._io, _Ended(gateway._io.execmodel)
    with contextlib.suppress(OSError):
        if hasattr(connection, "popen"):
            connection.popen.kill()
        elif hasattr(connection, "sock"):
            connection.sock.shutdown(socket.SHUT_RDWR)
        else:
            # A proxy that is gone too takes no order, and its own way waits for an answer.
            threading.Thread(target=_order_kill, args=(connection,), daemon=True).start()
    gateway.join(_DRAIN_S)
    if hasattr(connection, "popen"):
        # One that is frozen, or waits for a device, does not die of it until it goes on.
        with contextlib.suppress(subprocess.TimeoutExpired):
            connection.popen.wait(_DRAIN_S)
    if gateway.hasreceiver():
        # A process that the worker forked may hold the pipe open.
        with gateway._receivelock:
            gateway._channelfactory._finished_receiving()
    elif hasattr(connection, "sock"):
        connection.sock.close()
    elif hasattr(connection, "popen"):
        with contextlib.suppress(OSError):
            connection.close_read()
            connection.close_write()


def _order_kill(connection: Any) -> None:
    with contextlib.suppress(OSError, EOFError):
        connection.controlchan.send(_KILL)


class _Ended:
    """Stands in for a connection that was cut: execnet's way to end a session waits for answers."""

    def __init__(self, execmodel: Any) -> None:
        self.execmodel = execmodel

    def read(self, numbytes: int) -> bytes:
        raise EOFError

    def write(self, data: bytes) -> None:
        raise OSError("the connection was cut")

    def close_read(self) -> None:
        """Nothing is left to close."""

    def close_write(self) -> None:
        """As above."""

    def wait(self) -> None:
        """Nobody is left to wait for."""

    def kill(self) -> None:
        """As above."""
