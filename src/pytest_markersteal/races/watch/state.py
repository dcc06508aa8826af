"""What is the same for all tests of a process, and how it changes.

It is looked at around each test, so what has not changed must cost next to nothing: an aspect keeps
what it saw last, and compares it by identity, which runs no code of the project.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from pytest_markersteal.words import count

_PLAIN = (type(None), bool, int, float, complex, str, bytes)
"""Types whose values may be compared, as that runs nobody's code."""

_LONGEST = 60
"""In characters, of a value that is shown."""

_MOST_PARTS = 2
"""Of a list or the like that has others than before, shown."""

INTERPRETER = "interpreter"
"""The aspect of what there is one of, and which has a name of its own."""

ABSENT = type("Absent", (), {"__repr__": lambda self: "absent"})()
"""Stands for what is not there."""


class Change(NamedTuple):
    """The thing called ``name`` was, and is now, in some ``aspect`` of the state.

    ``adds`` where things of this aspect come and go, such as threads: only one that came, and has
    not gone, is left behind. ``is_doubtful`` as in ``footprint.Left``. ``shown`` is false for
    values that may be secrets.
    """

    aspect: str
    name: str
    was: object
    now: object
    adds: bool = False
    is_doubtful: bool = False
    shown: bool = True


class Aspect(Protocol):
    """A part of the state."""

    def changes(self) -> Sequence[Change]:
        """What has changed since this was last asked, or since the aspect was made."""


class State:
    """All aspects of the state of a process."""

    def __init__(self, aspects: Sequence[Aspect]) -> None:
        self._aspects = aspects
        self._first: dict[tuple[str, str], object] = {}
        """What things were before they first changed."""

    def changes(self) -> list[Change]:
        """What has changed since this was last asked."""
        found = [change for aspect in self._aspects for change in aspect.changes()]
        for change in found:
            self._first.setdefault(change[:2], change.was)
        return found

    def is_repaired(self, change: Change) -> bool:
        """Whether a change only makes the thing again what it was at first."""
        return same(self._first[change[:2]], change.now)


class Made:
    """The changes that one test, or one fixture, made, in all its parts."""

    def __init__(self) -> None:
        self._changes: dict[tuple[str, str], Change] = {}

    def add(self, changes: Sequence[Change]) -> None:
        """Take in more of its changes, in their order."""
        for change in changes:
            before = self._changes.get(change[:2])
            self._changes[change[:2]] = (
                change if before is None else change._replace(was=before.was)
            )

    def net(self) -> list[Change]:
        """Those that it has not undone."""
        return [
            change
            for change in self._changes.values()
            if not same(change.was, change.now) and not (change.adds and change.now is ABSENT)
        ]


def same(one: object, other: object) -> bool:
    """Whether both are the same object, or plain values that are equal."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) in _PLAIN and one == other


def words_for(change: Change) -> tuple[str, str]:
    """What the thing was and is, for people."""
    if not change.shown:
        # It may be a password.
        words = ("was not set", "is set") if change.was is ABSENT else ("was set", "is another")
        return words if change.now is not ABSENT else ("was set", "is not set any more")
    if isinstance(change.was, tuple) and isinstance(change.now, tuple):
        return _only_in(change.was, change.now), _only_in(change.now, change.was)
    return _text(change.was), _text(change.now)


def _only_in(parts: tuple[object, ...], others: tuple[object, ...]) -> str:
    """How many parts there are, and some of those that are not among ``others``."""
    own = [_text(part) for part in parts if not any(same(part, other) for other in others)]
    shown = [*own[:_MOST_PARTS], *(["..."] if own[_MOST_PARTS:] else [])]
    with_own = f" with {', '.join(shown)}" if own else ""
    return f"{count(len(parts), 'item')}{with_own}"


def _text(value: object) -> str:
    try:
        text = repr(value)
    except Exception as error:  # It is the project's own.
        text = f"<{type(value).__name__} whose repr fails with {type(error).__name__}>"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
