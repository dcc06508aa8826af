"""Turns Python's audit events into touches of whoever is at work in this process.

The interpreter raises an event before each thing of interest, in any thread. A hook can't be
removed, so there is one for a session, and when that is over it knows no event any more. What is
done by other processes, or by C code that raises no events, is not seen.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import weakref
from collections.abc import Callable
from typing import Any

from pytest_markersteal.races.watch import footprint
from pytest_markersteal.races.watch.footprint import Touch
from pytest_markersteal.races.watch.noise import LOCKS, VARIABLES, Noise

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_HERE = (-1, None)
"""What stands for a folder to count from where none is given."""

_ANYWHERE = ("", "0.0.0.0", "::", "localhost", "127.0.0.1", "::1")
"""Hosts of which one binding keeps away another."""

_IMPORTING = ("importlib", "pkgutil")
"""Who lists folders to find modules."""

_MOST_NAMES = 10_000
"""How many paths are remembered with what is to be said of them."""

_FRAMES = 20
"""How far away from its socket an event loop is made, at most."""


class Touches:
    """The touches of one test, or of one fixture; the first of each kind counts."""

    def __init__(self) -> None:
        self.seen: dict[tuple[str, str, str], Touch] = {}
        self.databases: dict[str, tuple[str, object, int, float]] = {}
        """By name: path, and what the file was like when it was first connected to; phase, time."""
        self.asked_for_any_port = False

    def phase_of(self, kind: str, name: str) -> int:
        """The phase in which a variable was set, or the working directory changed; -1 if none."""
        found = -1
        for touch in self.seen.values():
            if (touch.kind == kind == footprint.VARIABLE and touch.name == name) or (
                touch.kind == name == footprint.DIRECTORY
            ):
                found = touch.phase
        return found


class Tap:
    """Gathers touches while there is somebody whose they are."""

    def __init__(
        self, noise: Noise, clock_s: Callable[[], float], lasting: Callable[[int], bool]
    ) -> None:
        """``lasting`` says whether the system gives a port to nobody who asks for any."""
        self._noise = noise
        self._clock_s = clock_s
        self._lasting = lasting
        self._names: dict[tuple[str, bool], str | None] = {}
        self.owners: list[Touches] = []
        """Whose touches they are: the last one's. Ports asked for by any count for all."""
        self.phase = 0
        self.variables: set[str] = set()
        """Those set or removed since somebody last emptied it; so with ``moved``."""
        self.moved = False
        self.processes: weakref.WeakSet[subprocess.Popen[Any]] = weakref.WeakSet()
        self.loops: weakref.WeakSet[Any] = weakref.WeakSet()
        """Event loops, but those that plugins made."""
        self.trouble: str | None = None
        """The first event that was not understood."""
        self._handlers: dict[str, Callable[..., None]] = {
            "open": self._open,
            "os.remove": self._remove,
            "os.rmdir": self._remove,
            "os.mkdir": self._mkdir,
            "os.rename": self._rename,
            "os.truncate": self._truncate,
            "os.listdir": self._list,
            "os.scandir": self._list,
            "os.link": self._link,
            "os.symlink": self._link,
            "shutil.rmtree": self._rmtree,
            "tempfile.mkdtemp": noise.claim,
            "tempfile.mkstemp": noise.claim,
            "sqlite3.connect": self._sqlite,
            "socket.bind": self._bind,
            "socket.connect": self._connect,
            "socket.__new__": self._socket,
            "os.putenv": self._variable,
            "os.unsetenv": self._variable,
            "os.chdir": self._chdir,
            "subprocess.Popen": self._popen,
            "os.system": self._process,
            "os.posix_spawn": self._process,
            "os.spawn": self._spawn,
            "os.fork": self._process,
            "os.forkpty": self._process,
        }

    def install(self) -> None:
        """Begin to listen, for as long as this process lives."""
        known = self._handlers.get

        def hear(event: str, args: tuple[Any, ...]) -> None:
            handle = known(event)
            if handle is not None:
                try:
                    handle(*args)
                except Exception as error:
                    # Raised here, it would be an error of the test.
                    self.trouble = self.trouble or f"{event}: {error!r}"

        sys.addaudithook(hear)

    def close(self) -> None:
        """Hear nothing any more."""
        self._handlers.clear()

    def finish(self, touches: Touches) -> list[Touch]:
        """All of ``touches``, whose owner is done."""
        for name, (path, before, phase, at_s) in touches.databases.items():
            changed = _contents(path) != before
            how = footprint.DATABASE_WRITTEN if changed else footprint.DATABASE_READ
            touch = Touch(footprint.FILE, name, how, phase, at_s)
            touches.seen.setdefault(touch[:3], touch)
        touches.databases.clear()
        return list(touches.seen.values())

    def _touch(self, kind: str, name: str, how: str) -> None:
        seen = self.owners[-1].seen
        if (kind, name, how) not in seen:
            seen[kind, name, how] = Touch(kind, name, how, self.phase, self._clock_s())

    # Files

    def _file(self, path: Any, how: str, *, writes: bool = True) -> None:
        name = self._named(path, writes)
        if name is None:
            return
        if name.endswith(LOCKS):
            self._touch(footprint.LOCK, name, footprint.LOCKED)
        else:
            self._touch(footprint.FILE, name, how)

    def _named(self, path: Any, writes: bool) -> str | None:
        if not self.owners or isinstance(path, int):
            return None  # Nobody is at work, or it is a file that is open already.
        path = os.fsdecode(path)
        if not os.path.isabs(path):
            return self._noise.named(path, writes=writes)
        if len(self._names) > _MOST_NAMES:
            self._names.clear()
        key = path, writes
        if key not in self._names:
            self._names[key] = self._noise.named(path, writes=writes)
        return self._names[key]

    def _open(self, path: Any, mode: object, flags: int) -> None:
        if not self.owners or isinstance(path, int):
            return
        if not flags & _WRITING:
            # Without a mode it is os.open, whose path may count from a folder that is not told.
            if mode is not None or os.path.isabs(path):
                self._file(path, footprint.READ, writes=False)
        elif not os.path.exists(path):
            self._file(path, footprint.CREATED)
        elif not os.path.isdir(path):  # Then it is a temporary file without a name.
            self._file(path, footprint.WRITTEN)

    def _list(self, path: Any) -> None:
        # Above is the hook, and then who lists.
        if self.owners:
            lister = sys._getframe(2).f_globals.get("__name__", "")
            if not lister.startswith(_IMPORTING):
                self._file("." if path is None else path, footprint.LISTED, writes=False)

    def _remove(self, path: Any, folder: int | None = None) -> None:
        # Where a folder is given, the path counts from there. It is one that is being emptied.
        # To remove what is not there, to be sure, changes nothing.
        if folder in _HERE and self.owners and os.path.lexists(path):
            self._file(path, footprint.REMOVED)

    def _mkdir(self, path: Any, mode: int, folder: int | None = None) -> None:
        # Made again by many who only want it to be there.
        if folder in _HERE and self.owners and not os.path.isdir(path):
            self._file(path, footprint.MADE)

    def _rename(
        self, old: Any, new: Any, old_folder: int | None = None, new_folder: int | None = None
    ) -> None:
        for path, folder in ((old, old_folder), (new, new_folder)):
            if folder in _HERE:
                self._file(path, footprint.RENAMED)

    def _truncate(self, path: Any, length: int) -> None:
        self._file(path, footprint.WRITTEN)

    def _link(self, target: Any, path: Any, *folders: int | None) -> None:
        if folders[-1] in _HERE:
            self._file(path, footprint.MADE)

    def _rmtree(self, path: Any, folder: int | None = None) -> None:
        if folder in _HERE and self.owners and os.path.lexists(path):
            self._file(path, footprint.EMPTIED)

    def _sqlite(self, database: Any) -> None:
        path = os.fsdecode(database)
        if not self.owners or path in ("", ":memory:"):
            return
        if path.startswith("file:"):
            path, _, query = path.removeprefix("file:").partition("?")
            if "mode=memory" in query or path in ("", ":memory:"):
                return
        name = self._named(path, writes=True)
        if name is not None and name not in self.owners[-1].databases:
            path = os.path.abspath(path)  # The test may go elsewhere.
            known = path, _contents(path), self.phase, self._clock_s()
            self.owners[-1].databases[name] = known

    # Ports

    def _bind(self, socket_: socket.socket, address: Any) -> None:
        self._port(socket_, address, footprint.BOUND)

    def _connect(self, socket_: socket.socket, address: Any) -> None:
        self._port(socket_, address, footprint.CONNECTED)

    def _port(self, socket_: socket.socket, address: Any, how: str) -> None:
        if not self.owners:
            return
        if isinstance(address, str | bytes) and socket_.family == getattr(socket, "AF_UNIX", None):
            path = os.fsdecode(address)
            if path and not path.startswith("\0"):
                self._file(path, how, writes=how == footprint.BOUND)
            return
        if socket_.family not in (socket.AF_INET, socket.AF_INET6):
            return
        host, port = address[:2]
        is_bound = how == footprint.BOUND
        if port == 0:
            self.owners[-1].asked_for_any_port |= is_bound
            return
        asked = any(owner.asked_for_any_port for owner in self.owners)
        if is_bound and asked and not self._lasting(port):
            return  # Most likely one that was asked for, closed, and is used now.
        name = str(port) if host in _ANYWHERE else f"{host}:{port}"
        if socket_.type == socket.SOCK_DGRAM:
            name += "/udp"
        self._touch(footprint.PORT, name, how)

    # What is the process's own

    def _variable(self, name: Any, *value: Any) -> None:
        text = os.fsdecode(name)
        if not text.startswith(VARIABLES):
            self.variables.add(text)
            if self.owners:
                self._touch(footprint.VARIABLE, text, footprint.SET)

    def _chdir(self, path: Any) -> None:
        self.moved = True
        if self.owners:
            name = str(path) if isinstance(path, int) else os.fsdecode(path)
            self._touch(footprint.DIRECTORY, name, footprint.ENTERED)

    def _popen(self, executable: Any, args: Any, *rest: Any) -> None:
        self._process(args if executable is None else executable)
        # Above are the hook, and the method that starts the process.
        started = sys._getframe(2).f_locals.get("self")
        if isinstance(started, subprocess.Popen):
            self.processes.add(started)

    def _spawn(self, mode: int, path: Any, *rest: Any) -> None:
        self._process(path)

    def _process(self, path: Any = "fork", *rest: Any) -> None:
        if self.owners:
            name = os.path.basename(os.fsdecode(path).split(" ")[0])
            self._touch(footprint.PROCESS, name, footprint.STARTED)

    def _socket(self, *args: Any) -> None:
        """Note the event loop that makes this socket to wake itself, if one does."""
        asyncio = sys.modules.get("asyncio.base_events")
        if asyncio is None:
            return
        frame: Any = sys._getframe(2)
        loop = None
        for _ in range(_FRAMES):
            if frame is None:
                return
            if loop is None and frame.f_code.co_name == "_make_self_pipe":
                loop = frame.f_locals.get("self")
            elif loop is not None and not frame.f_globals.get("__name__", "").startswith("asyncio"):
                if "site-packages" not in frame.f_code.co_filename:
                    self.loops.add(loop)
                return
            frame = frame.f_back


def _contents(path: str) -> object:
    """What changes when a database is written to: to open it would release SQLite's locks."""
    return [_status(path), _status(f"{path}-wal")]


def _status(path: str) -> object:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino
