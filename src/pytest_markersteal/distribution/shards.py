"""One shard of several: which tests are its own, by node ids, marks and the durations file alone.

Every process must come to the same split, or tests are lost: so the tests are put in the order of
their node ids first, whatever the order in which they were collected.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pytest_markersteal.core.floor import floor_of
from pytest_markersteal.core.shards import split
from pytest_markersteal.core.suite import Demand
from pytest_markersteal.distribution.input import estimates_from, suite_of
from pytest_markersteal.durations.history import History
from pytest_markersteal.options import Shard

_DIGITS = 8
"""Of the fingerprint that is shown."""


class ShardFacts(NamedTuple):
    """What there is to tell about a shard; plain data, as it travels from worker to controller.

    ``own_s`` and ``total_s`` are predicted seconds of its tests and of all, one after another;
    None where no test is known. ``fingerprint`` is that of the whole split: it is the same in all
    jobs that agree. ``trouble`` tells of the durations file.
    """

    own: int
    total: int
    own_s: float | None
    total_s: float | None
    fingerprint: str
    trouble: tuple[str, ...] = ()


class Split:
    """The tests ``ids`` in shards, of which ``shard`` is one."""

    def __init__(
        self,
        ids: Sequence[str],
        demands: Sequence[Demand],
        history: History,
        capacities: Mapping[str, int],
        shard: Shard,
    ) -> None:
        order = sorted(range(len(ids)), key=ids.__getitem__)
        sorted_ids = [ids[test] for test in order]
        self._suite = suite_of(sorted_ids, [demands[test] for test in order], capacities)
        # What holds for one platform only would cut the shards of another differently.
        self._estimates = estimates_from(sorted_ids, self._suite, history, platform="")
        self._ids = sorted_ids
        self._shard_of = split(self._suite, self._estimates, shard.total)
        self._own = [number for number, of in enumerate(self._shard_of) if of == shard.number - 1]
        self.own = sorted(order[number] for number in self._own)
        """The tests of the shard, as indices of ``ids``, ascending."""

    def facts(self) -> ShardFacts:
        """What there is to tell."""
        known = self._estimates.known > 0
        return ShardFacts(
            len(self._own),
            len(self._ids),
            self._seconds(self._own) if known else None,
            self._seconds(range(len(self._ids))) if known else None,
            self._fingerprint(),
        )

    def _seconds(self, numbers: Sequence[int]) -> float:
        estimates = self._estimates
        return floor_of(self._suite, numbers, estimates.of, estimates.setups, 1).total_s

    def _fingerprint(self) -> str:
        lines = (f"{of} {node_id}\n" for of, node_id in zip(self._shard_of, self._ids, strict=True))
        text = "".join(lines).encode(errors="surrogatepass")
        return hashlib.sha256(text).hexdigest()[:_DIGITS]
