"""Who of a run's workers is up, has collected, and can run tests."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import execnet
import pytest

from pytest_markersteal.distribution.collection import Numbering
from pytest_markersteal.distribution.roster import Roster
from pytest_markersteal.distribution.slots import number_slots

IDS = ["a.py::test_a", "a.py::test_b"]


class Node:
    """All of one of xdist's that is looked at."""

    def __init__(self, spec: execnet.XSpec) -> None:
        self.gateway = SimpleNamespace(id=spec.id, spec=spec)


class Crew:
    """Workers that were started, one for each slot; ``links`` has those that are there."""

    def __init__(self, slots: int) -> None:
        specs = [execnet.XSpec(f"popen//id=gw{slot}") for slot in range(slots)]
        number_slots(specs)
        self.links: dict[Any, Any] = {}
        self.roster = Roster(self.links, slots)
        self.nodes = [self.start(spec) for spec in specs]

    def start(self, spec: execnet.XSpec) -> Any:
        node = Node(spec)
        self.links[node] = None
        return node

    def join(self, node: Any) -> None:
        self.roster.up.append(node)
        self.roster.numberings[node] = Numbering(IDS, IDS)

    def die(self, node: Any) -> bool:
        del self.links[node]
        return self.roster.remove(node)


def test_a_run_begins_when_all_that_are_still_there_have_collected() -> None:
    """In the order of their start; who left before does not count, and nobody is not all."""
    crew = Crew(3)
    first, second, third = crew.nodes
    for node in (second, first):
        crew.roster.up.append(node)
        crew.roster.collections[node] = IDS
    assert not crew.roster.has_collected
    crew.roster.up.append(third)
    assert not crew.die(third)
    assert crew.roster.has_collected
    assert crew.roster.collected() == [first, second]
    assert not crew.die(first)
    assert not crew.die(second)
    assert not crew.roster.has_collected


def test_a_worker_that_left_is_not_listened_to() -> None:
    """It had joined, so its tests are to be taken back; of what it says, nothing counts."""
    crew = Crew(1)
    (node,) = crew.nodes
    crew.join(node)
    assert crew.roster.numbering(node) is not None
    assert crew.roster.by_name() == {"gw0": node}
    assert crew.die(node)
    assert crew.roster.numbering(node) is None
    assert crew.roster.by_name() == {}
    with pytest.raises(KeyError):
        crew.roster.remove(node)


def test_slots_are_lost_once_where_nobody_follows() -> None:
    """Not while a replacement is on its way; one that was refused mans no slot."""
    crew = Crew(3)
    for node in crew.nodes:
        crew.join(node)
    assert crew.roster.newly_lost_slots() == []
    crew.die(crew.nodes[1])
    other = crew.start(crew.nodes[1].gateway.spec)
    assert crew.roster.newly_lost_slots() == []
    crew.roster.up.append(other)
    crew.roster.refuse(other)
    assert crew.roster.newly_lost_slots() == [1]
    assert crew.roster.newly_lost_slots() == []
    crew.die(other)
    crew.die(crew.nodes[2])
    assert crew.roster.newly_lost_slots() == [2]
    assert not crew.roster.is_stranded
    crew.roster.refuse(crew.nodes[0])
    assert crew.roster.is_stranded
