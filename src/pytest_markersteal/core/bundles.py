"""Tests that belong together wherever they run: what one worker must run one after another.

A bundle is made of tests that are linked by a key that they write (unless two workers could hold
it, see ``Suite.splittable``), by an ``xdist_group``, or by all being ``serial``. A test that writes
two keys links both, so a bundle may hold several chains.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from pytest_markersteal.core.suite import Demand, Suite


def bundles_of(suite: Suite) -> list[list[int]]:
    """The bundles of two tests or more: tests ascending, bundles by their first test."""
    names = {number: list(_links(suite, suite.demands[number])) for number in set(suite.demand_of)}
    # Union-find over the demands, of which there are few, rather than over the tests.
    root_of: dict[Hashable, Hashable] = {}

    def find(link: Hashable) -> Hashable:
        root = root_of.setdefault(link, link)
        while root != root_of[root]:
            root = root_of[root]
        root_of[link] = root
        return root

    for links in names.values():
        for link in links[1:]:
            root_of[find(link)] = find(links[0])
    members: dict[Hashable, list[int]] = {}
    for test, number in enumerate(suite.demand_of):
        if names[number]:
            members.setdefault(find(names[number][0]), []).append(test)
    return [tests for tests in members.values() if len(tests) > 1]


def chain_of(suite: Suite, tests: list[int], weights: list[int]) -> int:
    """What the longest chain among ``tests`` takes, in the unit of ``weights``."""
    lengths: dict[Hashable, int] = {}
    for test in tests:
        for link in _links(suite, suite.demand(test)):
            lengths[link] = lengths.get(link, 0) + weights[test]
    return max(lengths.values(), default=0)


def _links(suite: Suite, demand: Demand) -> Iterator[tuple[str, str]]:
    """What holds a test with ``demand`` together with others."""
    if demand.serial:
        yield "serial", ""
    if demand.group is not None:
        yield "group", demand.group
    for claim in demand.claims:
        if not suite.splittable((claim,)):
            yield "key", claim.key
