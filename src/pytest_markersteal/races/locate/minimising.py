"""The smallest set of candidates with which something shows, by few questions.

A culprit is found by bisection over the beginnings of the list: with which beginning does it show
first? The last of those is needed. It is kept, what comes behind it is dropped, and unless it
suffices alone, the same is asked of what is before it. For k culprits among n candidates that takes
about k * (log2(n) + 1) questions. It is the idea of QuickXplain (Junker, 2004), with the list in
its order; delta debugging (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing
input", 2002), which splits in ever more parts, takes up to four times as many for k from 1 to 3:
docs/decisions/0026-locate.md.

Where another candidate undoes what a culprit does, or an answer was wrong, too many may be kept: so
in the end each is left out once, as in delta debugging, until none can be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, log2

Shows = Callable[[tuple[str, ...]], bool]
"""Whether it shows with these candidates, in their order."""


def smallest(
    candidates: Sequence[str], shows: Shows, narrowed: Callable[[tuple[str, ...]], None]
) -> tuple[str, ...]:
    """Some of ``candidates``, in their order, none of which can be left out alone.

    It must show with all of them. ``narrowed`` is told of ever smaller sets with which it does.
    """
    known: dict[tuple[str, ...], bool] = {tuple(candidates): True}

    def ask(some: tuple[str, ...]) -> bool:
        if some not in known:
            known[some] = shows(some)
            if known[some]:
                narrowed(some)
        return known[some]

    return _none_superfluous(_needed(tuple(candidates), ask), ask)


def most_questions(candidates: int, culprits: int) -> int:
    """How many questions ``smallest`` asks at most, where it shows with all culprits or not."""
    each = ceil(log2(max(candidates, 1))) + 1
    return culprits * each + culprits


def _needed(candidates: tuple[str, ...], ask: Shows) -> tuple[str, ...]:
    kept: tuple[str, ...] = ()
    while candidates and not (kept and ask(kept)):
        # It shows with ``kept`` and the first ``high`` of the others, but not the first ``low``:
        # with none of them, as ``kept`` was asked just now, and nothing shows with nothing.
        low, high = 0, len(candidates)
        while high - low > 1:
            middle = (low + high) // 2
            if ask((*candidates[:middle], *kept)):
                high = middle
            else:
                low = middle
        kept = (candidates[high - 1], *kept)
        candidates = candidates[: high - 1]
    return kept


def _none_superfluous(kept: tuple[str, ...], ask: Shows) -> tuple[str, ...]:
    place = 0
    while len(kept) > 1 and place < len(kept):
        fewer = kept[:place] + kept[place + 1 :]
        if ask(fewer):
            kept, place = fewer, 0
        else:
            place += 1
    return kept
