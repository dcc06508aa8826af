"""How much memory a history takes, so that no file takes more than there should be.

It is counted while a file is read, before room is made, and when one is written, so that what is
written can be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from sys import getsizeof

from pytest_markersteal.durations.history import Fixture, History, Selection

MAX_MEMORY = 70_000_000
"""What a history may take in memory, by a count that is above what it takes: names as they are,
``LARGE`` for each function, fixture, demand, claim and platform, ``SMALL`` for each test with a
value of its own. 200,000 functions with names of 90 characters fit. Of the files that were made to
take as much as they can, the worst (a file name of 900,000 characters that is the beginning of
every node id) took 85 MB by tracemalloc before it was refused.
"""
LARGE = 200
SMALL = 60


def memory_of(history: History) -> int:
    """What reading ``history`` counts."""
    memory = 0
    for name, function in history.functions.items():
        memory += getsizeof(name) + LARGE + own_memory(function.own)
        for parameters, demand in function.demands.items():
            memory += getsizeof(parameters) + SMALL + LARGE
            memory += sum(LARGE + getsizeof(claim.key) for claim in demand.claims)
        for platform, own in function.platforms.items():
            memory += getsizeof(platform) + LARGE + own_memory(own)
    memory += sum(map(fixture_memory, history.fixtures))
    return memory + sum(map(startup_memory, history.startups))


def own_memory(own: Mapping[str, int]) -> int:
    """Values by parameters."""
    return sum(map(getsizeof, own)) + SMALL * len(own)


def fixture_memory(fixture: Fixture) -> int:
    """A fixture and its set-up."""
    return LARGE + getsizeof(fixture.node) + getsizeof(fixture.name)


def startup_memory(selection: Selection) -> int:
    """A selection and its start-up."""
    return 2 * LARGE + getsizeof(selection.path) + getsizeof(selection.marks)
