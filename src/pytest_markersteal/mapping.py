"""Gives tests the marks of ``markersteal.toml``, in every process that collects them."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from pytest_markersteal import options
from pytest_markersteal.mark_map import MapError, MarkMap, Matcher, read_map
from pytest_markersteal.options import MAP_FILE

_OUTPUT = "markersteal_unmatched"
"""Where a worker leaves the patterns that matched nothing."""
_SHOWN = 10


def configure(config: pytest.Config) -> None:
    """Read the map; ``UsageError`` if it can't be used."""
    try:
        marks = read_map(config.rootpath / MAP_FILE, options.capacities(config))
    except (MapError, OSError) as error:
        raise pytest.UsageError(str(error)) from error
    config.pluginmanager.register(MapPlugin(marks), "markersteal-map")


class MapPlugin:
    """Marks tests as they are collected, before anybody looks at their marks."""

    def __init__(self, marks: MarkMap) -> None:
        self._marks = marks.marks
        self._matcher = Matcher(marks.marks)
        self._unmatched: dict[str, None] = {}
        self._collects = False
        """Whether this process collects tests, which the controller of workers doesn't."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Before tests are selected, so that ``-m`` sees these marks as well."""
        self._collects = True
        for pattern in self._matcher.matching(item.nodeid):
            for mark in self._marks[pattern]:
                item.add_marker(mark)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Leave what matched nothing for the controller, or for the summary."""
        if not self._collects or _leaves_out_tests_of_files(session.config):
            return
        unmatched = self._matcher.unmatched(session.config.rootpath)
        output = getattr(session.config, "workeroutput", None)  # xdist's, on workers.
        if output is None:
            self._tell(unmatched)
        else:
            output[_OUTPUT] = unmatched

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        """A worker is done."""
        self._tell(getattr(node, "workeroutput", {}).get(_OUTPUT, ()))

    def _tell(self, unmatched: Iterable[str]) -> None:
        self._unmatched.update(dict.fromkeys(unmatched))

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say which patterns matched nothing: what they were to keep apart no longer is."""
        for pattern in sorted(self._unmatched)[:_SHOWN]:
            terminalreporter.write_line(
                f"{MAP_FILE}: no test matches {pattern!r}; mend the pattern, or remove it",
                yellow=True,
            )
        more = len(self._unmatched) - _SHOWN
        if more > 0:
            terminalreporter.write_line(f"{MAP_FILE}: nor {more:,} more patterns", yellow=True)


def _leaves_out_tests_of_files(config: pytest.Config) -> bool:
    """Whether files are collected in part, so that what is not there says nothing."""
    return bool(config.getoption("lf", False)) or any("::" in argument for argument in config.args)
