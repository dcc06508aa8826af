"""Places of a project that hold something: attributes, contents of containers, caches.

Each knows what it held when it was last told to ``keep`` that, and how that has changed since.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from itertools import chain
from operator import attrgetter, is_, methodcaller
from types import ModuleType
from typing import Any, TypeAlias

from pytest_markersteal.races.watch.state import ABSENT, Change, same
from pytest_markersteal.words import count

LARGE = 200
"""Of a container with more than this, only the length is looked at."""

_FILLED = re.compile(r"cache|memo", re.IGNORECASE)
"""What is called so is filled as it is used, which is no fault by itself."""

_values_of = methodcaller("values")
_info_of = methodcaller("cache_info")
_size_of = attrgetter("currsize")


class Names:
    """The attributes of a module, a class or an object."""

    def __init__(self, path: str, holds: object, *, only_callable: bool = False) -> None:
        """``only_callable``: look at no other attributes."""
        self.path = path
        self.holds = holds
        self.only_callable = only_callable
        self.namespace: Mapping[str, Any] = vars(holds)
        self.keep()

    def keep(self) -> None:
        """Know what it holds now."""
        self.known = dict(self.namespace)

    def items(self) -> list[tuple[str, Any]]:
        """Names and values, but names that belong to the language."""
        return [(name, value) for name, value in self.known.items() if not _is_dunder(name)]

    def changes(self) -> list[Change]:
        """What has changed."""
        was, now = self.known, dict(self.namespace)
        return [
            Change(
                "attribute",
                f"{self.path}.{name}",
                was.get(name, ABSENT),
                now.get(name, ABSENT),
                is_doubtful=self._is_made_late(name, was),
            )
            for name in dict.fromkeys([*was, *now])
            if was.get(name, ABSENT) is not now.get(name, ABSENT)
            and self._counts(name, was.get(name, ABSENT), now.get(name, ABSENT))
        ]

    def _counts(self, name: str, was: object, now: object) -> bool:
        if self.only_callable:
            return callable(was)
        # A module that is imported becomes an attribute of its package.
        return not (
            _is_dunder(name) or (was is ABSENT and isinstance(now, ModuleType)) or same(was, now)
        )

    def _is_made_late(self, name: str, was: Mapping[str, Any]) -> bool:
        """Whether it seems to be made by whoever needs it first."""
        if name in was:
            return was[name] is None
        return isinstance(getattr(type(self.holds), name, None), functools.cached_property)


class Contents:
    """What is in a list, a dict or a set."""

    def __init__(self, path: str, container: Any) -> None:
        self.path = path
        self.holds: Any = container
        self.keep()

    def keep(self) -> None:
        """Know what it holds now."""
        self.known = self.holds.copy()

    @property
    def is_large(self) -> bool:
        """Whether only its length is looked at."""
        return len(self.known) > LARGE

    def changes(self) -> list[Change]:
        """One, unless what is in it has only been replaced by equal values."""
        was, now = _picture(self.known), _picture(self.holds.copy())
        if same(was, now):
            return []
        is_doubtful = bool(_FILLED.search(self.path))
        return [Change("contents", self.path, was, now, is_doubtful=is_doubtful)]


class Cache:
    """How many results a function with ``functools.lru_cache`` keeps."""

    def __init__(self, path: str, function: Any) -> None:
        self.path = path
        self.holds: Any = function
        self.keep()

    def keep(self) -> None:
        """Know what it holds now."""
        self.known = _size_of(_info_of(self.holds))

    def changes(self) -> list[Change]:
        """One; that there are less is no change, as a cache may always be cleared."""
        was, now = self.known, _size_of(_info_of(self.holds))
        if was == now:
            return []
        before, after = count(min(was, now), "result"), count(now, "result")
        return [Change("cache", self.path, before, after, is_doubtful=True)]


Place: TypeAlias = Names | Contents | Cache


class Glance:
    """A look at many places at once, by identity: it costs 30 ns for each thing in them."""

    def __init__(self, places: Sequence[Place]) -> None:
        names = [place for place in places if type(place) is Names]
        self._namespaces = [place.namespace for place in names]
        self._values = [value for place in names for value in place.known.values()]
        contents = [place for place in places if type(place) is Contents]
        self._containers = [place.holds for place in contents]
        self._lengths = [len(place.known) for place in contents]
        small = [place for place in contents if not place.is_large]
        self._small = [place.holds for place in small]
        self._elements = [one for place in small for one in place.known]
        dicts = [place for place in small if isinstance(place.holds, dict)]
        self._dicts = [place.holds for place in dicts]
        self._dict_values = [value for place in dicts for value in place.known.values()]
        caches = [place for place in places if type(place) is Cache]
        self._caches = [place.holds for place in caches]
        self._sizes = [place.known for place in caches]

    def is_patched(self) -> bool:
        """Whether anything but a cache has changed."""
        try:
            return not (
                sum(map(len, self._namespaces)) == len(self._values)
                and _are(map(_values_of, self._namespaces), self._values)
                and list(map(len, self._containers)) == self._lengths
                and _are(self._small, self._elements)
                and _are(map(_values_of, self._dicts), self._dict_values)
            )
        except RuntimeError:  # Another thread changes something right now.
            return True

    def is_filled(self) -> bool:
        """Whether a cache has more or fewer results."""
        return list(map(_size_of, map(_info_of, self._caches))) != self._sizes


def _picture(container: Any) -> object:
    if len(container) > LARGE:
        return count(len(container), "item")
    return tuple(container.items() if isinstance(container, dict) else container)


def _are(parts: Any, known: list[Any]) -> bool:
    return all(map(is_, chain.from_iterable(parts), known))


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")
