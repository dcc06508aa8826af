"""Many simulated runs: each workload with each number of workers, mode, history and seed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pytest_markersteal.distribution.xdist_modes import MODES as XDIST_MODES
from pytest_markersteal.simulate.clock import Costs
from pytest_markersteal.simulate.histories import HISTORIES
from pytest_markersteal.simulate.late_bound import LateBoundRun
from pytest_markersteal.simulate.outcome import Outcome
from pytest_markersteal.simulate.workloads import Workload
from pytest_markersteal.simulate.xdist_bound import XdistRun, two_passes

MARKERSTEAL = "markersteal"
MODES = (MARKERSTEAL, *XDIST_MODES)
"""All that can be simulated, by their ``--dist`` names."""


@dataclass(frozen=True, slots=True)
class Row:
    """One simulated run. Times are virtual seconds; ``floor_s`` is above 0.

    ``history`` is None where the mode uses none. ``is_two_passes`` tells of a mode that knows no
    marks, and ran the tests that have some one by one, after all others.
    """

    workload: str
    workers: int
    mode: str
    history: str | None
    seed: int
    is_two_passes: bool
    makespan_s: float
    floor_s: float
    idle_s: Mapping[str, float]

    @property
    def ratio(self) -> float:
        """Makespan over floor."""
        return self.makespan_s / self.floor_s


@dataclass(frozen=True, slots=True)
class Ratios:
    """The ratios of several runs."""

    runs: int
    geometric_mean: float
    worst: Row


@dataclass(frozen=True, slots=True)
class Grid:
    """What to run. Workloads are made from a seed; seeds make noise and crashes too.

    xdist's modes use no history, so each runs once for all of them; nor do they crash.
    """

    workloads: Mapping[str, Callable[[int], Workload]]
    workers: Sequence[int]
    modes: Sequence[str] = (MARKERSTEAL,)
    histories: Sequence[str] = ("exact",)
    seeds: Sequence[int] = (0,)
    costs: Costs = field(default_factory=Costs)

    def __len__(self) -> int:
        return len(self.workloads) * len(self.workers) * len(self.seeds) * len(self._variants())

    def rows(self) -> Iterator[Row]:
        """Run one after another; those that differ only in seed follow each other."""
        for name, make in self.workloads.items():
            made = {seed: make(seed) for seed in self.seeds}
            for workers in self.workers:
                floors_s = {seed: made[seed].floor(workers).total_s for seed in self.seeds}
                for mode, history in self._variants():
                    for seed in self.seeds:
                        workload = made[seed]
                        two = mode != MARKERSTEAL and workload.has_marks
                        outcome = self._run(workload, workers, mode, history, seed)
                        yield Row(
                            name,
                            workers,
                            mode,
                            history,
                            seed,
                            two,
                            outcome.makespan_s,
                            floors_s[seed],
                            outcome.idle_s,
                        )

    def _variants(self) -> list[tuple[str, str | None]]:
        return [
            (mode, history)
            for mode in self.modes
            for history in (self.histories if mode == MARKERSTEAL else [None])
        ]

    def _run(
        self, workload: Workload, workers: int, mode: str, history: str | None, seed: int
    ) -> Outcome:
        if history is not None:
            known_s = HISTORIES[history](workload, seed)
            return LateBoundRun(workload, workers, known_s, self.costs, seed).run()
        if workload.has_marks:
            return two_passes(workload, workers, mode, self.costs)
        return XdistRun(workload, workers, mode, self.costs).run()


def over_seeds(rows: Iterable[Row]) -> list[list[Row]]:
    """The rows that differ only in seed, together."""
    groups: dict[object, list[Row]] = {}
    for row in rows:
        groups.setdefault((row.workload, row.workers, row.mode, row.history), []).append(row)
    return list(groups.values())


def by_history(rows: Iterable[Row]) -> dict[tuple[str, str | None], Ratios]:
    """The ratios of each mode and history, over all else."""
    groups: dict[tuple[str, str | None], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.mode, row.history), []).append(row)
    return {variant: ratios(group) for variant, group in groups.items()}


def ratios(rows: Sequence[Row]) -> Ratios:
    """The ratios of ``rows``, of which there must be one at least."""
    mean = math.exp(math.fsum(math.log(row.ratio) for row in rows) / len(rows))
    return Ratios(len(rows), mean, max(rows, key=lambda row: row.ratio))
