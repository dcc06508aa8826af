"""Tears down what a parked worker had kept, which is what is of session scope.

pytest does it in the teardown of a worker's last test, which a parked worker did not know to be its
last; or else when the session finishes, where xdist drops an error.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import pytest

OWN_NAME = "markersteal-session-teardown"
AROUND_TESTS = ("assertion", "warnings", OWN_NAME)
AT_TEARDOWN = (
    "runner",
    "capturemanager",
    "logging-plugin",
    "unraisableexception",
    "threadexception",
)
"""What pytest's own plugins do, by name, is done here too. To others, the test ended long ago."""


def tear_down_session(last: pytest.Item) -> None:
    """Tear it down as in a teardown of the ``last`` test; if that fails, report it as one."""
    manager = last.config.pluginmanager
    teardown = _Teardown(manager)
    manager.register(teardown, OWN_NAME)
    try:
        _only(manager, "pytest_runtest_protocol", AROUND_TESTS)(item=last, nextitem=None)
    finally:
        manager.unregister(teardown)


class _Teardown:
    """Stands in for the protocol of a test of which nothing is left but a teardown."""

    def __init__(self, manager: pytest.PytestPluginManager) -> None:
        self._set_up_log = _only(manager, "pytest_runtest_setup", ["logging-plugin"])
        self._tear_down = _only(manager, "pytest_runtest_teardown", AT_TEARDOWN)

    @pytest.hookimpl
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool:
        # The log of a teardown goes where that of the set-up went.
        self._set_up_log(item=item)
        call = pytest.CallInfo.from_call(
            lambda: self._tear_down(item=item, nextitem=None),
            when="teardown",
            reraise=(KeyboardInterrupt, pytest.exit.Exception),
        )
        if call.excinfo is not None:
            report = item.ihook.pytest_runtest_makereport(item=item, call=call)
            item.ihook.pytest_runtest_logreport(report=report)
        return True


def _only(
    manager: pytest.PytestPluginManager, hook: str, plugins: Collection[str]
) -> Callable[..., Any]:
    """A hook as ``plugins`` alone implement it."""
    others = [plugin for name, plugin in manager.list_name_plugin() if name not in plugins]
    return manager.subset_hook_caller(hook, filter(None, others))
