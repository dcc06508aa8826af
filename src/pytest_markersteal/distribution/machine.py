"""The machine: its platform, how many cores it has, and how busy they are."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

PLATFORM = f"{sys.platform}-{sys.version_info.major}.{sys.version_info.minor}"
"""Where durations may differ: the system and the version of Python."""

CORES = pytest.StashKey[int]()
"""The number of cores according to xdist, where it was asked."""

STATISTICS = Path("/proc/stat")


def cores_of(config: pytest.Config) -> int:
    """The number of cores, according to xdist if it was asked."""
    return config.stash.get(CORES, None) or len(usable_cores()) or os.cpu_count() or 1


def usable_cores() -> set[int]:
    """The numbers of the cores that this process may use; empty where the system does not tell."""
    if hasattr(os, "sched_getaffinity"):
        return set(os.sched_getaffinity(0))
    return set()


class CoreMeter:
    """Tells how busy cores are, with all that the machine does, from now until it is stopped.

    Only Linux tells.
    """

    def __init__(self, statistics: Path = STATISTICS) -> None:
        self._statistics = statistics
        self._began = self._read()
        self.busy_share: float | None = None
        """0 to 1; None where the system does not tell, and until this is stopped."""

    def stop(self) -> None:
        """Take the measure."""
        began, ended = self._began, self._read()
        if began is not None and ended is not None and ended[1] > began[1]:
            self.busy_share = 1 - (ended[0] - began[0]) / (ended[1] - began[1])

    def _read(self) -> tuple[int, int] | None:
        """How long cores were idle, and how long they were there, in some unit."""
        names = {f"cpu{core}" for core in usable_cores()}
        idle = total = 0
        try:
            for line in self._statistics.read_text(encoding="ascii").splitlines():
                name, *fields = line.split()
                if name in names:
                    # user nice system idle iowait irq softirq steal, and guests, in user already.
                    spent = list(map(int, fields[:8]))
                    idle += spent[3] + spent[4]
                    total += sum(spent)
        except (OSError, ValueError, IndexError):
            return None
        return (idle, total) if total else None
