"""The ports that the kernel gives to outgoing connections, which no test should count on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

SETTINGS = Path("/proc/sys/net/ipv4")
"""Where Linux tells; for TCP and UDP, IPv4 and IPv6."""

_ELSEWHERE = range(49152, 65536)
"""What macOS and Windows use unless told otherwise."""


def lasting_ports(ports: range, settings: Path = SETTINGS) -> Sequence[int]:
    """Those of ``ports`` that no outgoing connection gets; ``UsageError`` where there are none."""
    try:
        first, last = map(int, (settings / "ip_local_port_range").read_text("ascii").split())
        reserved = _parsed((settings / "ip_local_reserved_ports").read_text("ascii"))
        ephemeral = range(first, last + 1)
    except (OSError, ValueError):
        ephemeral, reserved = _ELSEWHERE, set()
    lasting = [port for port in ports if port not in ephemeral or port in reserved]
    if not lasting:
        raise pytest.UsageError(
            f"markersteal_ports: the system gives all of {ports[0]}-{ports[-1]} to outgoing "
            f"connections, as it does {ephemeral[0]}-{ephemeral[-1]}: choose others, or reserve "
            f"them with sysctl net.ipv4.ip_local_reserved_ports={ports[0]}-{ports[-1]}"
        )
    return lasting


def _parsed(text: str) -> set[int]:
    """The ports in a list such as ``8080,9000-9010``."""
    found: set[int] = set()
    for part in filter(None, text.strip().split(",")):
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return found
