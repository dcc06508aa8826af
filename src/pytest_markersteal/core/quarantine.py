"""What becomes of an instance of a key when a worker dies with it.

The test that ran there, and those whose fixtures were still set up, may have left what they held
in any state. So nobody else gets it until it has been checked. Found to be unhealthy, it stays
isolated, and tests that claim more than is left can never run. Where nobody can tell, it stays
isolated if every test of the suite can do without: a key that exists once is handed on. Of a key
per host, all of this holds on the host of the worker that died, and other hosts go on.

Readers hold no instance; they wait only while every instance is isolated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from pytest_markersteal.core.hosts import Hosts, KeyAt
from pytest_markersteal.core.leases import Leases
from pytest_markersteal.core.messages import EventError
from pytest_markersteal.core.suite import Claim, Mode, Suite
from pytest_markersteal.core.workers import Worker


class Instance(NamedTuple):
    """One of what there are several of: ``number`` is 0 to the capacity of ``key`` less one.

    ``host`` is where it is, if there are as many on each host; else it is empty.
    """

    key: str
    number: int
    host: str = ""


class Quarantine:
    """Which instances are isolated, and why."""

    def __init__(self, suite: Suite, leases: Leases, hosts: Hosts, *, checks: bool) -> None:
        """Isolate instances of ``leases``; with ``checks``, somebody tells how they are."""
        self._suite = suite
        self._leases = leases
        self._hosts = hosts
        self._checks = checks
        self._unchecked: set[Instance] = set()
        self._kept: set[Instance] = set()
        self._most: Counter[str] = Counter()
        """The most units of each key that a test claims."""
        for demand in suite.demands:
            for claim in demand.claims:
                self._most[claim.key] = max(self._most[claim.key], _units(claim))

    @property
    def isolated(self) -> frozenset[Instance]:
        """The instances that nobody may hold."""
        return frozenset(self._unchecked | self._kept)

    @property
    def waits(self) -> bool:
        """Whether a check is under way."""
        return bool(self._unchecked)

    @property
    def is_uneven(self) -> bool:
        """Whether there is less of something on one host than on others, for good."""
        return any(instance.host for instance in self._kept)

    def isolate(self, worker: Worker) -> None:
        """Keep others from what ``worker``, which is gone, has used and not let go in order."""
        for key, units in worker.used.items():
            host = self._hosts.at(worker.name, key).host
            for number in self._leases.isolate(worker.name, key, units):
                instance = Instance(key, number, host)
                self._unchecked.add(instance)
                if not self._checks:
                    self.answer(instance, healthy=None)

    def answer(self, instance: Instance, *, healthy: bool | None) -> bool:
        """Take in how ``instance`` is, None if nobody knows; whether it may be held again."""
        if instance not in self._unchecked:
            raise EventError(f"{instance} was checked, but it is not isolated, or was checked")
        self._unchecked.remove(instance)
        at = KeyAt(instance.key, instance.host)
        if healthy or (healthy is None and not self._can_be_spared(at)):
            self._leases.readmit(at, instance.number)
            return True
        self._kept.add(instance)
        return False

    def lacking(self, claims: Sequence[Claim], hosts: Sequence[str]) -> str | None:
        """A key of which ``claims`` need more than there will ever be on any of ``hosts``.

        None if there is enough of all of them on one host.
        """
        if not self._kept:
            return None
        lacking = [self._lacking_on(host, claims) for host in hosts or [""]]
        return lacking[0] if all(key is not None for key in lacking) else None

    def _lacking_on(self, host: str, claims: Sequence[Claim]) -> str | None:
        for claim in claims:
            if _units(claim) > self._left(self._hosts.on(host, claim.key)):
                return claim.key
        return None

    def _can_be_spared(self, at: KeyAt) -> bool:
        return self._left(at) - 1 >= self._most[at.key]

    def _left(self, at: KeyAt) -> int:
        kept = sum((instance.key, instance.host) == at for instance in self._kept)
        return self._suite.capacity(at.key) - kept


def _units(claim: Claim) -> int:
    """How many instances must not be isolated for ``claim``."""
    return claim.units if claim.mode is Mode.WRITE else 1
