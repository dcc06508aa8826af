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
    test that runs at the same time has any of them; empty for ``mode="read"``. ``names`` are what
    they are called in ``markersteal_resources``; empty where it says only how many there are.
    """

    key: str
    instances: tuple[int, ...]
    names: tuple[str, ...] = ()

    @property
    def instance(self) -> int:
        """The one instance; ``ValueError`` where there are more or none."""
        if len(self.instances) != 1:
            raise ValueError(
                f"the test holds {len(self.instances)} instances of {self.key!r}: "
                "use .instances or .names"
            )
        return self.instances[0]

    @property
    def name(self) -> str:
        """The name of the one instance; ``ValueError`` where there is not one, or it has none."""
        instance = self.instance
        if not self.names:
            raise ValueError(
                f"instance {instance} of {self.key!r} has no name: use .instance, or give names "
                f"in the ini file with markersteal_resources = {self.key} = first, second"
            )
        return self.names[0]


def hold(item: pytest.Item, instances: Mapping[str, Sequence[int]]) -> None:
    """Note what the scheduler gave to ``item``."""
    item.stash[_HELD] = instances


def held_by(item: pytest.Item, key: str, units: int, names: Sequence[str]) -> Holding:
    """What ``item`` holds of ``key``; without a scheduler, the first ``units`` instances.

    ``names`` are those of all instances, if they have any; the run that is replayed may have had
    more instances.
    """
    instances = tuple(item.stash.get(_HELD, {}).get(key, range(units)))
    return Holding(key, instances, tuple(names[n] for n in instances if n < len(names)))
