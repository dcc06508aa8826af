"""What runs an asynchronous test, and on which event loop."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

ASYNCIO = "pytest-asyncio"
ANYIO = "anyio"
TRIO = "pytest-trio"
NOTHING = "nothing"
"""The test is asynchronous, and no plugin that is loaded runs it."""


class Runners:
    """Knows the plugins that run asynchronous tests in this process."""

    def __init__(self, config: pytest.Config) -> None:
        has = config.pluginmanager.hasplugin
        self._has_asyncio = has("asyncio")
        self._has_anyio = has("anyio")
        self._has_trio = has("trio")
        self._trio_mode = self._has_trio and bool(_ini(config, "trio_mode"))
        self._loop_scope = str(_ini(config, "asyncio_default_test_loop_scope") or "function")
        self.asyncio_mode = self._mode(config) if self._has_asyncio else ""
        """``auto`` or ``strict``; empty without pytest-asyncio."""

    def _mode(self, config: pytest.Config) -> str:
        mode = config.getoption("asyncio_mode", None) or _ini(config, "asyncio_mode") or "strict"
        return str(getattr(mode, "value", mode))

    def of(self, item: pytest.Item) -> tuple[str, str]:
        """What runs ``item``, and the scope of its loop; both empty if it is not asynchronous."""
        mark = item.get_closest_marker("asyncio")
        if type(item).__module__.startswith("pytest_asyncio"):
            # It has made the test its own, which tells more than what the test looks like.
            return ASYNCIO, self._scope(mark)
        if not _is_async(getattr(item, "obj", None)):
            return "", ""
        if self._has_asyncio and (mark is not None or self.asyncio_mode == "auto"):
            return ASYNCIO, self._scope(mark)
        if self._has_trio and (self._trio_mode or item.get_closest_marker("trio")):
            return TRIO, "function"
        fixtures = getattr(item, "fixturenames", ())
        if self._has_anyio and (item.get_closest_marker("anyio") or "anyio_backend" in fixtures):
            return ANYIO, "function"
        return NOTHING, ""

    def _scope(self, mark: pytest.Mark | None) -> str:
        settings = mark.kwargs if mark else {}
        return str(settings.get("loop_scope") or settings.get("scope") or self._loop_scope)


def _is_async(function: Any) -> bool:
    plain = inspect.unwrap(function) if callable(function) else function
    return inspect.iscoroutinefunction(plain) or inspect.isasyncgenfunction(plain)


def _ini(config: pytest.Config, name: str) -> Any:
    """An ini value of another plugin, which may not have it."""
    try:
        return config.getini(name)
    except (KeyError, ValueError):
        return None
