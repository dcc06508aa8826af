"""Where to cut the tests of one worker, so that another one takes the later part."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, islice

from pytest_markersteal.core.estimates import Estimates
from pytest_markersteal.core.setups import REPEAT_PRICE_S


def share(
    tests: Sequence[int],
    before: int | None,
    remaining_s: float,
    last: int | None,
    estimates: Estimates,
    wait_s: float = 0.0,
) -> int:
    """How many of ``tests``, from their end, a thief should take; 0 if none.

    ``before`` is the test before the first of them on the victim, ``remaining_s`` all that the
    victim has to do, ``last`` the test that the thief ran last, and ``wait_s`` what passes until it
    has its part. The best cut is that at which the later of the two is done first, with a price for
    each place that both of them come to.
    """
    best, best_s = 0, remaining_s
    moved_s = 0.0
    backwards = reversed(tests)
    previous_ones = chain(islice(reversed(tests), 1, None), (before,))
    for count, (test, previous) in enumerate(zip(backwards, previous_ones, strict=True), 1):
        moved_s += estimates.of(test)
        entry_s, entered = estimates.setups.entry(test, last)
        if wait_s + moved_s + entry_s >= best_s:
            break
        between_s, crossed = estimates.setups.entry(test, previous)
        done_s = max(remaining_s - moved_s - between_s, wait_s + moved_s + entry_s)
        done_s += REPEAT_PRICE_S * max(0, entered - crossed)
        if done_s < best_s:
            best, best_s = count, done_s
        moved_s += between_s
    return best
