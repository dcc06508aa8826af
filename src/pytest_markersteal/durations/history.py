"""What is known of earlier runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

NEW_SHARE = 0.5
"""How far a new measurement moves what is known: half of the way, so an outlier fades."""


class Times(NamedTuple):
    """One test, in seconds: its own set-up, its call, its teardown, and CPU time over all three.

    A tuple, because a suite may have very many tests.
    """

    setup_s: float
    call_s: float
    teardown_s: float
    cpu_s: float

    @property
    def total_s(self) -> float:
        """Wall seconds."""
        return self.setup_s + self.call_s + self.teardown_s

    def moved_to(self, new: Times) -> Times:
        """Half-way between what was known and ``new``."""
        return Times(*map(_between, self, new))


class Fixture(NamedTuple):
    """A fixture of class, module, package or session scope.

    ``node`` is the node id of the class, module or package that it was set up for.
    """

    scope: str
    node: str
    name: str


@dataclass(slots=True)
class History:
    """Durations by node id, and set-up seconds by fixture."""

    tests: dict[str, Times] = field(default_factory=dict)
    fixtures_s: dict[Fixture, float] = field(default_factory=dict)

    def learn(self, tests: Mapping[str, Times], fixtures_s: Mapping[Fixture, float]) -> None:
        """Take in what a run measured. Nothing is dropped."""
        for node_id, new in tests.items():
            known = self.tests.get(node_id)
            self.tests[node_id] = new if known is None else known.moved_to(new)
        for fixture, new_s in fixtures_s.items():
            known_s = self.fixtures_s.get(fixture)
            self.fixtures_s[fixture] = new_s if known_s is None else _between(known_s, new_s)


def split_node_ids(node_ids: Iterable[str]) -> dict[str, list[str]]:
    """Node ids by their file, in order; what follows the file may hold any character."""
    by_file: dict[str, list[str]] = {}
    for node_id in node_ids:
        by_file.setdefault(node_id.partition("::")[0], []).append(node_id)
    return by_file


def _between(known_s: float, new_s: float) -> float:
    return known_s + NEW_SHARE * (new_s - known_s)
