"""What a trace consists of: records, in the order in which the controller learned of them.

Times are microseconds since the controller's session began, on the controller's clock; the parts
of a test count from its start. Workers of a run are numbered in the order in which they joined;
tests as in ``Tests.ids``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

VERSION = 3
"""Raised with every change of a record below."""
READABLE = (1, 2, 3)
"""The versions that are read.

Traces of 1 are as those of 2 in which nothing was isolated; those of 2 say nothing of hosts, and so
are as those of one host.
"""

FORMAT = "pytest-markersteal trace"


@dataclass(frozen=True, slots=True)
class Head:
    """The first record. ``began`` is the time of day in ISO 8601, with its offset from UTC.

    ``dist`` is the mode (empty without xdist), ``slots`` how many workers were started, ``cores``
    what the controller's machine has. ``seed`` is that of a plugin that shuffles, if one does.
    ``versions`` are by name of the package.
    """

    format: str
    version: int
    began: str
    arguments: list[str]
    dist: str
    slots: int
    cores: int
    platform: str
    seed: str | None
    versions: dict[str, str]


@dataclass(frozen=True, slots=True)
class Tests:
    """What was collected, once.

    ``demands``, as ``Demand.fields`` gives them, are what marks ask for; ``demand_of`` has an index
    into them for each test. ``predicted_us`` is what was known of each before, -1 where nothing.
    """

    ids: list[str]
    demands: list[list[Any]]
    demand_of: list[int]
    capacities: dict[str, int]
    predicted_us: list[int]


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker joined, at ``joined_us``. One that replaces another has its slot.

    It was launched, had imported plugins and conftests (``ready_us``), and had collected. Workers
    with the same ``host`` are on one host.
    """

    name: str
    slot: int
    launched_us: int
    ready_us: int
    collected_us: int
    joined_us: int
    host: str = ""


@dataclass(frozen=True, slots=True)
class Started:
    """A test started, as far as the controller knows then."""

    test: int
    worker: int
    at_us: int


@dataclass(frozen=True, slots=True)
class Finished:
    """A test ran to its end.

    ``own_us`` is what it took without fixtures of wider scope than function and without waiting.
    ``outcome`` is an index into ``OUTCOMES``. ``phases`` are ``phase, since, until`` of each, the
    phase an index into ``PHASES``; there are more than three where a test was run again at once.
    ``waits`` are ``since, until`` of each time that it waited in there to be told the next test.
    ``fixtures`` are ``[scope, node id, name, own, since, until]`` of those set up for it, of wider
    scope than function; ``own`` is without those that it asked for itself.
    ``parked``: the worker then tore everything down to session scope.
    """

    test: int
    worker: int
    began_us: int
    ended_us: int
    own_us: int
    cpu_us: int
    outcome: int
    phases: list[int]
    waits: list[int]
    fixtures: list[list[Any]]
    parked: bool


@dataclass(frozen=True, slots=True)
class Left:
    """A worker was gone before the end; ``crashed`` is the test that it was running, or -1."""

    worker: int
    at_us: int
    crashed: int


@dataclass(frozen=True, slots=True)
class Command:
    """What the scheduler told a worker; ``command`` is an index into ``COMMANDS``.

    ``tests`` are to run after those of earlier commands; ``instances`` are, by test and key, the
    numbers of the instances that it holds.
    """

    worker: int
    at_us: int
    command: int
    tests: list[int]
    instances: dict[int, dict[str, list[int]]]


@dataclass(frozen=True, slots=True)
class End:
    """The last record, unless the controller was killed: ``why`` is set where it ended early.

    ``controller_cpu_us`` is what the controller's process used since all workers had collected.
    """

    at_us: int
    exit_status: int
    why: str | None
    controller_cpu_us: int = 0


@dataclass(frozen=True, slots=True)
class Isolation:
    """After a worker died with it, nobody is given an instance of a key: ``isolated``.

    The next record of the instance is of its check: ``finding`` is one of "healthy", "unhealthy",
    "failed", "late" and "unknown", and it may still be isolated. ``host`` is where it is, if the
    key is one per host.
    """

    key: str
    instance: int
    at_us: int
    isolated: bool
    finding: str | None
    host: str = ""


Record: TypeAlias = Head | Tests | Worker | Started | Finished | Left | Command | End | Isolation
