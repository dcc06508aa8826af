"""The aspect of the project's modules: their attributes, and what those hold.

Looked at are the modules under the rootdir, but not test modules and conftests, whose globals are
the tests' own business; their classes; the objects of these classes that modules have; and the
lists, dicts, sets and caches that any of these has. Of other modules that the project uses, such as
``time``, only functions and classes are looked at, as these are what tests replace.
"""

from __future__ import annotations

import functools
import sys
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Sequence
from types import ModuleType

from pytest_markersteal.races.watch.places import Cache, Contents, Glance, Names, Place
from pytest_markersteal.races.watch.state import Change

_CONTAINERS = (list, dict, set, deque, defaultdict, OrderedDict)
_CACHE = type(functools.lru_cache(lambda: None))
_VOLATILE = frozenset({"builtins", "os", "pytest", "sys"})
"""Other modules that are not looked at: they change by themselves, or another aspect has them."""


class Project:
    """All places of the project that hold something."""

    def __init__(self, is_own: Callable[[ModuleType], bool]) -> None:
        """``is_own`` says of a module whether it is the project's."""
        self._is_own = is_own
        self._modules = 0
        self._own: set[str] = set()
        self._places: dict[str, Place] = {}
        """By dotted path."""
        self._known: set[int] = set()
        """The ids of what places look at, as many modules may have the same object."""
        self._find()
        self._glance = Glance(list(self._places.values()))

    def changes(self) -> Sequence[Change]:
        """What has changed since this was last asked; new modules are looked at from now on."""
        is_new = len(sys.modules) != self._modules
        if not (is_new or self._glance.is_patched() or self._glance.is_filled()):
            return ()
        found: list[Change] = []
        for place in list(self._places.values()):
            changes = place.changes()
            place.keep()
            found += changes
            if isinstance(place, Names) and not place.only_callable:
                for change in changes:
                    self._forget(change.name)
                    self._look_at(change.name, change.now, place)
        if is_new:
            self._find()
        self._glance = Glance(list(self._places.values()))
        return found

    def is_patched(self) -> bool:
        """Whether anything is not what it was when ``changes`` was last asked.

        But caches, and what else is filled as it is used.
        """
        return self._glance.is_patched() and not all(
            change.is_doubtful for place in self._places.values() for change in place.changes()
        )

    def is_filled(self) -> bool:
        """Whether a cache has changed since ``changes`` was last asked."""
        return self._glance.is_filled()

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
        places = [Names(name, module) for name, module in reversed(new.items())]
        for place in places:
            self._look_into(place, beside_its_class=True)
        for place in places:
            self._look_into(place)

    def _look_into(self, place: Names, *, beside_its_class: bool = False) -> None:
        self._places[place.path] = place
        for name, value in place.items():
            if not beside_its_class or type(value).__module__ == place.path:
                self._look_at(f"{place.path}.{name}", value, place)

    def _look_at(self, path: str, value: object, holder: Names) -> None:
        """Watch what ``value`` holds, which ``holder`` has."""
        if holder.only_callable or id(value) in self._known:
            return
        place = self._place(path, value, holder)
        if place is None:
            return
        self._known.add(id(value))
        if isinstance(place, Names):
            self._look_into(place)
        else:
            self._places[path] = place

    def _place(self, path: str, value: object, holder: Names) -> Place | None:
        kind = type(value)
        if kind in _CONTAINERS:
            return Contents(path, value)
        if kind is _CACHE:
            return Cache(path, value)
        if holder.path not in self._own:
            return None  # It is within a class, or within an object.
        if isinstance(value, ModuleType):
            if value.__name__ in _VOLATILE or self._is_own(value):
                return None
            return Names(value.__name__, value, only_callable=True)
        if isinstance(value, type):
            # A class that was imported is found where it was made.
            return Names(path, value) if value.__module__ == holder.path else None
        if kind.__module__ in self._own and hasattr(value, "__dict__"):
            return Names(path, value)
        return None

    def _forget(self, path: str) -> None:
        """Something else has taken the place of what was at ``path``."""
        for known in [path, *(one for one in self._places if one.startswith(f"{path}."))]:
            place = self._places.pop(known, None)
            if place is not None:
                self._known.discard(id(place.holds))
