"""Whether a port is free, asked of the kernel by binding to it."""

from __future__ import annotations

import errno
import socket
import sys

_ENDPOINTS = (
    (socket.AF_INET, socket.SOCK_STREAM, "0.0.0.0"),
    (socket.AF_INET, socket.SOCK_DGRAM, "0.0.0.0"),
    (socket.AF_INET6, socket.SOCK_STREAM, "::"),
    (socket.AF_INET6, socket.SOCK_DGRAM, "::"),
)
"""TCP and UDP on all addresses, with which a socket on any single one is in conflict."""

_TAKEN = frozenset({errno.EADDRINUSE, errno.EACCES})
"""In use, or kept by the system for itself."""

_NO_SUCH_FAMILY = frozenset({errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT})


def is_free(port: int) -> bool:
    """Whether no socket of this machine has ``port``: TCP and UDP, IPv4 and IPv6.

    Connections that were closed a minute ago or less count, as most servers can't bind then.
    """
    for family, kind, address in _ENDPOINTS:
        try:
            _bound(family, kind, address, port).close()
        except OSError as error:
            if error.errno in _TAKEN:
                return False
            if error.errno not in _NO_SUCH_FAMILY:
                raise
    return True


def bound_socket(host: str, kind: socket.SocketKind, port: int) -> socket.socket | None:
    """A socket bound to ``port`` on the address ``host``; None if somebody has it.

    ``OSError`` where ``host`` is no address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return _bound(family, kind, host, port)
    except OSError as error:
        if error.errno in _TAKEN:
            return None
        raise


def _bound(
    family: socket.AddressFamily, kind: socket.SocketKind, address: str, port: int
) -> socket.socket:
    opened = socket.socket(family, kind)
    try:
        if sys.platform == "win32":  # Where others may otherwise bind to the same port.
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind((address, port))
    except BaseException:
        opened.close()
        raise
    return opened
