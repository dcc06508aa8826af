"""Where marks go: as few places as say the same of the same tests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pytest_markersteal.races.collecting.model import CollectedTest
from pytest_markersteal.races.propose.model import (
    ADD,
    SHARED_RESOURCE,
    Mark,
    Proposal,
)


class Place(NamedTuple):
    """A function, a class if ``function`` is empty, or a module if it has no ``classes`` either.

    ``path`` is that of the module, relative to the rootdir; ``classes`` the outermost first.
    """

    path: str
    classes: tuple[str, ...] = ()
    function: str = ""

    def __str__(self) -> str:
        return "::".join([self.path, *self.classes, *([self.function] if self.function else [])])


class Placed(NamedTuple):
    """``marks`` by place, and the tests for which there is no place in a source."""

    marks: dict[Place, list[Mark]]
    unplaced: list[str]


def added(proposals: Iterable[Proposal], tests: Sequence[CollectedTest]) -> Placed:
    """Where to add what ``proposals`` say; ``tests`` are all that there are, deselected or not.

    One function with parameters is one place. Where all functions of a class or of a module need a
    mark, and there are several, it is the class's or the module's.
    """
    suite = _Suite(tests)
    marks: dict[Place, list[Mark]] = defaultdict(list)
    unplaced: dict[str, None] = {}
    for proposal in proposals:
        if proposal.action == ADD:
            needed = {suite.functions[test] for test in proposal.tests if test in suite.functions}
            unplaced.update((t, None) for t in proposal.tests if t not in suite.functions)
            for place in suite.fewest(needed):
                if proposal.mark not in marks[place]:
                    marks[place].append(proposal.mark)
    return Placed({place: sorted(marks[place]) for place in sorted(marks)}, list(unplaced))


def removable(proposal: Proposal, tests: Sequence[CollectedTest]) -> list[Place]:
    """Where a mark of ``proposal`` may stand that is on none but its tests."""
    suite = _Suite(tests)
    own = set(proposal.tests)
    mine = {suite.functions[test] for test in own if test in suite.functions}
    whole = {place for place in mine if own.issuperset(suite.tests_of[place])}
    holders = {holder for place in whole for holder in _holders(place)}
    return sorted([*whole, *(holder for holder in holders if suite.held[holder] <= whole)])


def in_one(marks: Iterable[Mark]) -> list[tuple[str, list[str]]]:
    """Names of marks with their arguments, the keys of all ``shared_resource`` in one."""
    arguments: Mapping[str, list[str]] = defaultdict(list)
    for mark in marks:
        arguments[mark.name if mark.name == SHARED_RESOURCE else str(mark)].append(mark.argument)
    return [
        (name.partition(":")[0], [argument for argument in several if argument])
        for name, several in arguments.items()
    ]


class _Suite:
    """Which functions there are, and what holds them."""

    def __init__(self, tests: Sequence[CollectedTest]) -> None:
        self.functions: dict[str, Place] = {}
        """By node id, of the tests that are functions of Python files."""
        self.tests_of: dict[Place, list[str]] = defaultdict(list)
        self.held: dict[Place, set[Place]] = defaultdict(set)
        """The functions in each class and module; what is none counts as one."""
        for test in tests:
            path = test.id.partition("::")[0]
            place = Place(path, tuple(test.classes), test.function or test.id)
            if test.function:
                self.functions[test.id] = place
                self.tests_of[place].append(test.id)
            for holder in _holders(place):
                self.held[holder].add(place)

    def fewest(self, needed: set[Place]) -> Iterator[Place]:
        """The fewest places that hold all of ``needed`` and nothing else, sorted."""
        holders = sorted({holder for place in needed for holder in _holders(place)})
        rest = set(needed)
        for holder in holders:  # A module sorts before its classes, those before inner ones.
            inside = self.held[holder]
            if len(inside) > 1 and inside <= needed and inside & rest:
                rest -= inside
                yield holder
        yield from sorted(rest)


def _holders(place: Place) -> Iterator[Place]:
    for depth in range(len(place.classes) + 1):
        yield Place(place.path, place.classes[:depth])
