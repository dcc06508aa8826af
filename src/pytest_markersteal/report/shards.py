"""The line that says which shard of the suite is run, and how long it is predicted to take."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_markersteal.distribution.shards import ShardFacts
from pytest_markersteal.options import Shard

_WHOLE_FROM_S = 10


class ShardLines:
    """Writes the line once it is known, where people see it; with -q only what went wrong."""

    def __init__(self, shard: Shard, facts: Callable[[], ShardFacts | None]) -> None:
        self._shard = shard
        self._facts = facts
        self._told = False

    @pytest.hookimpl
    def pytest_report_collectionfinish(self, config: pytest.Config) -> list[str]:
        """Below the number of tests, where this process collected."""
        return self._lines(config)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: object) -> None:
        """With xdist, when the first worker has collected."""
        # Only the bridge may import xdist, for a type too.
        config: pytest.Config = node.config  # type: ignore[attr-defined] # The node is xdist's.
        reporter = config.pluginmanager.getplugin("terminalreporter")
        if reporter is None or self._told:
            return
        lines = self._lines(config)
        if lines and getattr(reporter, "isatty", False):
            reporter.write_line("")  # xdist rewrites a line of its own.
        for line in lines:
            reporter.write_line(line)

    def _lines(self, config: pytest.Config) -> list[str]:
        facts = self._facts()
        verbosity = config.get_verbosity()
        if facts is None or verbosity < -1:
            return []
        self._told = True
        lines = [f"markersteal: {shard_line(self._shard, facts)}"] if verbosity >= 0 else []
        if not config.pluginmanager.hasplugin("markersteal-summary"):  # Which tells of it too.
            lines += [f"markersteal: warning: {trouble}" for trouble in facts.trouble]
        return lines


def shard_line(shard: Shard, facts: ShardFacts) -> str:
    """Which shard, how many tests, and how long they take one after another."""
    line = f"shard {shard.number} of {shard.total}: {facts.own:,} of {facts.total:,} tests"
    if facts.own == 0:
        line += ": nothing is left for this one"
    elif facts.own_s is None or facts.total_s is None:
        line += ", by number, as no durations are known"
    else:
        line += f", predicted {_seconds(facts.own_s)} of {_seconds(facts.total_s)}"
    return f"{line} (split {facts.fingerprint})"


def _seconds(seconds: float) -> str:
    digits = 0 if seconds >= _WHOLE_FROM_S else 1 if seconds >= 1 else 2
    return f"{seconds:,.{digits}f} s"
