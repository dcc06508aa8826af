"""Joins the footprints of all workers: who used the same thing, and who at the same time.

Pure: records with the worker that sent them go in, findings come out. What is compared are uses of
one thing whose times overlap, so the work grows with the tests and the workers, not with pairs of
tests.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pytest_markersteal.races.watch import footprint
from pytest_markersteal.races.watch.footprint import (
    Footprint,
    FootprintError,
    Held,
    Hello,
    Left,
    Record,
    Released,
    Touch,
    Trouble,
    left_of,
    touches_of,
)

MOST_OVERLAPS = 20
"""How many pairs of uses are kept for each thing; more are only counted."""


class Source(NamedTuple):
    """Who sent a record: a worker, its slot, and the machine, which is empty for this one.

    ``ahead_s`` is how far the controller's clock is ahead of the worker's.
    """

    worker: str
    slot: int
    machine: str = ""
    ahead_s: float = 0.0


class Owner(NamedTuple):
    """A test or, with the rest, a fixture that was set up for it."""

    test: str
    scope: str = ""
    node: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """``owner`` used a thing from ``since_s`` on, by the worker's clock.

    ``touch`` is the first that changed it, if any did; ``hows`` is all that it did. ``locks`` are
    the lock files that it opened.
    """

    owner: Owner
    source: Source
    touch: Touch
    since_s: float
    until_s: float
    hows: frozenset[str]
    locks: frozenset[str]

    @property
    def writes(self) -> bool:
        """Whether it changed the thing."""
        return self.touch.writes

    @property
    def is_of_all(self) -> bool:
        """Whether the thing is a folder, and it was about all that is in there."""
        return footprint.EMPTIED in self.hows or footprint.LISTED in self.hows

    def disturbs(self, hows: Collection[str]) -> bool:
        """Whether this use of what is in a folder is at odds with ``hows`` of the folder itself."""
        return footprint.EMPTIED in hows or (
            footprint.LISTED in hows and not self.hows.isdisjoint(footprint.ADDING)
        )

    def overlaps(self, other: Use) -> bool:
        """Whether both were at the same time, on different workers, and held no lock of both."""
        return (
            self.source.worker != other.source.worker
            and self.since_s < other.until_s
            and other.since_s < self.until_s
            and self.locks.isdisjoint(other.locks)
        )


class Clash(NamedTuple):
    """Two uses of a thing at the same time."""

    thing: Thing
    one: Use
    other: Use


@dataclass(eq=False)
class Thing:
    """A file, a folder or a port that tests used."""

    kind: str
    name: str
    by_worker: dict[str, list[Use]] = field(default_factory=lambda: defaultdict(list))
    """Of each worker in the order in which they ended."""
    above: list[Thing] = field(default_factory=list)
    """Folders around it that were listed, or removed with all that was in them."""
    is_folder: bool = False
    """Whether it is such a folder."""
    inner_by_worker: dict[str, list[Use]] = field(default_factory=lambda: defaultdict(list))
    """Of such a folder, the uses of what is in it."""
    overlaps: list[tuple[Use, Use]] = field(default_factory=list)
    overlap_count: int = 0

    @property
    def words(self) -> str:
        """What kind of thing it is, and its name."""
        return f"{self.shown_kind} {self.name}"

    @property
    def shown_kind(self) -> str:
        """What to call such things."""
        return "folder" if self.is_folder else self.kind

    def uses(self) -> list[Use]:
        """All uses, in the order in which they began; those of what is in it too.

        Of what is in a folder, only such as somebody who uses the folder would notice.
        """
        own = [use for uses in self.by_worker.values() for use in uses]
        hows = {how for use in own for how in use.hows}
        inner = (use for uses in self.inner_by_worker.values() for use in uses)
        noticed = [use for use in inner if use.disturbs(hows)]
        return sorted([*own, *noticed], key=lambda use: use.since_s + use.source.ahead_s)


class Remains(NamedTuple):
    """Something that was left changed."""

    owner: Owner
    source: Source
    left: Left


@dataclass(eq=False)
class _Held:
    owner: Owner
    source: Source
    began_s: float
    touches: list[Touch]


class Join:
    """Takes in records as they come."""

    def __init__(self) -> None:
        self._things: dict[tuple[str, str, str], Thing] = {}
        self._folders: dict[tuple[str, str], Thing] = {}
        """Those of which some use was about all that is in there, by machine and name."""
        self._held: dict[tuple[str, int], _Held] = {}
        self._latest_s: dict[str, float] = {}
        self.remains: list[Remains] = []
        self.processes = 0
        """How many tests and fixtures started other processes."""

    def add(self, source: Source, record: Record) -> list[Clash]:
        """The clashes of ``record`` with those before; ``FootprintError`` if it can't be one."""
        match record:
            case Hello() | Trouble():
                return []
            case Footprint(test, began_s, ended_s):
                self._latest_s[source.worker] = ended_s
                owner = Owner(test)
                self._remain(owner, source, record)
                return self._use(owner, source, touches_of(record), ended_s)
            case Held(number, scope, node, name, test, began_s):
                owner = Owner(test, scope, node, name)
                self._held[source.worker, number] = _Held(
                    owner, source, began_s, touches_of(record)
                )
                return []
            case Released(number, _, ended_s):
                held = self._held.pop((source.worker, number), None)
                if held is None:
                    raise FootprintError(f"fixture {number} was never set up")
                self._latest_s[source.worker] = ended_s
                self._remain(held.owner, source, record)
                touches = held.touches + touches_of(record)
                return self._use(held.owner, source, touches, ended_s)

    def finish(self) -> list[Clash]:
        """All workers have ended; fixtures whose end nobody told of lasted until their worker's."""
        found = []
        for (worker, _), held in self._held.items():
            ended_s = max(
                [self._latest_s.get(worker, -math.inf), held.began_s]
                + [touch.at_s for touch in held.touches]
            )
            found += self._use(held.owner, held.source, held.touches, ended_s)
        self._held.clear()
        return found

    def things(self) -> Iterable[Thing]:
        """All things that were used."""
        return self._things.values()

    def _remain(self, owner: Owner, source: Source, record: Footprint | Released) -> None:
        self.remains += [Remains(owner, source, left) for left in left_of(record)]

    def _use(
        self, owner: Owner, source: Source, touches: list[Touch], until_s: float
    ) -> list[Clash]:
        locks = frozenset(touch.name for touch in touches if touch.kind == footprint.LOCK)
        self.processes += any(touch.kind == footprint.PROCESS for touch in touches)
        shared: dict[tuple[str, str], list[Touch]] = defaultdict(list)
        for touch in touches:
            if touch.kind in footprint.SHARED:
                shared[touch.kind, touch.name].append(touch)
        found: list[Clash] = []
        for (kind, name), some in shared.items():
            first = min(some, key=lambda touch: (not touch.writes, touch.at_s))
            since_s = min(touch.at_s for touch in some)
            hows = frozenset(touch.how for touch in some)
            use = Use(owner, source, first, since_s, until_s, hows, locks)
            thing = self._thing(source.machine, kind, name)
            if use.is_of_all:
                self._make_folder(source.machine, thing)
            found += self._clashes(thing, use)
            thing.by_worker[source.worker].append(use)
            for folder in thing.above:
                folder.inner_by_worker[source.worker].append(use)
        return found

    def _clashes(self, thing: Thing, use: Use) -> Iterator[Clash]:
        """With uses of the thing, of what is in it, and of folders around it."""
        here = _at_the_time(use, thing.by_worker)
        pairs = [(thing, other) for other in here if use.writes or other.writes]
        if use.is_of_all:
            within = _at_the_time(use, thing.inner_by_worker)
            pairs += [(thing, other) for other in within if other.disturbs(use.hows)]
        for folder in thing.above:
            around = _at_the_time(use, folder.by_worker)
            pairs += [(folder, other) for other in around if use.disturbs(other.hows)]
        for about, other in pairs:
            about.overlap_count += 1
            if len(about.overlaps) < MOST_OVERLAPS:
                about.overlaps.append((other, use))
                yield Clash(about, other, use)

    def _thing(self, machine: str, kind: str, name: str) -> Thing:
        thing = self._things.get((machine, kind, name))
        if thing is None:
            thing = self._things[machine, kind, name] = Thing(kind, name)
            if kind == footprint.FILE and self._folders:
                around = name
                while around := around.rpartition("/")[0]:
                    folder = self._folders.get((machine, around))
                    if folder is not None:
                        thing.above.append(folder)
        return thing

    def _make_folder(self, machine: str, folder: Thing) -> None:
        """Some use of ``folder`` is about all that is in it, which is looked for once."""
        if (machine, folder.name) in self._folders:
            return
        self._folders[machine, folder.name] = folder
        folder.is_folder = True
        for (where, kind, name), thing in self._things.items():
            if where == machine and kind == footprint.FILE and name.startswith(f"{folder.name}/"):
                thing.above.append(folder)
                for worker, uses in thing.by_worker.items():
                    folder.inner_by_worker[worker] += uses
        for uses in folder.inner_by_worker.values():
            uses.sort(key=lambda use: use.until_s)


def _at_the_time(use: Use, by_worker: Mapping[str, list[Use]]) -> Iterator[Use]:
    """Those on other workers at the time of a use that has just ended; each's are by their end."""
    for worker, uses in by_worker.items():
        if worker != use.source.worker:
            for other in reversed(uses):
                if other.until_s <= use.since_s:
                    break
                if use.overlaps(other):
                    yield other
