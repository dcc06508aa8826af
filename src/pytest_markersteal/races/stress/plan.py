"""The conditions under which a suite is run, and the order in which they come.

Each factor is varied alone around a baseline, so that whatever changes has one reason; behind that
comes a block in which all of them are drawn by chance, to find what takes two. One iteration of all
conditions follows the other, so that what changes with time is no condition's doing, and a session
that ends early has of everything about as much. Equal settings give equal plans.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

COLLECTED, REVERSED, SHUFFLED = "collected", "reversed", "shuffled"
DEALT, DRAWN = "dealt", "drawn"
FIXED = "fixed"
QUIET, BUSY = "quiet", "busy"
FRESH, REUSED = "fresh", "reused"


@dataclass(frozen=True, slots=True)
class Condition:
    """The levels of all factors in a run.

    ``workers``: 0 where the tests run in one process without any. ``order`` of collection.
    ``split``: modules are dealt by the scheduler, or drawn to workers by lot. ``hashing``:
    ``PYTHONHASHSEED`` is the same in all runs, or drawn for each iteration. ``noise``: whether
    processes beside it keep all cores busy. ``process``: whether the suite ran in it before, which
    only processes without workers can do.
    """

    workers: int
    order: str = COLLECTED
    split: str = DEALT
    hashing: str = FIXED
    noise: str = QUIET
    process: str = FRESH

    def first_round(self) -> Condition:
        """The condition of the run that makes a reused process of a fresh one."""
        return replace(self, process=FRESH)


FACTORS = ("workers", "order", "split", "hashing", "noise", "process")
"""The fields of ``Condition``."""

_ALTERNATIVES = (
    ("order", REVERSED),
    ("order", SHUFFLED),
    ("split", DRAWN),
    ("hashing", DRAWN),
    ("noise", BUSY),
    ("process", REUSED),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What was asked for.

    ``levels`` are numbers of workers, at least one; ``iterations`` how many runs of each condition
    there are at most. With a ``rate`` above 0, a condition is done once it is proven, at
    ``confidence``, that the suite fails less or more often. ``cores`` are kept busy for noise.
    ``hash_seed`` is the user's ``PYTHONHASHSEED``, or empty. ``arguments`` are for pytest.
    """

    levels: tuple[int, ...]
    iterations: int
    perturb: bool
    confidence: float
    rate: float
    seed: int
    cores: int
    hash_seed: str
    arguments: tuple[str, ...]

    def fields(self) -> dict[str, Any]:
        """As plain data."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def of_fields(cls, fields: dict[str, Any]) -> Settings:
        """The settings that ``fields`` were made from; ``TypeError`` if they are none's."""
        sequences = {name: tuple(fields.get(name, ())) for name in ("levels", "arguments")}
        return cls(**{**fields, **sequences})


@dataclass(frozen=True, slots=True)
class Planned:
    """A run to come: ``draw`` is what its chances are drawn with, one number an iteration."""

    condition: Condition
    draw: int

    def hash_seed(self, settings: Settings) -> str:
        """Its ``PYTHONHASHSEED``."""
        if self.condition.hashing == DRAWN:
            return str(random.Random(f"hashes {self.draw}").randrange(1, 2**32))
        return settings.hash_seed or "0"


def conditions(settings: Settings) -> list[Condition]:
    """The baseline, which has the largest level, and what is varied alone around it.

    Without perturbation, levels are all that is varied on purpose. Runs then differ in their hashes
    as runs of people do, though all levels of an iteration have the same ones.
    """
    if not settings.perturb:
        hashing = FIXED if settings.hash_seed else DRAWN
        return [Condition(workers, hashing=hashing) for workers in settings.levels]
    baseline = Condition(max(settings.levels))
    own = [
        replace(baseline, **_varied(factor, level, baseline.workers))
        for factor, level in _ALTERNATIVES
    ]
    # The process that is reused was fresh once.
    return [*map(Condition, _levels(settings)), *own[:-1], own[-1].first_round(), own[-1]]


def plan(settings: Settings) -> list[Planned]:
    """All runs, in their order."""
    return [
        Planned(condition, settings.seed + iteration)
        for iteration in range(settings.iterations)
        for condition in (*_planned(settings), *_mixed(settings, iteration))
    ]


def _planned(settings: Settings) -> list[Condition]:
    """Without first rounds, which come with the second ones."""
    return [
        condition
        for condition in conditions(settings)
        if condition.workers or condition.process == REUSED
    ]


def _levels(settings: Settings) -> list[int]:
    """Perturbed, there is one above the number of cores too."""
    return list(dict.fromkeys([*settings.levels, max(2 * settings.cores, *settings.levels)]))


def _varied(factor: str, level: str, workers: int) -> dict[str, Any]:
    # A worker runs the suite once.
    return {factor: level, "workers": 0 if level == REUSED else workers}


def _mixed(settings: Settings, iteration: int) -> Iterator[Condition]:
    """One run with every factor drawn."""
    if not settings.perturb:
        return
    chance = random.Random(f"mixed {settings.seed + iteration}")
    process = chance.choice((FRESH, REUSED))
    workers, split = chance.choice(_levels(settings)), chance.choice((DEALT, DRAWN))
    yield Condition(
        workers if process == FRESH else 0,
        chance.choice((COLLECTED, REVERSED, SHUFFLED)),
        split if process == FRESH else DEALT,
        chance.choice((FIXED, DRAWN)),
        chance.choice((QUIET, BUSY)),
        process,
    )
