"""What goes into the scheduler and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

WorkerId: TypeAlias = str
Instances: TypeAlias = Mapping[str, tuple[int, ...]]

TICK_S = 1.0
"""The seconds until a ``Tick``, from when the scheduler waits for time.

Sooner, what runs is often a set-up that nobody knew of, which whoever takes tests there repeats.
"""


# Events


@dataclass(frozen=True, slots=True)
class WorkerJoined:
    """A worker has collected the suite, is idle, and holds nothing beyond session scope.

    ``slot`` is the number of its place to work, which a replacement has from the one that crashed;
    ``host`` is any name of the machine that it is on; ``round_trip_s`` what a message to it and the
    answer take at least, 0 while nobody knows.
    """

    worker: WorkerId
    slot: int = 0
    host: str = ""
    round_trip_s: float = 0.0


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """What a message to a worker and its answer take at least was measured again."""

    worker: WorkerId
    seconds: float


@dataclass(frozen=True, slots=True)
class WorkerLeft:
    """A worker is gone. A test that it had started counts as crashed."""

    worker: WorkerId


@dataclass(frozen=True, slots=True)
class Started:
    """A worker started a test; its previous test has been torn down as far as this one allows."""

    worker: WorkerId
    test: int


@dataclass(frozen=True, slots=True)
class Finished:
    """A worker finished a test.

    ``duration_s`` is the wall time without fixtures of class, module, package or session scope;
    ``setups_s`` what those but the last took to set up for this test, by scope.
    """

    worker: WorkerId
    test: int
    duration_s: float
    setups_s: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hungry:
    """A worker needs to know its next test and has none.

    ``received`` counts the tests sent to it so far, so that a cry that crossed with a ``Run`` on
    the wire is recognised.
    """

    worker: WorkerId
    received: int


@dataclass(frozen=True, slots=True)
class Parked:
    """A worker has torn everything down to session scope and waits."""

    worker: WorkerId


@dataclass(frozen=True, slots=True)
class Recalled:
    """A worker answers ``Recall``: it gave these tests back, unstarted."""

    worker: WorkerId
    tests: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Requeued:
    """A test that crashed is to run again."""

    test: int


@dataclass(frozen=True, slots=True)
class Checked:
    """An isolated instance (0 to capacity - 1) was checked; ``healthy`` is None if nobody knows.

    ``host`` is empty where the key is the session's.
    """

    key: str
    instance: int
    healthy: bool | None
    host: str = ""


@dataclass(frozen=True, slots=True)
class SlotLost:
    """A slot has no worker, and none is on its way to it."""

    slot: int


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed in which nothing else happened: see ``Scheduler.waits_for_time``."""


@dataclass(frozen=True, slots=True)
class Closed:
    """Nothing more is to be started."""


Event: TypeAlias = (
    WorkerJoined
    | RoundTrip
    | WorkerLeft
    | Started
    | Finished
    | Hungry
    | Parked
    | Recalled
    | Requeued
    | Checked
    | SlotLost
    | Tick
    | Closed
)


class EventError(ValueError):
    """An event that can't be true, such as a worker finishing a test that it never started."""


# Commands


@dataclass(frozen=True, slots=True)
class Run:
    """Run these tests, in this order, after those sent before.

    ``instances`` tells, for tests that hold units of keys, which instances (0 to capacity - 1).
    """

    worker: WorkerId
    tests: tuple[int, ...]
    instances: Mapping[int, Instances] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gate:
    """Start no more than the first ``tests`` of all that were sent, until told of more.

    A worker that is never told so starts what it is sent. One that is kept waiting has finished its
    last test, and torn down what the next one does not share with it.
    """

    worker: WorkerId
    tests: int


@dataclass(frozen=True, slots=True)
class Recall:
    """Give back those of these tests that have not started."""

    worker: WorkerId
    tests: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Park:
    """Nothing for now: tear down to session scope and wait. Only ever an answer to ``Hungry``."""

    worker: WorkerId


@dataclass(frozen=True, slots=True)
class Stop:
    """Finish the running test, if any, and leave."""

    worker: WorkerId


Command: TypeAlias = Run | Gate | Recall | Park | Stop
