"""One lock file for each port: who has its kernel lock has the port, for as long as it lives.

The files are never removed: a process that waits with an open file would then hold a lock that
nobody else sees. They say who holds the port, for error messages, or when it was given back.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from pytest_markersteal.descriptors import open_descriptor
from pytest_markersteal.safety.kernel_lock import lock, unlock

_LONGEST_TEXT = 4096
"""In bytes, of what is read."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a port: ``test`` is what ran when it was taken; it and ``run`` may be empty."""

    pid: int
    slot: int
    run: str
    test: str

    def __str__(self) -> str:
        place = f" (slot {self.slot} of run {self.run[:8]})" if self.run else ""
        return f"pid {self.pid}{place}" + (f" in {self.test}" if self.test else "")


def own_folder() -> Path:
    """The folder of this user for lock files of ports; ``RuntimeError`` where it is not safe."""
    folder = Path(tempfile.gettempdir()) / f"pytest-markersteal-ports-{_user()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if sys.platform != "win32":
        status = folder.lstat()
        others = stat.S_IMODE(status.st_mode) & (stat.S_IWGRP | stat.S_IWOTH)
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or others:
            raise RuntimeError(
                f"{folder} is not a folder that only this user can write to: remove it, or set "
                "TMPDIR to a folder of your own"
            )
    return folder


class PortLock:
    """The kernel's lock on one port, held until it is closed or the process dies."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._pid = os.getpid()

    def released_s(self) -> float | None:
        """When the port was last given back, on the clock of who did; None if nobody did."""
        released_s = _read(self._descriptor).get("released_s")
        return released_s if isinstance(released_s, float) else None

    def describe(self, holder: Holder) -> None:
        """Say who holds the port."""
        self._write(json.dumps(asdict(holder)))

    def give_back(self, now_s: float) -> None:
        """Say when the port was given back, and close."""
        # A fork has the lock too, and leaves the same blocks; the port is its parent's.
        if os.getpid() == self._pid:
            self._write(json.dumps({"released_s": now_s}))
        self.close()

    def close(self) -> None:
        """Let others have the port."""
        if os.getpid() == self._pid:
            unlock(self._descriptor)  # Not only closed: forks that live on have it open.
        os.close(self._descriptor)

    def _write(self, text: str) -> None:
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.write(self._descriptor, text.encode())


class PortLocks:
    """The lock files in ``folder``, which must exist."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def try_lock(self, port: int) -> PortLock | None:
        """The lock of ``port``; None where anybody has it, another thread too."""
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        descriptor = open_descriptor(self._path(port), flags, 0o600)
        try:
            locked = lock(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        if not locked:
            os.close(descriptor)
            return None
        return PortLock(descriptor)

    def holder(self, port: int) -> Holder | None:
        """Who says that it holds ``port``; None where nobody does, or has not said so yet."""
        try:
            descriptor = open_descriptor(self._path(port), os.O_RDONLY)
        except FileNotFoundError:
            return None
        try:
            match _read(descriptor):
                case {"pid": int(pid), "slot": int(slot), "run": str(run), "test": str(test)}:
                    return Holder(pid, slot, run, test)
                case _:
                    return None
        finally:
            os.close(descriptor)

    def _path(self, port: int) -> Path:
        return self._folder / f"{port}.lock"


def _read(descriptor: int) -> dict[str, object]:
    """What a lock file says; nothing where it is new, or being written."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    try:
        said = json.loads(os.read(descriptor, _LONGEST_TEXT))
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _user() -> str:
    if sys.platform == "win32":
        return "user"  # The folder for temporary files is the user's own.
    return str(os.getuid())
