"""Trials of a victim with tests before it, or beside it."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence

from pytest_markersteal.core.precedence import BRIEF_S
from pytest_markersteal.races.trials.model import Trial

_STEP_S = 1.0
_BRIEF_STEP_S = BRIEF_S / 2
"""With it nobody waits for the word that another has begun, which takes some milliseconds."""


class Way(enum.Enum):
    """How tests of several slots meet."""

    TRACED = "as in the trace"
    TOGETHER = "together"
    VICTIM_LAST = "the victim last"
    VICTIM_FIRST = "the victim first"


def after(tests: Sequence[str], victim: str) -> Trial:
    """``tests`` in this order, and then the victim, in one process."""
    return Trial(slots=[[*tests, victim]])


def as_traced(
    tests: Sequence[str],
    victim: str,
    slots: Mapping[str, int],
    times: Mapping[str, tuple[float, float]],
) -> Trial:
    """``tests`` and the victim, each on its one of ``slots``, at these ``times``."""
    own = sorted([*tests, victim], key=lambda test: times[test])
    by_slot: dict[int, list[str]] = {}
    for test in own:
        by_slot.setdefault(slots[test], []).append(test)
    return Trial(
        slots=[by_slot[slot] for slot in sorted(by_slot)],
        times={test: times[test] for test in own},
    )


def beside(groups: Sequence[Sequence[str]], victim: str, way: Way) -> Trial:
    """Each of ``groups`` on a slot of its own, one test after another, and beside them the victim.

    The first of each group meets it; a victim that takes longer meets those behind it too. By
    ``way``, either has begun when the other begins, or neither waits for the other.
    """
    step_s = _BRIEF_STEP_S if way is Way.TOGETHER else _STEP_S
    later_s = step_s / 2
    others_s = later_s if way is Way.VICTIM_FIRST else 0.0
    times = {
        test: (others_s + number * step_s, others_s + (number + 1) * step_s)
        for group in groups
        for number, test in enumerate(group)
    }
    # It ends last, so that nobody waits for its end.
    until_s = (max(map(len, groups)) + 1) * step_s
    times[victim] = (later_s if way is Way.VICTIM_LAST else 0.0, until_s)
    return Trial(slots=[[victim], *groups], times=times)
