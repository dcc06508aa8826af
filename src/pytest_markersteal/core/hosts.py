"""Which host each worker is on, and so which of several things a key names.

A key of the session names one thing. A key that is claimed per host names one on each: a port, a
local file. Where no test claims such a key, all workers count as being on one host.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from pytest_markersteal.core.messages import WorkerId
from pytest_markersteal.core.suite import Suite


class KeyAt(NamedTuple):
    """What a key names: on ``host``, or in the whole session, where that is empty."""

    key: str
    host: str = ""


class Hosts:
    """The hosts of the workers that are there, and of those that are to come."""

    def __init__(self, suite: Suite) -> None:
        self._per_host = suite.host_keys
        self._of: dict[WorkerId, str] = {}
        self._of_slot: dict[int, str] = {}
        self._manned: Counter[str] = Counter()

    def join(self, worker: WorkerId, slot: int, host: str) -> str:
        """``worker`` is there, in ``slot``; the host that it counts as being on."""
        host = host if self._per_host else ""
        self._of[worker] = self._of_slot[slot] = host
        self._manned[host] += 1
        return host

    def leave(self, worker: WorkerId) -> None:
        """``worker`` is gone; another one may come in its slot."""
        host = self._of.pop(worker)
        self._manned[host] -= 1
        if not self._manned[host]:
            del self._manned[host]

    def lose(self, slot: int) -> None:
        """No worker will come in ``slot`` any more."""
        self._of_slot.pop(slot, None)

    def of(self, worker: WorkerId) -> str:
        """The host of ``worker``."""
        return self._of[worker]

    def at(self, worker: WorkerId, key: str) -> KeyAt:
        """What ``key`` names for ``worker``."""
        return self.on(self._of[worker], key)

    def on(self, host: str, key: str) -> KeyAt:
        """What ``key`` names on ``host``."""
        return KeyAt(key, host if key in self._per_host else "")

    @property
    def manned(self) -> int:
        """On how many hosts there are workers."""
        return len(self._manned)

    @property
    def lasting(self) -> list[str]:
        """The hosts on which tests can still run, sorted: those of workers, and of their slots."""
        return sorted({*self._manned, *self._of_slot.values()})
