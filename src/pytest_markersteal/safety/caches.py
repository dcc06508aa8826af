"""Caches of functions, by name: ``module:function`` or ``module:Class.method``.

Whatever has a ``cache_clear()`` is one: what ``functools.cache`` and ``functools.lru_cache`` make,
and their kin in other libraries.
"""

from __future__ import annotations

import importlib
import operator
import sys
from collections.abc import Iterable
from types import ModuleType
from typing import Protocol, TypeGuard


class CacheError(LookupError):
    """A name that stands for no cache; the message says why, and what was perhaps meant."""


class Cache(Protocol):
    """A function with a cache."""

    def cache_clear(self) -> object:
        """Forget all results."""


def is_cache(thing: object) -> TypeGuard[Cache]:
    """Whether ``thing`` has a cache that can be cleared."""
    return callable(getattr(thing, "cache_clear", None))


class NamedCache:
    """The cache called ``name``; its module is imported now. ``CacheError`` if there is none."""

    def __init__(self, name: str) -> None:
        self._module, _, self._path = name.partition(":")
        found = _found(_imported(self._module), self._path)
        if not is_cache(found):
            raise CacheError(
                f"{name} has no cache_clear(): name a function or method with functools.cache "
                "or functools.lru_cache"
            )
        self._found = found

    def clear(self) -> None:
        """Forget all results, those of a module that was loaded anew since included."""
        self._found.cache_clear()
        try:
            current = operator.attrgetter(self._path)(sys.modules.get(self._module))
        except AttributeError:
            return  # A test has taken the module or the function away.
        if current is not self._found and is_cache(current):
            current.cache_clear()


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise CacheError(f"importing {name} failed: {error!r}") from error
        near = _did_you_mean(name, [*sys.modules, *_siblings(name)])
        raise CacheError(f"there is no module {error.name}{near}") from error
    except Exception as error:  # Any line of any module may have raised it.
        raise CacheError(f"importing {name} failed: {error!r}") from error


def _siblings(name: str) -> list[str]:
    """The modules in the package of ``name``, if that is there."""
    import pkgutil  # Only here, as every run loads this module.

    package = name.rpartition(".")[0]
    paths = getattr(sys.modules.get(package), "__path__", ())
    return [module.name for module in pkgutil.iter_modules(paths, f"{package}.")]


def _found(start: object, path: str) -> object:
    """What ``start`` has at the dotted ``path``; ``CacheError`` names the part that is missing."""
    found = start
    for part in path.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            owner = getattr(found, "__name__", repr(found))
            near = _did_you_mean(part, dir(found))
            raise CacheError(f"{owner} has no {part}{near}") from None
    return found


def _did_you_mean(name: str, names: Iterable[str]) -> str:
    import difflib  # As above.

    near = difflib.get_close_matches(name, list(names), n=1)
    return f"; did you mean {near[0]}?" if near else ""
