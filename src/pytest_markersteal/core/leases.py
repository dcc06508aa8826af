"""Who holds which key.

A worker's lease is all or nothing over the claims of a job, so there is no hold-and-wait and hence
no deadlock (Coffman et al. 1971, "System deadlocks"). Within one worker tests run one after
another, so a worker needs the largest claim of its tests, never their sum. What a key names may
depend on the worker's host: each of those things is held for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pytest_markersteal.core.hosts import Hosts, KeyAt
from pytest_markersteal.core.messages import WorkerId
from pytest_markersteal.core.suite import Claim, Mode


@dataclass(slots=True)
class _Key:
    free: list[int]
    """Instances that nobody holds, and anybody may, ascending."""
    held: dict[WorkerId, tuple[int, ...]]
    readers: set[WorkerId]


class Leases:
    """The holds of all workers on all keys."""

    def __init__(self, capacity: Callable[[str], int], hosts: Hosts) -> None:
        self._capacity = capacity
        self._at = hosts.at
        self._keys: dict[KeyAt, _Key] = {}

    def blocker(self, worker: WorkerId, claims: Sequence[Claim]) -> KeyAt | None:
        """The first key that keeps ``worker`` from holding ``claims`` now; None if all are free."""
        for claim in claims:
            at = self._at(worker, claim.key)
            key = self._keys.get(at)
            if key is None:
                continue
            if claim.mode is Mode.READ:
                # A writer that goes on to read would keep all other readers out: it lets go first.
                blocked = bool(key.held) or not key.free
            else:
                own = len(key.held.get(worker, ()))
                blocked = bool(key.readers - {worker}) or len(key.free) + own < claim.units
            if blocked:
                return at
        return None

    def acquire(self, worker: WorkerId, claims: Sequence[Claim]) -> None:
        """Give ``worker`` all of ``claims``; the caller has asked ``blocker`` first."""
        assert self.blocker(worker, claims) is None
        for claim in claims:
            at = self._at(worker, claim.key)
            key = self._keys.get(at)
            if key is None:
                key = self._keys[at] = _Key(list(range(self._capacity(claim.key))), {}, set())
            if claim.mode is Mode.READ:
                key.readers.add(worker)
            else:
                own = key.held.get(worker, ())
                lacking = max(0, claim.units - len(own))
                key.held[worker] = own + tuple(key.free[:lacking])
                del key.free[:lacking]

    def release(self, worker: WorkerId, name: str) -> None:
        """Take from ``worker`` all that it holds of key ``name``."""
        key = self._keys[self._at(worker, name)]
        key.readers.discard(worker)
        key.free = sorted((*key.free, *key.held.pop(worker, ())))

    def shrink(self, worker: WorkerId, name: str, units: int) -> bool:
        """Leave ``worker`` the first ``units`` instances of key ``name``; whether others came free.

        Those first ones are what its tests have been told that they hold.
        """
        key = self._keys[self._at(worker, name)]
        held = key.held.get(worker, ())
        if len(held) <= units:
            return False
        key.held[worker] = held[:units]
        key.free = sorted((*key.free, *held[units:]))
        return True

    def isolate(self, worker: WorkerId, name: str, units: int) -> tuple[int, ...]:
        """Take the first ``units`` instances of key ``name`` from ``worker``, for nobody to have.

        Those are fewer where it holds fewer.
        """
        key = self._keys[self._at(worker, name)]
        held = key.held[worker]
        key.held[worker] = held[units:]
        return held[:units]

    def readmit(self, at: KeyAt, instance: int) -> None:
        """Let workers hold an instance of the key ``at`` again that was isolated."""
        key = self._keys[at]
        key.free = sorted((*key.free, instance))

    def instances(self, worker: WorkerId, claim: Claim) -> tuple[int, ...]:
        """The instances of the key that a test of ``worker`` with ``claim`` may use."""
        return self._keys[self._at(worker, claim.key)].held[worker][: claim.units]

    def holders(self, at: KeyAt) -> tuple[frozenset[WorkerId], dict[WorkerId, tuple[int, ...]]]:
        """The readers of the key ``at``, and the instances held by each writer."""
        key = self._keys.get(at)
        return (frozenset(), {}) if key is None else (frozenset(key.readers), dict(key.held))

    def free(self, at: KeyAt) -> tuple[int, ...]:
        """The instances of the key ``at``, once held, that anybody may hold now."""
        return tuple(self._keys[at].free)

    def ever_held(self) -> list[KeyAt]:
        """Every key that was ever held."""
        return list(self._keys)
