"""What one slot ran, again, in one process without workers."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from pytest_markersteal.distribution.replaying import Replaying
from pytest_markersteal.holdings import hold


class OneSlot:
    """Registered where the tests of one slot are run in this process."""

    def __init__(self, replaying: Replaying) -> None:
        self._replaying = replaying
        self._parks: set[pytest.Item] = set()
        """Tests after which the worker had nothing set up but what is of session scope."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> Generator[None, object, object]:
        """Keep the tests of the slot, in its order, whatever other plugins have done to it."""
        result = yield
        matched = self._replaying.match([item.nodeid for item in items])
        chosen = []
        for run in matched.played:
            item = items[run.test]
            hold(item, run.instances)
            chosen.append(item)
            if run.parks:
                self._parks.add(item)
        kept = set(chosen)
        others = [item for item in items if item not in kept]
        items[:] = chosen
        if others:
            config.hook.pytest_deselected(items=others)
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """Tear down what the worker tore down here, before pytest does for the next test.

        There is no public way to ask for it: hence ``_setupstate``.
        """
        if item in self._parks:
            # Declared for items, but all that it looks at is what is above the next one.
            state: Any = item.session._setupstate
            state.teardown_exact(item.session)
