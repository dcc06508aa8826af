"""Which host this process is on: what has ports, and mostly files, of its own.

Workers are on one host if they tell the same. The evidence is the running system, and within it the
network: processes of one machine tell the same whatever their connection is called, and those in
another network namespace, as containers are, tell something else.

Limits: namespaces that have ports of their own may share files, and so may machines, by a network
disk. Where the system has no boot id, machines of one name are taken for one. The environment has
the last word: ``MARKERSTEAL_HOST``.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from pathlib import Path

HOST_VARIABLE = "MARKERSTEAL_HOST"
"""With it, users say which host a worker is on."""

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_NETWORK = Path("/proc/self/ns/net")


def host_of(told: str, boot_id: str, name: str, network: str) -> str:
    """The host of a process, as text that is the same for all that are on it.

    What was ``told`` counts if it says anything. Otherwise it is the ``boot_id`` of the system, or
    the ``name`` of the machine where that is empty; and its ``network``, if that is known.
    """
    if told.strip():
        return told.strip()
    return "/".join(part for part in (boot_id or name, network) if part)


def own_host(environment: Mapping[str, str] = os.environ) -> str:
    """The host of this process."""
    told = environment.get(HOST_VARIABLE, "")
    return host_of(told, _boot_id(), platform.node(), _network())


def _boot_id() -> str:
    """What Linux is called until it is started again; empty on other systems."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def _network() -> str:
    """The network namespace; empty on systems that have none."""
    try:
        return f"net:{_NETWORK.stat().st_ino}"
    except OSError:
        return ""
