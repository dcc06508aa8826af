"""How many workers ``-n auto`` gave, and why, in one line."""

from __future__ import annotations

from pytest_markersteal.core.floor import Limit
from pytest_markersteal.core.sizing import Sizing, Why
from pytest_markersteal.distribution.auto import AutoWorkers


def auto_line(auto: AutoWorkers) -> str:
    """How many workers, and why."""
    workers = _workers(auto.workers)
    sizing = auto.sizing
    if sizing is None:
        return f"{workers}: it is not known yet how long these tests take"
    predicted = f"predicted {sizing.chosen.total_s:.1f} s"
    if sizing.why is Why.CORES:
        return f"{workers}: each pays for its start-up ({predicted})"
    return (
        f"{workers} instead of {sizing.usual.workers}: {_reason(sizing, auto)} "
        f"({predicted}, with {_workers(sizing.usual.workers)} {sizing.usual.total_s:.1f} s)"
    )


def _reason(sizing: Sizing, auto: AutoWorkers) -> str:
    if sizing.why is Why.WAITING:
        return f"tests wait for {sizing.waiting_share:.0%} of their time"
    if sizing.why is Why.STARTUP:
        return "more would not pay for their start-up"
    if auto.limit is None:
        return "more would not help"
    return f"more would not help, as {_limit(auto.limit, auto.limit_test)}"


def _limit(limit: Limit, test: str | None) -> str:
    seconds = f"{limit.seconds:.1f} s"
    match limit.kind:
        case "test":
            return f"{test} takes {seconds}"
        case "key":
            return f"the tests of key {limit.name!r} take {seconds} one after another"
        case "group":
            return f"the tests of group {limit.name!r} take {seconds} on one worker"
        case "serial":
            return f"the serial tests take {seconds} one after another"
        case "no_parallel":
            return f"the no_parallel tests take {seconds} alone"
        case _:
            return "reporting takes longer than the tests"


def _workers(number: int) -> str:
    return f"{number} worker{'' if number == 1 else 's'}"
