"""Waiting for a server, and for the right one."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

_ATTEMPT_S = 2.0
"""How long a server may take to answer one attempt, the last one too."""

_CHECK_S = _ATTEMPT_S
"""How long a check may take in all, whatever trickles in meanwhile."""

_PIECE = 1 << 16
"""Bytes of an answer that are read at once."""

_FIRST_PAUSE_S = 0.001
_LONGEST_PAUSE_S = 0.05


class WrongServer(Exception):  # noqa: N818 - reads as what happened
    """A server answers, but not as expected: the message says how."""


class Process(Protocol):
    """What is asked of a server's process; ``subprocess.Popen`` is one."""

    def poll(self) -> int | None:
        """The status that it ended with; None while it runs."""


Check = Callable[[socket.socket], object]
"""Looks at a new connection: true if it leads to the right server; may raise ``WrongServer``."""


def greets(greeting: bytes) -> Check:
    """A check that the server speaks first, and begins with ``greeting``."""

    def check(connection: socket.socket) -> bool:
        said = b""
        while len(said) < len(greeting):
            more = connection.recv(len(greeting) - len(said))
            if not more:
                break
            said += more
        if said != greeting:
            raise WrongServer(f"it says {said!r} instead of {greeting!r}")
        return True

    return check


def serves(path: str, body: bytes = b"") -> Check:
    """A check that ``GET path`` over HTTP has the status 200, and ``body`` in its answer.

    ``ValueError`` if ``path`` does not begin with a slash, or has other characters than ASCII.
    """
    from http.client import HTTPException, HTTPResponse  # Which imports much that few need.

    if not path.startswith("/") or not path.isascii():
        raise ValueError(f"serves: {path!r} is no path: write '/' before it, and %XX for non-ASCII")
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()

    def check(connection: socket.socket) -> bool:
        connection.sendall(request)
        with HTTPResponse(connection, method="GET") as response:
            try:
                response.begin()
                if response.status != 200:
                    raise WrongServer(f"it has the status {response.status} for {path}")
                seen = b""
                # Not more than is needed: some answers never end.
                while body not in seen:
                    more = response.read1(_PIECE)
                    if not more:
                        raise WrongServer(f"it has no {body!r} in {path}")
                    seen = seen[-len(body) :] + more
            except HTTPException as error:
                raise WrongServer(f"it does not speak HTTP: {error!r}") from error
        return True

    return check


def wait_for_port(
    port: int,
    *,
    host: str = "127.0.0.1",
    check: Check | None = None,
    process: Process | None = None,
    timeout_s: float = 10.0,
) -> None:
    """Return once a server answers on ``port`` of ``host``, and ``check`` says it is the right one.

    ``check``: looks at each new connection, as ``greets`` and ``serves`` do, for two seconds at
    most; without it, whoever accepts is right. ``process``: the server's; there is nothing to wait
    for once it has ended, which is a ``RuntimeError``. ``TimeoutError`` after ``timeout_s``, with
    what was last seen.
    """
    until_s = time.monotonic() + timeout_s
    pause_s = _FIRST_PAUSE_S
    while True:
        trouble = _trouble(host, port, check)
        status = None if process is None else process.poll()
        if status is not None:
            raise RuntimeError(
                f"the server for {host}:{port} has ended with status {status}"
                + ("; another one answers there" if trouble is None else f": {trouble}")
            )
        if trouble is None:
            return
        if time.monotonic() + pause_s > until_s:
            raise TimeoutError(f"no server on {host}:{port} after {timeout_s:g} s: {trouble}")
        time.sleep(pause_s)  # Nobody tells when a server is there.
        pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)


def _trouble(host: str, port: int, check: Check | None) -> str | None:
    """Why nobody, or the wrong one, answers now; None if the right one does."""
    try:
        with socket.create_connection((host, port), timeout=_ATTEMPT_S) as connection:
            # To a port that outgoing connections are given, one can be connected to itself.
            if connection.getsockname() == connection.getpeername():
                return "nobody listens"
            return None if check is None else _refusal(connection, check)
    except WrongServer as error:
        return f"a server answers, but {error}"
    except OSError as error:
        return str(error)


def _refusal(connection: socket.socket, check: Check) -> str | None:
    """What the check says against the server, if anything; what trickles in has an end too."""
    hung_up = threading.Event()

    def hang_up() -> None:
        hung_up.set()
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(_CHECK_S, hang_up)
    timer.start()
    is_right = False
    try:
        is_right = bool(check(connection))
    except Exception:
        if not hung_up.is_set():
            raise
    finally:
        timer.cancel()
        timer.join()
    if is_right:
        return None
    if hung_up.is_set():
        return f"a server answers, but not to the end within {_CHECK_S:g} s"
    return "a server answers, but the check says that it is another one"
