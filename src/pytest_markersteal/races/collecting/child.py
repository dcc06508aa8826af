"""The process that collects: ``python -m pytest_markersteal.races.collecting.child FILE ...``.

It runs ``pytest --collect-only`` with the arguments behind, and writes what there is to FILE.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from pytest_markersteal import options
from pytest_markersteal.markers import read_demands, refuse
from pytest_markersteal.races.collecting.model import (
    CollectedFixture,
    CollectedTest,
    Collection,
)
from pytest_markersteal.races.collecting.runners import Runners

_PARAMETERS = "_pytest.python"
"""Where parameters come from, which pytest treats as fixtures."""


class Collector:
    """Writes down what was collected."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._numbers: dict[Any, int] = {}
        self._fixtures: list[CollectedFixture] = []
        self._unasked: set[int] = set()
        self._conftests: list[str] = []
        self._deselected: list[pytest.Item] = []

    @pytest.hookimpl
    def pytest_plugin_registered(self, plugin: object) -> None:
        """A conftest is a plugin, whose name is that of its module."""
        path = getattr(plugin, "__file__", None)
        if path and Path(path).name == "conftest.py":
            self._conftests.append(path)

    @pytest.hookimpl
    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """These would not run."""
        self._deselected += items

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """All tests are known."""
        config, root = session.config, session.config.rootpath
        capacities = options.capacities(config)
        runners = Runners(config)
        tests = self._tests(session.items, runners, capacities)
        deselected = self._tests(self._deselected, runners, capacities)
        fixtures = [
            CollectedFixture(one.name, one.scope, one.where, number in self._unasked, one.is_async)
            for number, one in enumerate(self._fixtures)
        ]
        conftests = sorted(
            Path(path).relative_to(root).as_posix()
            for path in set(self._conftests)
            if Path(path).is_relative_to(root)
        )
        mode = runners.asyncio_mode
        found = Collection(str(root), tests, deselected, fixtures, conftests, mode, capacities)
        self._file.write_text(found.encoded(), encoding="ascii")

    def _tests(
        self, items: Sequence[pytest.Item], runners: Runners, capacities: Mapping[str, int]
    ) -> list[CollectedTest]:
        demands, problems = read_demands(items, capacities)
        refuse(problems)
        tests = []
        for item, demand in zip(items, demands, strict=True):
            function = item if isinstance(item, pytest.Function) else None
            runner, loop_scope = runners.of(item) if function else ("", "")
            tests.append(
                CollectedTest(
                    item.nodeid,
                    [node.name for node in item.listchain() if isinstance(node, pytest.Class)],
                    function.originalname if function else "",
                    [mark.name for mark in item.iter_markers()],
                    demand.fields(),
                    sorted(self._fixtures_of(item)),
                    runner,
                    loop_scope,
                )
            )
        return tests

    def _fixtures_of(self, item: pytest.Item) -> Iterable[int]:
        # pytest has no public way to what a test uses without being asked.
        info = getattr(item, "_fixtureinfo", None)
        if info is None:
            return
        asked = {*info.argnames, *(n for m in item.iter_markers("usefixtures") for n in m.args)}
        for name in info.names_closure:
            definitions = info.name2fixturedefs.get(name)
            # What has none is a parameter too, or ``request``.
            if not definitions or definitions[-1].func.__module__ == _PARAMETERS:
                continue
            number = self._number(definitions[-1])
            if name in info.initialnames and name not in asked:
                self._unasked.add(number)
            yield number

    def _number(self, definition: Any) -> int:
        number = self._numbers.get(definition)
        if number is None:
            number = self._numbers[definition] = len(self._fixtures)
            function = definition.func
            is_async = inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)
            where = definition.baseid or getattr(function, "__module__", "")
            self._fixtures.append(
                CollectedFixture(definition.argname, definition.scope, where, False, is_async)
            )
        return number


def main(arguments: Sequence[str]) -> int:
    """Collect; the exit status of pytest."""
    file, *own = arguments
    return int(pytest.main([*own, "--collect-only"], plugins=[Collector(Path(file))]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
