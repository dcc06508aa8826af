"""What the core knows of a suite: for each test its demand and its place in the source.

Tests are numbers, 0 to ``len(suite) - 1``, in collection order. Columns are arrays rather than
objects because a suite may have a million tests and few distinct demands.
"""

from __future__ import annotations

import enum
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DEDICATED = "dedicated"
"""The home of ``serial`` and ``no_parallel`` tests: the dedicated worker."""


class Mode(enum.Enum):
    """How a test uses a key."""

    WRITE = "write"
    READ = "read"


class KeyScope(enum.Enum):
    """Where no other test may use the key: anywhere in the session, or on the same host."""

    SESSION = "session"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a test needs of one key.

    ``units`` (1 to the capacity of the key) counts only for ``Mode.WRITE``.
    """

    key: str
    mode: Mode = Mode.WRITE
    units: int = 1
    scope: KeyScope = KeyScope.SESSION

    def fields(self) -> list[Any]:
        """The claim as plain data; its scope only where that is not the usual one."""
        usual = [self.key, self.mode.value, self.units]
        return usual if self.scope is KeyScope.SESSION else [*usual, self.scope.value]

    @classmethod
    def of_fields(cls, fields: Any) -> Claim:
        """The claim that ``fields`` were made from; ``ValueError`` if they are none's."""
        try:
            key, mode, units, *scope = fields
            claim = cls(key, Mode(mode), units, *map(KeyScope, scope))
        except (TypeError, ValueError) as error:
            raise ValueError(f"not a claim: {fields!r} ({error})") from error
        if not isinstance(key, str) or type(units) is not int or units < 1:
            raise ValueError(f"not a claim: {fields!r}")
        return claim


@dataclass(frozen=True, slots=True)
class Demand:
    """All that the marks of a test ask of the scheduler.

    ``claims`` holds each key at most once, sorted by key.
    """

    claims: tuple[Claim, ...] = ()
    exclusive: bool = False
    serial: bool = False
    group: str | None = None

    def fields(self) -> list[Any]:
        """The demand as plain data, for the wire and for files."""
        claims = [claim.fields() for claim in self.claims]
        return [claims, self.exclusive, self.serial, self.group]

    @classmethod
    def of_fields(cls, fields: Any) -> Demand:
        """The demand that ``fields`` were made from; ``ValueError`` if they are none's."""
        try:
            claims, exclusive, serial, group = fields
            demand = cls(tuple(map(Claim.of_fields, claims)), exclusive, serial, group)
        except (TypeError, ValueError) as error:
            raise ValueError(f"not a demand: {fields!r} ({error})") from error
        kinds = [type(exclusive) is bool, type(serial) is bool, isinstance(group, str | None)]
        if not all(kinds):
            raise ValueError(f"not a demand: {fields!r}")
        return demand


class Suite:
    """The tests of one run, as columns indexed by test."""

    def __init__(
        self,
        demands: Sequence[Demand],
        demand_of: Iterable[int],
        places: tuple[array[int], array[int], array[int], array[int]],
        capacities: Mapping[str, int] | None = None,
    ) -> None:
        """Keep the columns.

        ``demand_of`` indexes ``demands``; ``places`` are the columns function, class, module and
        package, of which each place is within one place of the next.
        Raises ``ValueError`` if a demand could never be met.
        """
        self.demands = tuple(demands)
        self.demand_of = array("L", demand_of)
        self.function_of, self.class_of, self.module_of, self.package_of = places
        self.capacities = dict(capacities or {})
        if len({len(self.demand_of), *(len(column) for column in places)}) != 1:
            raise ValueError("the columns of a suite must be of one length")
        for demand in self.demands:
            for claim in demand.claims:
                if not 1 <= claim.units <= self.capacity(claim.key):
                    raise ValueError(f"{claim} exceeds the capacity {self.capacity(claim.key)}")
        self.host_keys = self._host_keys()
        """The keys that every test claims per host: one that does not makes a key the session's."""
        self.homes = self._homes()

    def __len__(self) -> int:
        return len(self.demand_of)

    def __repr__(self) -> str:
        return (
            f"<Suite of {len(self)}: demands={self.demands} of={self.demand_of.tolist()} "
            f"modules={self.module_of.tolist()}>"
        )

    def demand(self, test: int) -> Demand:
        """The demand of ``test``."""
        return self.demands[self.demand_of[test]]

    def capacity(self, key: str) -> int:
        """How many units of ``key`` there are; 1 unless configured."""
        return self.capacities.get(key, 1)

    def splittable(self, claims: tuple[Claim, ...]) -> bool:
        """Whether any two workers can hold ``claims`` at the same time."""
        return all(
            claim.mode is Mode.READ or 2 * claim.units <= self.capacity(claim.key)
            for claim in claims
        )

    def spreads(self, claims: tuple[Claim, ...]) -> bool:
        """Whether two workers on different hosts can hold ``claims`` at the same time."""
        return all(claim.key in self.host_keys or self.splittable((claim,)) for claim in claims)

    def _host_keys(self) -> frozenset[str]:
        claims = [claim for number in set(self.demand_of) for claim in self.demands[number].claims]
        keys = {claim.key for claim in claims}
        return frozenset(keys - {c.key for c in claims if c.scope is KeyScope.SESSION})

    def _homes(self) -> tuple[str | None, ...]:
        """The home of each demand: the one worker on which its tests must run, if any.

        A group with a ``serial`` or ``no_parallel`` member lives on the dedicated worker as a
        whole, because a test can't be on two workers.
        """
        dedicated_groups = {
            demand.group
            for demand in (self.demands[index] for index in set(self.demand_of))
            if demand.serial or demand.exclusive
        }
        return tuple(
            DEDICATED
            if demand.serial or demand.exclusive or (demand.group in dedicated_groups - {None})
            else (f"group {demand.group}" if demand.group is not None else None)
            for demand in self.demands
        )
