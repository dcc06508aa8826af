"""Shares of the cores, by control groups of Linux: a host with a small share of one is slow."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pytest_markersteal.sync import wait_for_condition

_PERIOD_US = 20_000
"""In each, a group runs until its share is used up: far below what a test takes."""

_VERSION_1 = Path("/sys/fs/cgroup/cpu")
_VERSION_2 = Path("/sys/fs/cgroup")


class CoreShare:
    """A control group; its processes go before those of others, up to what it is limited to."""

    def __init__(self, path: Path) -> None:
        """Make it at ``path``; OSError where that is not allowed."""
        path.mkdir()
        self._path = path
        self.members = path / "cgroup.procs"
        """Who is written to this file is in the group, and so are all that it starts."""
        try:
            # The most that there is: other load must not decide how fast it is.
            if (path / "cpu.shares").exists():
                (path / "cpu.shares").write_text("262144")
            else:
                (path / "cpu.weight").write_text("10000")
            self.limit(None)
        except OSError:
            path.rmdir()
            raise

    def limit(self, cores: float | None) -> None:
        """Let it have so much of a core from now on; all of all of them with None."""
        quota_us = None if cores is None else round(cores * _PERIOD_US)
        if (self._path / "cpu.cfs_quota_us").exists():
            (self._path / "cpu.cfs_period_us").write_text(str(_PERIOD_US))
            (self._path / "cpu.cfs_quota_us").write_text(str(quota_us or -1))
        else:
            (self._path / "cpu.max").write_text(f"{quota_us or 'max'} {_PERIOD_US}")

    def add(self, pid: int) -> None:
        """Have a process in it, and what that starts from now on."""
        self.members.write_text(str(pid))

    def remove(self) -> None:
        """Remove it when its processes have ended, which are about to."""
        self.limit(None)

        def is_removed() -> bool:
            with suppress(OSError):
                self._path.rmdir()
            return not self._path.exists()

        wait_for_condition(is_removed, timeout_s=20.0)


@contextmanager
def core_share() -> Iterator[CoreShare]:
    """A new group; OSError where none can be made, as only root may, and not in each container."""
    root = _VERSION_1 if _VERSION_1.exists() else _VERSION_2
    share = CoreShare(root / f"markersteal-{os.getpid()}-{uuid.uuid4().hex[:8]}")
    try:
        yield share
    finally:
        share.remove()
