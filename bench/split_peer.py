"""Runs in an environment that has pytest-split: its own algorithms on what stands on stdin.

In: ``{"splits": [2, 5], "seconds": {node id: seconds}}``. Out: for each algorithm and number of
groups, the group of each test, in order.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass

from pytest_split.algorithms import Algorithms


@dataclass(frozen=True)
class Item:
    """All that the algorithms look at."""

    nodeid: str


def main() -> None:
    asked = json.load(sys.stdin)
    items = [Item(node_id) for node_id in asked["seconds"]]
    found: dict[str, dict[int, list[int]]] = {}
    for algorithm in Algorithms:
        for splits in asked["splits"]:
            groups = algorithm.value(splits, items, asked["seconds"])
            group_of = {
                item.nodeid: number
                for number, group in enumerate(groups)
                for item in group.selected
            }
            found.setdefault(algorithm.name, {})[splits] = [group_of[i.nodeid] for i in items]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
