"""SQLite: databases are files in one folder, each with a file beside it that is locked.

That one is called like the database and ``.owner``, and has what is noted. It goes with the
database; who has locked one that is gone meanwhile opens the one that is there now.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path

from pytest_markersteal.descriptors import open_descriptor
from pytest_markersteal.safety import kernel_lock
from pytest_markersteal.safety.databases.names import parsed
from pytest_markersteal.safety.databases.server import DatabaseInUse
from pytest_markersteal.safety.databases.urls import DatabaseUrl
from pytest_markersteal.sync.clocks import SYSTEM_CLOCK, Clock

_COMPANIONS = ("-wal", "-shm", "-journal")
_OWNER = ".owner"
_LOOK_S = 0.02
_BUSY_S = 10.0
"""How long a transaction that was left open may hinder the end of a preparation."""
_LONGEST_NOTE = 4096


class SqliteFiles:
    """The files beside that of ``url``."""

    def __init__(
        self, url: DatabaseUrl, clock: Clock = SYSTEM_CLOCK, busy_s: float = _BUSY_S
    ) -> None:
        self._url = url
        self._folder = url.path.parent.absolute()  # Tests may go elsewhere.
        self._clock = clock
        self._busy_s = busy_s
        self._locked: dict[str, int] = {}

    def lock(self, name: str, timeout_s: float) -> bool:
        """Take the lock called ``name``; False if another holder has it for so long."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._owner_path(name)
        until_s = self._clock.monotonic() + timeout_s
        while True:
            descriptor = open_descriptor(path, os.O_RDWR | os.O_CREAT, 0o600)
            if kernel_lock.lock(descriptor):
                if _is_still(path, descriptor):
                    self._locked[name] = descriptor
                    return True
                os.close(descriptor)
                continue
            os.close(descriptor)
            if self._clock.monotonic() >= until_s:
                return False
            self._clock.sleep(_LOOK_S)

    def unlock(self, name: str) -> None:
        """Give back a lock; its file is removed where there is no database with it."""
        descriptor = self._locked.pop(name)
        if not self._path(name).exists():
            if os.name == "nt":
                kernel_lock.unlock(descriptor)
                os.close(descriptor)
                with suppress(PermissionError):  # Somebody has opened it by now.
                    self._owner_path(name).unlink(missing_ok=True)
                return
            self._owner_path(name).unlink(missing_ok=True)
        kernel_lock.unlock(descriptor)
        os.close(descriptor)

    def databases(self, base: str) -> Mapping[str, str]:
        """The databases made from ``base``: what is noted beside each, empty if nothing is."""
        if not self._folder.is_dir():
            return {}
        # Who was killed at once has left only a file beside none.
        files = {file.name.removesuffix(_OWNER) for file in self._folder.iterdir()}
        ending = self._url.path.suffix
        stems = sorted(file.removesuffix(ending) for file in files if Path(file).suffix == ending)
        names = [stem for stem in stems if (known := parsed(stem)) and known.base == base]
        return {name: self._noted(name) for name in names}

    def create(self, name: str) -> None:
        """Make an empty one."""
        self._path(name).touch(exist_ok=False)

    def clone(self, template: str, name: str) -> None:
        """Make one with all that ``template`` has."""
        shutil.copyfile(self._path(template), self._path(name))

    def seal(self, name: str) -> None:
        """See to it that all of a database is in its one file."""
        path = self._path(name)
        with closing(sqlite3.connect(path, timeout=self._busy_s)) as connection:
            try:
                # A write lock, so that no transaction is left half-way in a journal.
                connection.execute("BEGIN IMMEDIATE")
                connection.rollback()
                ((busy, _, _),) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            except sqlite3.OperationalError as error:
                busy, reason = 1, str(error)
            else:
                reason = "it is being read"
        if busy:
            raise DatabaseInUse(
                f"{path}: {reason}: what prepares a database must end its transactions"
            )

    def note(self, name: str, text: str) -> None:
        """Note ``text`` beside a database whose lock this has."""
        descriptor = self._locked[name]
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, text.encode("ascii"))

    def beat(self, name: str, text: Callable[[float], str]) -> None:
        """Note the text of the time that it is; a lock on a file is never cut off."""
        self.note(name, text(self.now_s()))

    def connections(self, name: str) -> int:
        """0, as files tell nothing."""
        return 0

    def drop(self, name: str, *, even_if_used: bool) -> None:
        """Remove a database if it is there; where it is open, it lives on for who has opened it."""
        path = self._path(name)
        path.unlink(missing_ok=True)
        for ending in _COMPANIONS:
            path.with_name(path.name + ending).unlink(missing_ok=True)

    def now_s(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def close(self) -> None:
        """Give back all locks."""
        for name in list(self._locked):
            self.unlock(name)

    def _path(self, name: str) -> Path:
        return self._folder / self._url.named(name).path.name

    def _owner_path(self, name: str) -> Path:
        path = self._path(name)
        return path.with_name(f"{path.name}{_OWNER}")

    def _noted(self, name: str) -> str:
        try:
            with self._owner_path(name).open("rb") as file:
                return file.read(_LONGEST_NOTE).decode("ascii")
        except (OSError, UnicodeDecodeError):
            return ""


def _is_still(path: Path, descriptor: int) -> bool:
    """Whether the file that is open is the one that is there."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
