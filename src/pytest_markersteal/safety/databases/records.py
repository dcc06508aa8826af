"""What is noted beside each database: who owns it, or when a template was last used.

One line of text such as ``markersteal/1 host=ci-7&pid=4711``, which each server can keep somewhere.
It has only ASCII letters, digits and ``/ =&%+._-``, so it needs no quotes.
"""

from __future__ import annotations

import os
import socket
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from urllib.parse import parse_qsl, urlencode

_FORMAT = "markersteal/1"
_STATE, _STARTED = 0, 19
"""Where in ``/proc/<pid>/stat`` these are, behind the name."""
_Record = TypeVar("_Record", "Owner", "Prepared")


@dataclass(frozen=True, slots=True)
class Owner:
    """The process that a database belongs to.

    Times are in seconds since 1970, on the clock of the server.
    """

    kind: ClassVar[str] = "owner"

    host: str
    machine: str
    """What tells hosts, and containers in which process ids mean something else, apart."""
    pid: int
    started: str
    """When the process started, so that another one with the same id is not taken for it; may be
    empty."""
    run: str
    created_s: float
    beat_s: float
    """When it last gave a sign of life."""
    kept: bool = False
    """Whether the database was kept on request when its run ended."""

    def __str__(self) -> str:
        return f"pid {self.pid} on {self.host}, run {self.run[:8]}"

    def is_here(self) -> bool:
        """Whether it would be a process among those that this one sees."""
        return sys.platform != "win32" and self.machine == machine()

    def is_alive(self) -> bool:
        """Whether that process lives; only for one that ``is_here``."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass  # It is somebody else's, and alive.
        facts = _facts(self.pid)
        # A zombie is dead, even where nobody ever asks for its status.
        return not facts or (facts[_STATE] != "Z" and facts[_STARTED] == self.started)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A template that is complete. One without this is half-made.

    Times as above.
    """

    kind: ClassVar[str] = "template"

    run: str
    """The only run that may use it; empty where any may."""
    created_s: float
    used_s: float


def owner_here(run: str, now_s: float) -> Owner:
    """The process that asks, as the owner of something that it makes now."""
    pid = os.getpid()
    return Owner(socket.gethostname(), machine(), pid, started(pid), run, now_s, now_s)


def machine() -> str:
    """What is the same for processes that see each other by their ids, until the next boot."""
    facts = [socket.gethostname()]
    with suppress(OSError):  # Only Linux tells.
        facts.append(Path("/proc/sys/kernel/random/boot_id").read_text("ascii"))
        facts.append(os.readlink("/proc/self/ns/pid"))
    return sha256("\n".join(facts).encode()).hexdigest()[:16]


def started(pid: int) -> str:
    """When the process started, in ticks since boot; empty where nobody tells."""
    facts = _facts(pid)
    return facts[_STARTED] if facts else ""


def _facts(pid: int) -> list[str]:
    """What Linux tells of a process, behind its name; nothing elsewhere."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return []
    return stat.rpartition(")")[2].split()


def written(record: Owner | Prepared) -> str:
    """The record as text."""
    return f"{_FORMAT} {urlencode({'kind': record.kind, **asdict(record)})}"


def owner(text: str) -> Owner | None:
    """The owner that ``text`` tells of, if it does."""
    return _read(Owner, text)


def prepared(text: str) -> Prepared | None:
    """The template that ``text`` tells of, if it does."""
    return _read(Prepared, text)


def _read(record: type[_Record], text: str) -> _Record | None:
    form, _, content = text.partition(" ")
    fields = dict(parse_qsl(content, keep_blank_values=True))
    if form != _FORMAT or fields.pop("kind", None) != record.kind:
        return None
    try:
        return record(**{name: _value(name, said) for name, said in fields.items()})
    except (TypeError, ValueError):
        return None


def _value(name: str, said: str) -> Any:
    if name.endswith("_s"):
        return float(said)
    match name:
        case "pid":
            return int(said)
        case "kept":
            return said == "True"
        case _:
            return said
