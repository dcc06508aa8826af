"""Which instances of a resource a test holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest

_HELD = pytest.StashKey[Mapping[str, Sequence[int]]]()


@dataclass(frozen=True, slots=True)
class Holding:
    """What a test holds of one resource.

    ``instances`` are numbers from 0 to capacity - 1, as many as the test has units, and no other
    test that runs at the same time has any of them; empty for ``mode="read"``.
    """

    key: str
    instances: tuple[int, ...]

    @property
    def instance(self) -> int:
        """The one instance; ``ValueError`` where there are more or none."""
        if len(self.instances) != 1:
            raise ValueError(
                f"the test holds {len(self.instances)} instances of {self.key!r}: use .instances"
            )
        return self.instances[0]


def hold(item: pytest.Item, instances: Mapping[str, Sequence[int]]) -> None:
    """Note what the scheduler gave to ``item``."""
    item.stash[_HELD] = instances


def held_by(item: pytest.Item, key: str, units: int) -> Holding:
    """What ``item`` holds of ``key``; without a scheduler, the first ``units`` instances."""
    given = item.stash.get(_HELD, {}).get(key)
    return Holding(key, tuple(range(units)) if given is None else tuple(given))
