"""Databases that nobody uses any more: whose runs were killed, and templates that are not needed.

None is removed that may be in use. It is in use if any of these says so, as each alone may fail:
the lock, which a pooler or a timeout can cut off until the next heartbeat; connections; the
process, where it would be one of this machine; and elsewhere its last heartbeat.
"""

from __future__ import annotations

from dataclasses import dataclass

from pytest_markersteal.safety.databases.names import Name, parsed, run_digits
from pytest_markersteal.safety.databases.records import Owner, owner, prepared
from pytest_markersteal.safety.databases.server import DatabaseInUse, Server
from pytest_markersteal.safety.databases.templates import databases_of
from pytest_markersteal.words import count

SILENT_S = 300.0
"""After what time without a heartbeat a process on another machine is taken to be dead."""

UNUSED_S = 7 * 86400.0
"""After what time templates that any run could use are no longer needed."""


@dataclass(frozen=True, slots=True)
class Found:
    """A database: what it is, whose, and why it stays; that is empty where nothing needs it."""

    name: str
    what: str
    stays: str
    removed: bool = False


class Leftovers:
    """Those of the databases made from ``base``, and those that are in use."""

    def __init__(self, server: Server, base: str) -> None:
        self._server = server
        self._base = base

    def look(self, *, remove: bool) -> list[Found]:
        """All of them; with ``remove``, without those that nobody used."""
        names = [(name, parsed(name)) for name in self._server.databases(self._base)]
        # Slots first: the template of a run is needed while the run has one.
        ordered = sorted(names, key=lambda both: both[1] is not None and both[1].is_template)
        return [self._found(name, known, remove) for name, known in ordered if known is not None]

    def _found(self, name: str, known: Name, remove: bool) -> Found:
        look = self._template if known.is_template else self._slot
        locked = self._server.lock(name, 0.0)
        try:
            found = look(name, known)
            if not locked:
                return Found(name, found.what, found.stays or "it is locked")
            if found.stays or not remove:
                return found
            try:
                self._server.drop(name, even_if_used=False)
            except DatabaseInUse:
                return Found(name, found.what, "somebody has just connected")
            return Found(name, found.what, "", removed=True)
        finally:
            if locked:
                self._server.unlock(name)

    def _slot(self, name: str, known: Name) -> Found:
        its_owner = owner(self._text(name))
        if its_owner is None:
            what = f"slot {known.slot} of a run that had just begun"
            return Found(name, what, self._connected(name))
        now_s = self._server.now_s()
        kept = "; kept on request" if its_owner.kept else ""
        what = (
            f"slot {known.slot} of {its_owner}; last heartbeat "
            f"{ago(now_s - its_owner.beat_s)}{kept}"
        )
        return Found(name, what, self._connected(name) or _signs_of_life(its_owner, now_s))

    def _template(self, name: str, known: Name) -> Found:
        noted = prepared(self._text(name))
        if noted is None:
            return Found(name, "a template that was never completed", "")
        unused_s = self._server.now_s() - noted.used_s
        what = f"template, last used {ago(unused_s)}"
        if noted.run:
            run = f"{what}, of run {noted.run[:8]} only"
            used = databases_of(self._server.databases(self._base), run_digits(noted.run))
            return Found(name, run, "the run has other databases" if used else "")
        days = f"{UNUSED_S / 86400:.0f} days"
        return Found(name, what, "" if unused_s > UNUSED_S else f"any run may need it for {days}")

    def _connected(self, name: str) -> str:
        count = self._server.connections(name)
        return f"{count} connected" if count else ""

    def _text(self, name: str) -> str:
        return self._server.databases(self._base).get(name, "")


def _signs_of_life(its_owner: Owner, now_s: float) -> str:
    if its_owner.kept:
        return ""
    if its_owner.is_here():
        return f"pid {its_owner.pid} lives" if its_owner.is_alive() else ""
    silent_s = now_s - its_owner.beat_s
    return f"silent for only {silent_s:.0f} s" if silent_s < SILENT_S else ""


def ago(seconds: float) -> str:
    """A time in the past, in its largest unit."""
    for unit, size_s in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size_s:
            return f"{count(int(seconds // size_s), unit)} ago"
    return f"{max(seconds, 0):.0f} s ago"
