"""Clears caches around each test: those that the ini file names, and those that a test gives."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any

import pytest

from pytest_markersteal.options import CLEAR_CACHES
from pytest_markersteal.safety.caches import Cache, CacheError, NamedCache, is_cache

_NAMED = pytest.StashKey[Sequence[NamedCache]]()
_PROBLEMS = "markersteal-caches"
"""Where a worker leaves the problems in what it gives to the controller when it ends."""


@pytest.fixture
def clear_caches(pytestconfig: pytest.Config) -> Callable[..., None]:
    """A function that clears the caches of the functions that it is given, now and after the test.

    Without functions it clears, now, the caches named in ``markersteal_clear_caches``, which are
    cleared before and after each test anyway.
    """
    after = _ClearAfter(pytestconfig.pluginmanager)
    pytestconfig.pluginmanager.register(after)

    def clear(*functions: object) -> None:
        if functions:
            after.clear(_checked(functions))
            return
        named = pytestconfig.stash.get(_NAMED, ())
        if not named:
            raise LookupError(
                "clear_caches() has nothing to clear: give it functions, as in "
                f"clear_caches(get_settings), or name them in the ini file with {CLEAR_CACHES}"
            )
        for cache in named:
            cache.clear()

    return clear


class _ClearAfter:
    """Clears caches, and once more after the test.

    Behind all of its fixtures: any of them could fill a cache again. Registered for one test.
    """

    def __init__(self, pluginmanager: pytest.PytestPluginManager) -> None:
        self._pluginmanager = pluginmanager
        self._caches: list[Cache] = []

    def clear(self, caches: Sequence[Cache]) -> None:
        """Clear ``caches``, and note them."""
        self._caches += caches
        for cache in caches:
            cache.cache_clear()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self) -> Generator[None, object, object]:
        """Clear at the end of the test, which is the end of this too."""
        try:
            return (yield)
        finally:
            self._pluginmanager.unregister(self)
            for cache in self._caches:
                cache.cache_clear()


def _checked(functions: Sequence[object]) -> list[Cache]:
    caches = [function for function in functions if is_cache(function)]
    if len(caches) < len(functions):
        wrong = next(function for function in functions if not is_cache(function))
        raise TypeError(
            f"clear_caches takes functions with functools.cache or functools.lru_cache, not "
            f"{wrong!r}, which has no cache_clear()"
        )
    return caches


class CachePlugin:
    """Registered in every process where the ini file names caches.

    Where tests run, names are looked up once collection has imported all conftests: an application
    may be imported only after these have prepared for it.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._caches: list[NamedCache] = []

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> Generator[None, object, object]:
        """Find the caches, if any test is to run; names without one are usage errors.

        Before anybody hears that there are tests.
        """
        if session.items and not session.config.getoption("collectonly"):
            self._find(session.config)
        return (yield)

    def _find(self, config: pytest.Config) -> None:
        problems = []
        for name in self._names:
            try:
                self._caches.append(NamedCache(name))
            except CacheError as error:
                problems.append(f"{CLEAR_CACHES}: {name!r}: {error}")
        if problems:
            _refuse(config, "\n".join(problems))
        config.stash[_NAMED] = self._caches

    # Around setup and teardown, not around the whole protocol: a rerun is a test of its own.

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self) -> Generator[None, object, object]:
        """Clear before any fixture of the test is set up."""
        self._clear()
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self) -> Generator[None, object, object]:
        """Clear once everything is torn down, even if that failed."""
        try:
            return (yield)
        finally:
            self._clear()

    def _clear(self) -> None:
        for cache in self._caches:
            cache.clear()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """On the controller: what a worker found wrong is a usage error of the run.

        ``node`` is xdist's WorkerController.
        """
        problems = getattr(node, "workeroutput", {}).get(_PROBLEMS)
        if problems is not None:
            raise pytest.UsageError(problems)


def _refuse(config: pytest.Config, problems: str) -> None:
    if not hasattr(config, "workerinput"):
        raise pytest.UsageError(problems)
    # A usage error of a worker would look like a crash: it ends, and leaves word.
    config.workeroutput[_PROBLEMS] = problems  # type: ignore[attr-defined] # xdist adds it
    pytest.exit(problems, returncode=pytest.ExitCode.USAGE_ERROR)
