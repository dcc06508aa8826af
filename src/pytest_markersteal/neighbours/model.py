"""Pairs of modules, as bits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Rows = list[int]
"""Of each module, by number, the modules of its pairs as bits."""


@dataclass(slots=True)
class Neighbours:
    """What is known of pairs of modules.

    ``contents`` has of each module, by its path, what tells one content of its file from another.
    ``after`` has a bit for each module that ran directly after this one in one process, ``beside``
    for each that ran at the same time on another worker; what ran must have passed.
    """

    contents: dict[str, bytes] = field(default_factory=dict)
    after: Rows = field(default_factory=list)
    beside: Rows = field(default_factory=list)
    _numbers: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self._numbers = {path: number for number, path in enumerate(self.contents)}

    def is_seen(self, one: str, other: str) -> bool:
        """Whether ``other`` was seen directly after ``one``."""
        first, second = self._numbers.get(one), self._numbers.get(other)
        if first is None or second is None:
            return False
        return bool(self.after[first] >> second & 1)

    def saw(self, one: str, other: str) -> None:
        """``other`` ran directly after ``one``, and passed."""
        first, second = self._number(one), self._number(other)
        self.after[first] |= 1 << second

    def saw_beside(self, one: str, other: str) -> None:
        """Both ran at the same time on different workers, and passed."""
        first, second = self._number(one), self._number(other)
        self.beside[first] |= 1 << second
        self.beside[second] |= 1 << first

    def rows(self, modules: Sequence[str]) -> tuple[Rows, Rows]:
        """What is known of ``modules``, ``after`` and ``beside``, by their places in it."""
        place_of = {
            self._numbers[path]: place
            for place, path in enumerate(modules)
            if path in self._numbers
        }
        return (
            _moved(self.after, place_of, len(modules)),
            _moved(self.beside, place_of, len(modules)),
        )

    def kept(self, contents: Mapping[str, bytes]) -> Neighbours:
        """Without what is known of modules whose content is not that in ``contents`` any more."""
        same = [path for path, content in self.contents.items() if contents.get(path) == content]
        after, beside = self.rows(same)
        return Neighbours({path: contents[path] for path in same}, after, beside)

    def _number(self, path: str) -> int:
        number = self._numbers.get(path)
        if number is None:
            number = self._numbers[path] = len(self._numbers)
            self.contents[path] = b""
            self.after.append(0)
            self.beside.append(0)
        return number


def _moved(rows: Rows, place_of: Mapping[int, int], places: int) -> Rows:
    """``rows`` by other numbers; those without one are left out."""
    moved = [0] * places
    for number, place in place_of.items():
        row = rows[number]
        while row:
            lowest = row & -row
            other = place_of.get(lowest.bit_length() - 1)
            if other is not None:
                moved[place] |= 1 << other
            row ^= lowest
    return moved
