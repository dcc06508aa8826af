"""Orders of things in which each of them comes directly after each other one.

They are the rows of a row-complete Latin square (E. J. Williams, "Experimental designs balanced for
the estimation of residual effects of treatments", Australian Journal of Scientific Research A 2,
1949): for an even number of things as many orders as things, which is the least that could do, as
each order has one pair less than things; for an odd number twice as many.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator


def square(things: int) -> Iterator[list[int]]:
    """Orders of ``range(things)`` in which each ordered pair is adjacent at least once."""
    if things < 2:
        return
    zigzag = [0]
    for step in range(1, things):
        zigzag.append((zigzag[-1] + (step if step % 2 else -step)) % things)
    for shift in range(things):
        yield [(thing + shift) % things for thing in zigzag]
    if things % 2 and things > 1:
        for shift in range(things):
            yield [(thing + shift) % things for thing in reversed(zigzag)]


def orders(things: int, is_seen: Callable[[int, int], bool]) -> Iterator[list[int]]:
    """Orders in which each pair that is not seen is adjacent; things that need not be there aren't.

    ``is_seen`` is asked whether the second of two came directly after the first before.
    """
    covered: set[tuple[int, int]] = set()

    def is_done(one: int, other: int) -> bool:
        return (one, other) in covered or is_seen(one, other)

    for row in square(things):
        open_after = [not is_done(*pair) for pair in itertools.pairwise(row)]
        wanted = [
            thing
            for thing, before, after in zip(
                row, [False, *open_after], [*open_after, False], strict=True
            )
            if before or after
        ]
        if wanted:
            covered.update(itertools.pairwise(wanted))
            yield wanted
