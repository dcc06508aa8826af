"""The order of an earlier run: which tests had ended, and which had begun, when each one began.

What had ended by some time is always a beginning of the list of all tests by their ends. So one
number a test says all of it, and only earlier starts are ever waited for: there can be no cycle.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from pytest_markersteal.core.messages import Instances

BRIEF_S = 0.02
"""A test that ran beside another waits for the start of that one, unless it was as brief as this.

The word of a start takes a few milliseconds from worker to worker. By then so brief a test may have
ended, and waiting for its start would make sure that the two never meet.
"""


class Played(NamedTuple):
    """A test ran on ``slot``; ``parks``: afterwards all but the session's fixtures was torn down.

    Times are seconds by any clock; those of one slot may differ a little from those of another.
    """

    test: int
    slot: int
    since_s: float
    until_s: float
    parks: bool
    instances: Instances


class Turn(NamedTuple):
    """A test, and what it waits for: its predecessor on its slot, and others.

    Of all turns in the order of their ends the first ``ended`` must have ended, and the turns with
    the numbers ``begun`` must have begun.
    """

    test: int
    slot: int
    parks: bool
    instances: Instances
    ended: int
    begun: tuple[int, ...]


class Order(NamedTuple):
    """All turns, in the order of their starts, and their numbers in the order of their ends."""

    turns: Sequence[Turn]
    ends: Sequence[int]


def order_of(played: Sequence[Played]) -> Order:
    """The order of what was ``played``, in which the tests of each slot are in their order."""
    runs = sorted(_one_after_another(played), key=lambda run: run.since_s)
    ends = sorted(range(len(runs)), key=lambda number: (runs[number].until_s, number))
    others = _before_slot_mates(runs, ends)
    keys = [(runs[number].until_s, number) for number in ends]
    turns: list[Turn] = []
    latest: dict[int, int] = {}
    """By slot the number of its turn that began last."""
    for number, run in enumerate(runs):
        # Of those that ended in the moment in which it began, those before it in this order.
        ended = bisect_left(keys, (run.since_s, number))
        if ended and runs[ends[ended - 1]].slot == run.slot:
            ended = others[ended - 1]
        own = latest.get(run.slot, -1)
        begun = tuple(other for other in latest.values() if other > own and _lasts(runs[other]))
        latest[run.slot] = number
        turns.append(Turn(run.test, run.slot, run.parks, run.instances, ended, begun))
    return Order(turns, ends)


def _lasts(run: Played) -> bool:
    return run.until_s - run.since_s > BRIEF_S


def _one_after_another(played: Sequence[Played]) -> list[Played]:
    """The same with times that agree with the order on each slot, whatever clocks said."""
    free_s: dict[int, float] = {}
    runs = []
    for run in played:
        since_s = max(run.since_s, free_s.get(run.slot, run.since_s))
        free_s[run.slot] = until_s = max(run.until_s, since_s)
        runs.append(run._replace(since_s=since_s, until_s=until_s))
    return runs


def _before_slot_mates(runs: Sequence[Played], ends: Sequence[int]) -> list[int]:
    """For each place in ``ends``, how many are before it and its neighbours of the same slot.

    A worker knows by itself that its own last tests have ended, before anybody else does.
    """
    before: list[int] = []
    for place, number in enumerate(ends):
        follows = place > 0 and runs[ends[place - 1]].slot == runs[number].slot
        before.append(before[-1] if follows else place)
    return before
