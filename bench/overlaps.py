"""Which tests of a sleeping suite ran at the same time although their marks forbid it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from pytest_markersteal.core.suite import Demand, Mode, Suite


class Pause(NamedTuple):
    """When the body of a test ran."""

    test: int
    start_s: float
    end_s: float


def read_pauses(text: str) -> list[Pause]:
    """The pauses that ``pausing.pause`` noted, by start."""
    fields = (line.split() for line in text.splitlines())
    pauses = (Pause(int(test), float(start_s), float(end_s)) for test, start_s, end_s in fields)
    return sorted(pauses, key=lambda pause: pause.start_s)


def overlapping(pauses: Iterable[Pause], suite: Suite) -> int:
    """How many tests started while a test ran that they must not meet."""
    running: list[Pause] = []
    count = 0
    for pause in pauses:
        running = [other for other in running if other.end_s > pause.start_s]
        beside = [suite.demand(other.test) for other in running]
        count += _forbidden(suite.demand(pause.test), beside, suite)
        running.append(pause)
    return count


def _forbidden(demand: Demand, beside: list[Demand], suite: Suite) -> bool:
    for other in beside:
        if demand.exclusive or other.exclusive or (demand.serial and other.serial):
            return True
        if demand.group is not None and demand.group == other.group:
            return True
    for claim in demand.claims:
        held = [theirs for other in beside for theirs in other.claims if theirs.key == claim.key]
        if any((theirs.mode is Mode.READ) != (claim.mode is Mode.READ) for theirs in held):
            return True
        if claim.mode is Mode.WRITE:
            units = claim.units + sum(theirs.units for theirs in held)
            if units > suite.capacity(claim.key):
                return True
    return False
