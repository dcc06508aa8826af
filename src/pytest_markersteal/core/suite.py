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


@dataclass(frozen=True, slots=True)
class Claim:
    """What a test needs of one key.

    ``units`` (1 to the capacity of the key) counts only for ``Mode.WRITE``.
    """

    key: str
    mode: Mode = Mode.WRITE
    units: int = 1


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
        claims = [[claim.key, claim.mode.value, claim.units] for claim in self.claims]
        return [claims, self.exclusive, self.serial, self.group]

    @classmethod
    def of_fields(cls, fields: Any) -> Demand:
        """The demand that ``fields`` were made from; ``ValueError`` if they are none's."""
        try:
            claims, exclusive, serial, group = fields
            demand = cls(
                tuple(Claim(key, Mode(mode), units) for key, mode, units in claims),
                exclusive,
                serial,
                group,
            )
        except (TypeError, ValueError) as error:
            raise ValueError(f"not a demand: {fields!r} ({error})") from error
        kinds = [type(exclusive) is bool, type(serial) is bool, isinstance(group, str | None)]
        kinds += [isinstance(claim.key, str) for claim in demand.claims]
        kinds += [type(claim.units) is int and claim.units > 0 for claim in demand.claims]
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
        """Whether two workers can hold ``claims`` at the same time."""
        return all(
            claim.mode is Mode.READ or 2 * claim.units <= self.capacity(claim.key)
            for claim in claims
        )

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
