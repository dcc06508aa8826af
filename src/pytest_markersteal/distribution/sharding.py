"""Leaving out the tests of other shards, in each process that collects.

That is every worker, under any ``--dist``, or the one process without. The controller does not
collect: it is told by a worker, on a channel that is opened for this.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest

from pytest_markersteal.distribution.shards import ShardFacts, Split
from pytest_markersteal.distribution.stored import stored
from pytest_markersteal.markers import read_demands
from pytest_markersteal.options import Shard, capacities

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

_INPUT_KEY = "markersteal_shard"
"""Where the controller puts the channel in ``config.workerinput``."""


class ShardPlugin:
    """Registered in each process of a run of one shard."""

    def __init__(self, shard: Shard) -> None:
        self.shard = shard
        self.facts: ShardFacts | None = None
        """Known once this process, or a worker, has collected."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> Generator[None, object, object]:
        """Keep the tests of the shard, of those that -k, -m, --lf and others have left."""
        result = yield
        # Wrong marks are told, by the part of this plugin that needs them, of tests that run.
        demands, _ = read_demands(items, capacities(config))
        ids = [_own_id(item, demand.group) for item, demand in zip(items, demands, strict=True)]
        store, history = stored(config)
        split = Split(ids, demands, history, capacities(config), self.shard)
        self.facts = split.facts()._replace(trouble=tuple(store.trouble))
        own = set(split.own)
        others = [item for number, item in enumerate(items) if number not in own]
        items[:] = [items[number] for number in split.own]
        config.hook.pytest_deselected(items=others)
        channel = getattr(config, "workerinput", {}).get(_INPUT_KEY)
        if channel is not None:
            channel.send(tuple(self.facts))
        return result

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: WorkerController) -> None:
        """Let a worker tell what it collected, ahead of the node ids that xdist sends."""
        channel = node.gateway.newchannel()
        channel.setcallback(self._hear)
        node.workerinput[_INPUT_KEY] = channel

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """A shard without tests is no failure where there are fewer tests than shards."""
        facts = self.facts
        is_empty = facts is not None and facts.own == 0 < facts.total
        if is_empty and session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            session.exitstatus = pytest.ExitCode.OK

    def _hear(self, fields: tuple[object, ...]) -> None:
        # What is shown and no more.
        self.facts = ShardFacts(*fields)  # type: ignore[arg-type] # A worker of ours sent them.


def _own_id(item: pytest.Item, group: str | None) -> str:
    """The node id, without the group that ``--dist loadgroup`` has put behind it."""
    if group is not None and item.config.getoption("loadgroup", False):
        return item.nodeid.removesuffix(f"@{group}")
    return item.nodeid
