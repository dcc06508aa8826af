"""Where servers for workers run: on this machine, or in namespaces of it that are their own.

Only root may make those, and only on Linux.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from remote_cores import CoreShare

from pytest_markersteal import PortManager

PATH = f"{os.environ['PATH']}:/usr/sbin"

IP = shutil.which("ip", path=PATH) if sys.platform == "linux" and os.getuid() == 0 else None
"""The program that makes networks, from Debian's package iproute2, for who may."""

PORTS = range(15000, 25000)
_FIRST_NETWORK = (198 << 24) + (18 << 16)
"""198.18.0.0/15 is for tests of networks: it leads nowhere."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server runs and listens: on this machine, or in namespaces of it."""

    address: str = "127.0.0.1"
    network: str | None = None
    """The name of its network namespace."""
    ahead_s: int = 0
    """How far its steady clocks are ahead of this machine's. The time of day can't differ."""
    name: str | None = None
    """What the machine is called there, if not as here."""
    cores: CoreShare | None = None
    """How much of them its processes may use, if not all."""

    def command(self, *command: str | Path) -> list[str]:
        """``command``, to run there."""
        prefix = [str(IP), "netns", "exec", self.network] if self.network else []
        if self.ahead_s:
            offset = str(self.ahead_s)
            prefix += ["unshare", "--time", "--monotonic", offset, "--boottime", offset]
        if self.name:
            rename = 'echo "$0" >/proc/sys/kernel/hostname && exec "$@"'
            prefix += ["unshare", "--uts", "sh", "-c", rename, self.name]
        if self.cores:
            prefix += ["sh", "-c", 'echo $$ >"$0" && exec "$@"', str(self.cores.members)]
        return [*prefix, *map(str, command)]

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to all processes in its network namespace."""
        assert self.network is not None
        for pid in _ip("netns", "pids", self.network).split():
            with suppress(ProcessLookupError):
                os.kill(int(pid), number)

    def set_cable(self, state: str) -> None:
        """Set its end of the cable up or down: packets are lost, and nobody is told."""
        assert self.network is not None
        _ip("-n", self.network, "link", "set", "eth0", state)


LOOPBACK = Place()


def ahead_of_clocks(ahead_s: int) -> Place:
    """The loopback address, with steady clocks that are so far ahead; OSError if none can be."""
    place = Place(ahead_s=ahead_s)
    clock = "import time; print(time.perf_counter())"
    done = subprocess.run(
        place.command(sys.executable, "-c", clock), capture_output=True, text=True
    )
    if done.returncode:
        raise OSError(done.stderr.strip())
    # Some kernels give the clocks to children only.
    if not abs(float(done.stdout) - time.perf_counter() - ahead_s) < ahead_s / 2:
        raise OSError(f"clocks there are those of here: {done.stdout.strip()} s")
    return place


@contextmanager
def network_namespace() -> Iterator[Place]:
    """A network of its own with an address of its own, which this machine reaches by a cable.

    What still runs in it at the end is killed.
    """
    assert IP is not None, "where CI is set, ip must be there, on Linux and for root: make servers"
    with PortManager(PORTS).port() as port, ExitStack() as undoing:
        # A port that is held is a number that nobody else on this machine has.
        name, cable = f"markersteal{port}", f"ms{port}"
        network = _FIRST_NETWORK + 4 * (port - PORTS.start)
        near, far = (_dotted(network + 1), _dotted(network + 2))
        place = Place(far, name)
        for leftover in (("netns", "delete", name), ("link", "delete", cable)):
            # Of a session that was killed.
            with suppress(subprocess.CalledProcessError):
                _ip(*leftover)
        _ip("netns", "add", name)
        undoing.callback(_ip, "netns", "delete", name)
        undoing.callback(place.signal, signal.SIGKILL)
        _ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name)
        # Removed here, as a namespace lives on while a process of it does.
        undoing.callback(_ip, "link", "delete", cable)
        _ip("address", "add", f"{near}/30", "dev", cable)
        _ip("link", "set", cable, "up")
        _ip("-n", name, "address", "add", f"{far}/30", "dev", "eth0")
        _ip("-n", name, "link", "set", "eth0", "up")
        _ip("-n", name, "link", "set", "lo", "up")
        yield place


def _dotted(address: int) -> str:
    return ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0))


def _ip(*arguments: str) -> str:
    command = [str(IP), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
