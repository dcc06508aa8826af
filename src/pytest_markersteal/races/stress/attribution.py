"""Which condition explains that a test fails in some runs and not in others.

For each factor, its levels divide the runs in two: those with two or more workers and the others,
those with shuffled order and the others. How unlikely it would be to find so many of the failures
on one side, if it made no difference, is what the exact test of R. A. Fisher says ("Statistical
Methods for Research Workers", 5th edition, 1934, section 21.02), here one-sided. As many divisions
are tried, each must be that much less likely (C. E. Bonferroni, 1936), before anything is claimed.

The first division that is claimed is the least likely one. If the test still passes in some of the
runs on its side, these are divided once more: a failure may take two conditions together.

Limits: runs must be independent, and a condition that was never varied explains nothing here.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pytest_markersteal.races.stress.plan import FACTORS, Condition
from pytest_markersteal.words import count

_MOST_CAUSES = 2

Outcomes: TypeAlias = Sequence[tuple[Condition, bool]]
"""The condition of each run, and whether the test failed in it."""


@dataclass(frozen=True, slots=True)
class Side:
    """The runs on one side of a division, those with one of ``levels`` of ``factor``; in words."""

    factor: str
    levels: frozenset[int | str]
    words: str

    def has(self, condition: Condition) -> bool:
        """Whether a run under ``condition`` is on it."""
        return getattr(condition, self.factor) in self.levels


_WORDS = {
    ("order", "collected"): "tests in the order of collection",
    ("order", "reversed"): "tests in reversed order",
    ("order", "shuffled"): "tests in shuffled order",
    ("split", "dealt"): "modules dealt to workers as ever",
    ("split", "drawn"): "modules drawn to workers by lot",
    ("hashing", "fixed"): "a fixed PYTHONHASHSEED",
    ("hashing", "drawn"): "other values of PYTHONHASHSEED",
    ("noise", "quiet"): "no busy processes beside it",
    ("noise", "busy"): "busy processes beside it",
    ("process", "fresh"): "a fresh process",
    ("process", "reused"): "a process in which the suite ran before",
}


@dataclass(frozen=True, slots=True)
class Cause:
    """A division that makes a difference: in how many of the runs on each side the test failed.

    ``chance`` is that of a division as clear as this one, by chance, among all that were tried.
    """

    side: Side
    failed_with: int
    runs_with: int
    failed_without: int
    runs_without: int
    chance: float


@dataclass(frozen=True, slots=True)
class Attribution:
    """What explains failures: no cause, one, or two that take each other.

    ``is_enough`` says, where there is none, whether there were runs enough to find one that
    explains all of the failures.
    """

    causes: tuple[Cause, ...]
    is_enough: bool


def attribute(outcomes: Outcomes, confidence: float) -> Attribution:
    """What explains the failures among ``outcomes``, at a ``confidence`` between 0 and 1."""
    causes: list[Cause] = []
    left = list(outcomes)
    is_enough = False
    while len(causes) < _MOST_CAUSES and len({failed for _, failed in left}) == 2:
        used = {cause.side.factor for cause in causes}
        sides = [side for side in _sides(left) if side.factor not in used]
        found = [_cause(side, left, len(sides)) for side in sides]
        if not causes:
            is_enough = any(_clearest(side, left, len(sides)) <= 1 - confidence for side in sides)
        best = min(found, key=lambda cause: cause.chance, default=None)
        if best is None or best.chance > 1 - confidence:
            break
        causes.append(best)
        left = [(condition, failed) for condition, failed in left if best.side.has(condition)]
    return Attribution(tuple(causes), is_enough)


def chance_of(failed_with: int, runs_with: int, failures: int, runs: int) -> float:
    """That at least ``failed_with`` of ``failures`` are among ``runs_with`` of all ``runs``.

    If it makes no difference: the upper tail of the hypergeometric distribution.
    """
    ways = sum(
        math.comb(runs_with, count) * math.comb(runs - runs_with, failures - count)
        for count in range(failed_with, min(failures, runs_with) + 1)
    )
    return ways / math.comb(runs, failures)


def _sides(outcomes: Outcomes) -> Iterator[Side]:
    """All divisions of the runs by one factor; of numbers of workers, the few and the many."""
    for factor in FACTORS:
        levels = {getattr(condition, factor) for condition, _ in outcomes}
        ordered = sorted(levels)
        if len(ordered) < 2:
            continue
        if factor == "workers":
            for few, many in itertools.pairwise(ordered):
                yield Side(
                    factor, frozenset(n for n in levels if n >= many), f"{many} or more workers"
                )
                said = f"at most {count(few, 'worker')}" if few else "no workers"
                yield Side(factor, frozenset(n for n in levels if n <= few), said)
        else:
            for level in ordered:
                yield Side(factor, frozenset([level]), _WORDS[factor, level])


def _cause(side: Side, outcomes: Outcomes, tried: int) -> Cause:
    with_it = [failed for condition, failed in outcomes if side.has(condition)]
    failures, failed_with = _failures(outcomes), sum(with_it)
    chance = chance_of(failed_with, len(with_it), failures, len(outcomes))
    return Cause(
        side,
        failed_with,
        len(with_it),
        failures - failed_with,
        len(outcomes) - len(with_it),
        min(1.0, chance * tried),
    )


def _clearest(side: Side, outcomes: Outcomes, tried: int) -> float:
    """The chance of the clearest division there could be: all failures on this side."""
    runs_with = sum(side.has(condition) for condition, _ in outcomes)
    failures = _failures(outcomes)
    most = min(failures, runs_with)
    return chance_of(most, runs_with, failures, len(outcomes)) * tried


def _failures(outcomes: Iterable[tuple[Condition, bool]]) -> int:
    return sum(failed for _, failed in outcomes)
