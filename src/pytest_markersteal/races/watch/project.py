"""Aspects of the project's modules: their attributes, and what those hold.

Looked at are the modules under the rootdir, but not test modules and conftests, whose globals are
the tests' own business; their classes; the objects of these classes that modules have; and the
lists, dicts, sets and caches that any of these has. Of other modules that the project uses, such as
``time``, only functions and classes are looked at, as these are what tests replace.
"""

from __future__ import annotations

import functools
import re
import sys
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from operator import is_
from types import ModuleType
from typing import Any, TypeAlias

from pytest_markersteal.races.watch.state import ABSENT, Change, same
from pytest_markersteal.words import count

_CONTAINERS = (list, dict, set, deque, defaultdict, OrderedDict)
_LARGE = 200
"""Of a container with more than this, only the length is looked at."""

_CACHE = type(functools.lru_cache(lambda: None))
_VOLATILE = frozenset({"builtins", "os", "pytest", "sys"})
"""Other modules that are not looked at: they change by themselves, or another aspect has them."""

_FILLED = re.compile(r"cache|memo", re.IGNORECASE)
"""What is called so is filled as it is used, which is no fault by itself."""


class Project:
    """All places of the project that hold something."""

    def __init__(self, is_own: Callable[[ModuleType], bool]) -> None:
        """``is_own`` says of a module whether it is the project's."""
        self._is_own = is_own
        self._modules = 0
        self._own: set[str] = set()
        self._places: dict[str, _Place] = {}
        """By dotted path."""
        self._known: set[int] = set()
        """The ids of what places look at, as many modules may have the same object."""
        self._find()

    def changes(self) -> Sequence[Change]:
        """What has changed since this was last asked; new modules are looked at from now on."""
        changed = [place for place in self._places.values() if not place.is_unchanged()]
        found: list[Change] = []
        for place in changed:
            changes = place.changes()
            found += changes
            if isinstance(place, _Names) and not place.only_callable:
                for change in changes:
                    self._forget(change.name)
                    self._look_at(change.name, change.now, place)
        if len(sys.modules) != self._modules:
            self._find()
        return found

    def is_patched(self) -> bool:
        """Whether anything but a cache is not what it was when ``changes`` was last asked."""
        return not all(
            place.is_unchanged() for place in self._places.values() if type(place) is not _Cache
        )

    def is_filled(self) -> bool:
        """Whether a cache has changed since ``changes`` was last asked."""
        return not all(
            place.is_unchanged() for place in self._places.values() if type(place) is _Cache
        )

    def _find(self) -> None:
        """Look for modules that are not known yet."""
        self._modules = len(sys.modules)
        new = {
            name: module
            for name, module in list(sys.modules.items())
            if name not in self._own and isinstance(module, ModuleType) and self._is_own(module)
        }
        self._own |= new.keys()
        # What several have is called by where it most likely was made: beside its class, or in the
        # module that others import, which comes after them.
        places = [_Names(name, module) for name, module in reversed(new.items())]
        for place in places:
            self._look_into(place, beside_its_class=True)
        for place in places:
            self._look_into(place)

    def _look_into(self, place: _Names, *, beside_its_class: bool = False) -> None:
        self._places[place.path] = place
        for name, value in place.items():
            if not beside_its_class or type(value).__module__ == place.path:
                self._look_at(f"{place.path}.{name}", value, place)

    def _look_at(self, path: str, value: object, holder: _Names) -> None:
        """Watch what ``value`` holds, which ``holder`` has."""
        if holder.only_callable or id(value) in self._known:
            return
        place = self._place(path, value, holder)
        if place is None:
            return
        self._known.add(id(value))
        if isinstance(place, _Names):
            self._look_into(place)
        else:
            self._places[path] = place

    def _place(self, path: str, value: object, holder: _Names) -> _Place | None:
        kind = type(value)
        if kind in _CONTAINERS:
            return _Contents(path, value)
        if kind is _CACHE:
            return _Cache(path, value)
        if holder.path not in self._own:
            return None  # It is within a class, or within an object.
        if isinstance(value, ModuleType):
            name = value.__name__
            if name in _VOLATILE or self._is_own(value):
                return None
            return _Names(name, value, only_callable=True)
        if isinstance(value, type):
            # A class that was imported is found where it was made.
            return _Names(path, value) if value.__module__ == holder.path else None
        if kind.__module__ in self._own and hasattr(value, "__dict__"):
            return _Names(path, value)
        return None

    def _forget(self, path: str) -> None:
        """Something else has taken the place of what was at ``path``."""
        for known in [path, *(one for one in self._places if one.startswith(f"{path}."))]:
            place = self._places.pop(known, None)
            if place is not None:
                self._known.discard(id(place.holds))


class _Names:
    """The attributes of a module, a class or an object."""

    def __init__(
        self,
        path: str,
        holds: object,
        *,
        only_callable: bool = False,
    ) -> None:
        """``only_callable``: look at no other attributes."""
        self.path = path
        self.holds = holds
        self.only_callable = only_callable
        self._namespace: Mapping[str, Any] = vars(holds)
        self._keep()

    def _keep(self) -> None:
        self._known = dict(self._namespace)
        self._values = list(self._known.values())

    def items(self) -> list[tuple[str, Any]]:
        """Names and values, but names that belong to the language."""
        return [(name, value) for name, value in self._known.items() if not _is_dunder(name)]

    def is_unchanged(self) -> bool:
        """Whether all is as it was."""
        try:
            return len(self._namespace) == len(self._values) and all(
                map(is_, self._namespace.values(), self._values)
            )
        except RuntimeError:  # Another thread changes it right now.
            return False

    def changes(self) -> list[Change]:
        """What has changed."""
        was = self._known
        self._keep()
        now = self._known
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
        return not (_is_dunder(name) or (was is ABSENT and isinstance(now, ModuleType)))

    def _is_made_late(self, name: str, was: Mapping[str, Any]) -> bool:
        """Whether it seems to be made by whoever needs it first."""
        if name in was:
            return was[name] is None
        return isinstance(getattr(type(self.holds), name, None), functools.cached_property)


class _Contents:
    """What is in a list, a dict or a set."""

    def __init__(self, path: str, container: Any) -> None:
        self._path = path
        self.holds: object = container
        self._container = container
        self._keep()

    def _keep(self) -> None:
        container = self._container.copy()
        self._length = len(container)
        self._values: list[Any] = []
        self._keys: list[Any] = []
        if self._length <= _LARGE:
            if isinstance(container, dict):
                self._keys = list(container)
                self._values = list(container.values())
            else:
                self._values = list(container)

    def is_unchanged(self) -> bool:
        """Whether it has the same in the same order."""
        container = self._container
        if len(container) != self._length:
            return False
        if self._length > _LARGE:
            return True
        try:
            if isinstance(container, dict):
                return all(map(is_, container, self._keys)) and all(
                    map(is_, container.values(), self._values)
                )
            return all(map(is_, container, self._values))
        except RuntimeError:  # Another thread changes it right now.
            return False

    def changes(self) -> list[Change]:
        """One, unless what is in it has only been replaced by equal values."""
        was = self._picture()
        self._keep()
        now = self._picture()
        if same(was, now):
            return []
        return [
            Change("contents", self._path, was, now, is_doubtful=bool(_FILLED.search(self._path)))
        ]

    def _picture(self) -> object:
        if self._length > _LARGE:
            return f"{self._length} of them"
        if isinstance(self._container, dict):
            return tuple(zip(self._keys, self._values, strict=True))
        return tuple(self._values)


class _Cache:
    """How many results a function with ``functools.lru_cache`` keeps."""

    def __init__(self, path: str, function: Any) -> None:
        self._path = path
        self.holds: object = function
        self._function = function
        self._size = function.cache_info().currsize

    def is_unchanged(self) -> bool:
        """Whether there are as many."""
        return bool(self._function.cache_info().currsize == self._size)

    def changes(self) -> list[Change]:
        """One; that there are less is no change, as a cache may always be cleared."""
        was, self._size = self._size, self._function.cache_info().currsize
        before = count(min(was, self._size), "result")
        now = count(self._size, "result")
        return [Change("cache", self._path, before, now, is_doubtful=True)]


_Place: TypeAlias = _Names | _Contents | _Cache


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")
