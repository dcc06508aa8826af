"""The tests in a class or a module, which findings name for all that are in there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate


def inside(tests: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """Of ``tests``, node ids, those in each module and class, by its node id; in their order."""
    found: dict[str, list[str]] = defaultdict(list)
    for test in tests:
        for place in accumulate(test.split("::")[:-1], "{}::{}".format):
            found[place].append(test)
    return dict(found)
