"""Tests and fixtures as a project's pytest collects them; as JSON between two processes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pytest_markersteal.core.suite import Demand


@dataclass(frozen=True, slots=True)
class CollectedTest:
    """A test, with its node id.

    ``classes`` are the names of those it is in, the outermost first; ``function`` is the name of
    its function, without parameters, and empty where it is no function of a Python file. ``marks``
    are names, of its function, its classes and its module. ``demand`` is what they ask of the
    scheduler, as ``Demand.fields`` gives it. ``fixtures`` are indices into ``Collection.fixtures``
    of all that it uses, by whatever way. ``runner`` names what runs it, if it is asynchronous:
    empty if it isn't, ``nothing`` if nobody does. ``loop_scope`` is that of its event loop, empty
    where it is not known.
    """

    id: str
    classes: list[str]
    function: str
    marks: list[str]
    demand: list[Any]
    fixtures: list[int]
    runner: str
    loop_scope: str

    @property
    def asks(self) -> Demand:
        """What its marks ask of the scheduler."""
        return Demand.of_fields(self.demand)


@dataclass(frozen=True, slots=True)
class CollectedFixture:
    """A fixture that tests use: ``where`` is the node id under which it is known, or a plugin.

    ``autouse``: some test has it without asking for it.
    """

    name: str
    scope: str
    where: str
    autouse: bool
    is_async: bool


@dataclass(frozen=True, slots=True)
class Collection:
    """What was collected in ``rootdir``. ``conftests`` are paths relative to it.

    ``deselected`` are tests that would not run, as by ``-m``. ``asyncio_mode`` is that of
    pytest-asyncio, empty without it; ``capacities`` are those of keys.
    """

    rootdir: str
    tests: Sequence[CollectedTest]
    deselected: Sequence[CollectedTest]
    fixtures: Sequence[CollectedFixture]
    conftests: Sequence[str]
    asyncio_mode: str
    capacities: Mapping[str, int]

    def encoded(self) -> str:
        """It as JSON."""
        return json.dumps(asdict(self))


def decoded(text: str) -> Collection:
    """The collection that ``encoded`` was."""
    fields = json.loads(text)
    for name, kind in (
        ("tests", CollectedTest),
        ("deselected", CollectedTest),
        ("fixtures", CollectedFixture),
    ):
        fields[name] = [kind(**one) for one in fields[name]]
    return Collection(**fields)
