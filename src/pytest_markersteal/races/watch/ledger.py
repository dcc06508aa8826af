"""Who touched what, and who left what changed: tests, and fixtures of wider scope.

While such a fixture is set up or torn down, what happens is its own. What it changed when it was
set up is left behind only if it is still so once it has been torn down; the same holds for a test,
with the fixtures that it shares with no other.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Container
from dataclasses import dataclass, field

from pytest_markersteal.races.watch.audit import Tap, Touches
from pytest_markersteal.races.watch.footprint import (
    Footprint,
    Held,
    Left,
    Record,
    Released,
    fields_of,
)
from pytest_markersteal.races.watch.state import Change, Made, State, words_for

GRACE_S = 0.05
"""How long a thread may take to end that has been told to."""


@dataclass(eq=False)
class Actor:
    """A test, or a fixture of wider scope."""

    began_s: float
    touches: Touches = field(default_factory=Touches)
    made: Made = field(default_factory=Made)
    filled_while_patched: bool = False


@dataclass(eq=False)
class Fixture(Actor):
    """``number`` is its own; ``told`` is how many of its touches are in a record, if any is.

    ``is_foreign``: a plugin's, and what it leaves is not the project's business.
    """

    number: int = 0
    scope: str = ""
    node: str = ""
    name: str = ""
    is_foreign: bool = False
    told: int | None = None


@dataclass
class _Suspect:
    """Something that runs on after a test, perhaps on behalf of a fixture that is still there."""

    test: str
    began_s: float
    ended_s: float
    change: Change
    fixtures: set[Fixture]


class Ledger:
    """Makes the records of one process."""

    def __init__(self, tap: Tap, state: State, clock_s: Callable[[], float]) -> None:
        self._tap = tap
        self._state = state
        self._clock_s = clock_s
        self._at_work: list[Actor] = []
        """The test, and above it fixtures that are set up for it or torn down."""
        self._fixtures: set[Fixture] = set()
        """Those that are set up."""
        self._numbers = 0
        self._test = ""
        self._suspects: list[_Suspect] = []
        self._records: list[Record] = []

    def take(self) -> list[Record]:
        """The records since this was last asked."""
        taken, self._records = self._records, []
        return taken

    # Tests

    def begin(self, test: str) -> None:
        """``test`` begins."""
        if not self._test:
            self._state.changes()  # Since the aspects were made, plugins have begun to work.
        self._test = test
        self._push(Actor(self._clock_s()))

    def note_fill(self, fixtures: Container[str], *, is_patched: bool) -> None:
        """The test has filled a cache, with these fixtures; ``is_patched``: the project is.

        It may hold now what is true only while something is changed: by the test, or by a fixture
        of wider scope that it asked for.
        """
        actor = self._at_work[0]
        actor.filled_while_patched |= (
            is_patched
            or bool(self._tap.variables)
            or self._tap.moved
            or any(one.made.net() for one in self._fixtures if one.name in fixtures)
        )

    def end(self) -> None:
        """The test is over, torn down included."""
        self._settle()
        while len(self._at_work) > 1:
            self._pop()  # A fixture, at whose work the session was interrupted.
        actor = self._pop()
        now_s = self._clock_s()
        touches = self._tap.finish(actor.touches)
        changes = []
        for change in self._net(actor):
            if change.adds and self._fixtures:
                # A fixture that is still there may need it, such as a server with its threads.
                fixtures = set(self._fixtures)
                suspect = _Suspect(self._test, actor.began_s, now_s, change, fixtures)
                self._suspects.append(suspect)
            else:
                changes.append(change)
        left = self._left(actor, changes)
        if touches or left:
            self._records.append(
                Footprint(self._test, actor.began_s, now_s, fields_of(touches), fields_of(left))
            )

    # Fixtures

    def enter(self, scope: str, node: str, name: str, *, is_foreign: bool = False) -> Fixture:
        """A fixture is about to be set up; ``is_foreign`` as in ``Fixture``."""
        self._settle()
        self._numbers += 1
        fixture = Fixture(
            self._clock_s(),
            number=self._numbers,
            scope=scope,
            node=node,
            name=name,
            is_foreign=is_foreign,
        )
        self._push(fixture)
        return fixture

    def leave(self, fixture: Fixture) -> None:
        """It is set up."""
        self._settle()
        self._pop()
        self._fixtures.add(fixture)
        for actor in self._at_work:
            actor.touches.asked_for_any_port |= fixture.touches.asked_for_any_port
        if fixture.touches.seen:
            self._tell(fixture)

    def begin_release(self, fixture: Fixture) -> None:
        """It is about to be torn down."""
        self._settle()
        self._push(fixture)

    def end_release(self, fixture: Fixture) -> None:
        """It is torn down."""
        self._settle()
        if fixture in self._at_work:
            self._pop()
        self._fixtures.discard(fixture)
        touches = self._tap.finish(fixture.touches)
        left = [] if fixture.is_foreign else self._left(fixture, self._net(fixture))
        if fixture.told is not None or touches or left:
            told = self._tell(fixture) if fixture.told is None else fixture.told
            more = fields_of(touches[told:])
            self._records.append(
                Released(fixture.number, self._test, self._clock_s(), more, fields_of(left))
            )
        self._clear_up(fixture)

    def _tell(self, fixture: Fixture) -> int:
        touches = list(fixture.touches.seen.values())
        fixture.told = len(touches)
        self._records.append(
            Held(
                fixture.number,
                fixture.scope,
                fixture.node,
                fixture.name,
                self._test,
                fixture.began_s,
                fields_of(touches),
            )
        )
        return fixture.told

    # Both

    def _push(self, actor: Actor) -> None:
        actor.touches.asked_for_any_port |= any(
            fixture.touches.asked_for_any_port for fixture in self._fixtures
        )
        self._at_work.append(actor)
        self._tap.owners.append(actor.touches)

    def _pop(self) -> Actor:
        self._tap.owners.pop()
        return self._at_work.pop()

    def _settle(self) -> None:
        """What has changed is due to whoever is at work; between tests, to nobody."""
        changes = self._state.changes()
        if changes and self._at_work:
            self._at_work[-1].made.add(changes)

    def _net(self, actor: Actor) -> list[Change]:
        """What it changed and has not undone; to undo what somebody left before is no fault."""
        return [change for change in actor.made.net() if not self._state.is_repaired(change)]

    def _clear_up(self, released: Fixture) -> None:
        """Tell of what runs on although all are gone who may have needed it."""
        waiting = []
        for suspect in self._suspects:
            suspect.fixtures.discard(released)
            if suspect.fixtures:
                waiting.append(suspect)
            elif _stays(suspect.change):
                left = [_left(suspect.change, -1, is_doubtful=False)]
                self._records.append(
                    Footprint(suspect.test, suspect.began_s, suspect.ended_s, [], fields_of(left))
                )
        self._suspects = waiting

    def _left(self, actor: Actor, changes: list[Change]) -> list[Left]:
        return [
            _left(
                change,
                actor.touches.phase_of(change.aspect, change.name),
                is_doubtful=change.is_doubtful and not actor.filled_while_patched,
            )
            for change in changes
            if not change.adds or _stays(change)
        ]


def _left(change: Change, phase: int, *, is_doubtful: bool) -> Left:
    return Left(change.aspect, change.name, phase, *words_for(change), is_doubtful)


def _stays(change: Change) -> bool:
    """Whether a thread, a process or an event loop goes on, of its own free will."""
    one = change.now
    if isinstance(one, threading.Thread):
        one.join(GRACE_S)
        return one.is_alive()
    for name, gone in (("poll", None), ("is_closed", False)):
        ask = getattr(one, name, None)
        if ask is not None:
            return bool(ask() is gone)
    is_alive = getattr(one, "is_alive", None)
    return is_alive is None or bool(is_alive())
