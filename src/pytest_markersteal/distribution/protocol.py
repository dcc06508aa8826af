"""What the plugin's two halves say to each other, over a channel of their own.

Each message is one msgpack array ``[kind, field, ...]``. The catalog, sent first, carries the
version; halves of different versions refuse each other with words. Messages of one worker arrive
in order, also relative to xdist's, because both use one connection.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, TypeAlias, get_args

from pytest_markersteal.core.suite import Demand
from pytest_markersteal.records import Kinds
from pytest_markersteal.trace.names import OUTCOMES, PHASES

VERSION = 8
"""Raised with every change of a message below."""

INPUT_KEY = "markersteal"
"""Where the controller puts the channel in ``config.workerinput``."""
OBSERVED_KEY = "markersteal_observed"
"""Where it puts it where another scheduler's run is traced."""
BOX_KEY = "markersteal_box"
"""Where it puts the path of the black box, if there is one."""

_FIXTURE = [str, str, str, float, int, int]


# From worker to controller


@dataclass(frozen=True, slots=True)
class Catalog:
    """What a worker collected: sent once, before xdist's own list of node ids.

    ``demands`` are as ``Demand.fields`` gives them; ``demand_of`` has an index into them for each
    test. ``problems`` are marks used wrongly, ready to print.
    ``deselected`` is how many tests were found and left out, as with ``-k``.
    ``ready_cpu_s`` are the CPU seconds that the process had used when plugins and conftests were
    imported, and ``collected_cpu_s`` when it had collected; ``ready_s`` and ``collected_s`` are the
    same by the worker's clock. Workers that tell the same ``host`` are on one host.
    """

    version: int
    package: str
    demands: list[list[Any]]
    demand_of: list[int]
    problems: list[str]
    ready_cpu_s: float = 0.0
    collected_cpu_s: float = 0.0
    ready_s: float = 0.0
    collected_s: float = 0.0
    deselected: int = 0
    host: str = ""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long one test took, in seconds, fixtures of wider scope than function apart.

    ``fixtures`` are those set up for it: ``[scope, node id, fixture name, seconds, since, until]``,
    the seconds without those of fixtures that it asked for itself.
    ``began_s`` is the worker's clock at its start, from where ``since`` and ``until`` count, in
    microseconds; ``lasted_us`` is all the time that it took. ``phases`` are ``phase, since, until``
    of each, ``waits`` ``since, until`` of each time that it waited to be told the next test. Phases
    and ``outcome`` are numbers in ``PHASES`` and ``OUTCOMES``.
    """

    wall_s: float
    setup_s: float
    call_s: float
    teardown_s: float
    cpu_s: float
    passed: bool
    fixtures: list[list[Any]]
    began_s: float
    lasted_us: int
    outcome: int
    phases: list[int]
    waits: list[int]


@dataclass(frozen=True, slots=True)
class Step:
    """A worker finished a test, started one, or both, and may now be parked."""

    finished: int | None
    timing: list[Any] | None
    started: int | None
    parked: bool


@dataclass(frozen=True, slots=True)
class Hungry:
    """A worker needs its next test; ``received`` tests have reached it so far."""

    received: int


@dataclass(frozen=True, slots=True)
class Recalled:
    """Tests that a worker gives back unstarted."""

    tests: list[int]


@dataclass(frozen=True, slots=True)
class Pong:
    """The answer to the ``Ping`` of ``sent_s``, and the worker's clock, in seconds."""

    sent_s: float
    worker_s: float


@dataclass(frozen=True, slots=True)
class Event:
    """An event of xdist's own, which travels with ours: its name, and its arguments."""

    name: str
    kwargs: dict[str, Any]


# From controller to worker


@dataclass(frozen=True, slots=True)
class Ping:
    """Answer at once: sent at ``sent_s`` by the controller's clock."""

    sent_s: float


@dataclass(frozen=True, slots=True)
class Run:
    """Tests to run after those sent before; ``instances`` maps test to key to instances."""

    tests: list[int]
    instances: dict[int, dict[str, list[int]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gate:
    """Start no more than the first ``tests`` of all that were sent; finish the one before."""

    tests: int


@dataclass(frozen=True, slots=True)
class Recall:
    """Give back those of ``tests`` that have not started; None stands for all that it has."""

    tests: list[int] | None = None


@dataclass(frozen=True, slots=True)
class Park:
    """Tear down to session scope, then wait."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Finish the running test and leave."""


Message: TypeAlias = (
    Catalog | Step | Hungry | Recalled | Pong | Event | Ping | Run | Gate | Recall | Park | Stop
)


class ProtocolError(ValueError):
    """Bytes that are no message of this version."""


KINDS = Kinds((*get_args(Message), Timing), ProtocolError)
"""How each is an array, and checked."""


def demand_from(fields: Any) -> Demand:
    """The demand in a ``Catalog``; ``ProtocolError`` if it is malformed."""
    try:
        return Demand.of_fields(fields)
    except ValueError as error:
        raise ProtocolError(str(error)) from error


def timing_fields(timing: Timing) -> list[Any]:
    """``timing`` as it travels in a ``Step``."""
    return KINDS.fields(timing)[1:]


def timing_of(fields: Any) -> Timing:
    """The timing in a ``Step``; ``ProtocolError`` if it is malformed."""
    timing: Timing = KINDS.checked(Timing, fields)
    seconds = [timing.wall_s, timing.setup_s, timing.call_s, timing.teardown_s, timing.cpu_s]
    for fixture in timing.fixtures:
        if type(fixture) is not list or [type(part) for part in fixture] != _FIXTURE:
            raise ProtocolError(f"not the timing of a fixture: {fixture!r}")
        seconds += fixture[3:]
    if not all(0 <= value < float("inf") for value in seconds):
        raise ProtocolError(f"durations must be finite and not negative: {seconds}")
    spans = (timing.phases, 3), (timing.waits, 2)
    if any(len(span) % size or any(type(n) is not int for n in span) for span, size in spans):
        raise ProtocolError(f"not spans: {timing.phases}, {timing.waits}")
    if not math.isfinite(timing.began_s):
        raise ProtocolError(f"not a time: {timing.began_s}")
    if not 0 <= timing.outcome < len(OUTCOMES) or any(
        not 0 <= phase < len(PHASES) for phase in timing.phases[::3]
    ):
        raise ProtocolError(f"not an outcome, or not phases: {timing.outcome}, {timing.phases}")
    return timing
