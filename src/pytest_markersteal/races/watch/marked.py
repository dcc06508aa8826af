"""What the marks of those who used a thing say already: it needs no others where they do."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, product

from pytest_markersteal.core.apart import may_meet, pairs
from pytest_markersteal.core.suite import Demand, KeyScope, Mode
from pytest_markersteal.races.inside import inside
from pytest_markersteal.races.watch.findings import Use


@dataclass(frozen=True)
class Marks:
    """The ``demands`` of all tests by node id, as far as they are known, and ``capacities``."""

    demands: Mapping[str, Demand] = field(default_factory=dict)
    capacities: Mapping[str, int] = field(default_factory=dict)

    def held_key(self, uses: Iterable[Use]) -> tuple[str, tuple[str, ...]] | None:
        """The key that half of the tests behind ``uses`` or more hold alone, and which do."""
        tests = dict.fromkeys(test for use in uses for test in self._behind(use))
        holders: dict[str, list[str]] = defaultdict(list)
        for test in tests:
            for claim in self.demands.get(test, Demand()).claims:
                is_whole = claim.units == self.capacities.get(claim.key, 1)
                if claim.mode is Mode.WRITE and claim.scope is KeyScope.SESSION and is_whole:
                    holders[claim.key].append(test)
        if not holders:
            return None
        key = min(holders, key=lambda key: (-len(holders[key]), key))
        return (key, tuple(holders[key])) if 2 * len(holders[key]) >= len(tests) else None

    def keep_apart(self, uses: Sequence[Use]) -> bool:
        """Whether no two of ``uses``, one of which writes, can ever be at the same time."""
        users: dict[bool, dict[str, Demand]] = {True: {}, False: {}}
        for use in uses:
            for test in self._behind(use):
                if use.is_wide or test not in self.demands:
                    return False
                users[use.writes][test] = self.demands[test]
        writers = Counter(users[True].values())
        readers = {demand for test, demand in users[False].items() if test not in users[True]}
        meeting = chain(pairs(writers.elements()), product(writers, readers))
        return not any(may_meet(one, other, self.capacities) for one, other in meeting)

    def _behind(self, use: Use) -> Iterable[str]:
        """Its test; of a fixture of a class or module all that are in there, which may need it."""
        return {use.test, *self._inside.get(use.place, ())}

    @cached_property
    def _inside(self) -> Mapping[str, Sequence[str]]:
        return inside(self.demands)
