"""How many workers pay for their start-up.

Predicted for n workers on C cores, in wall seconds::

    start(n) = max(n * L + R, L + R * n / C)
    run(n)   = max(floor(n), P / n, (P + M) / C, M)

L is what the controller takes to start a worker, one after another; R the CPU seconds of each
worker until its first test (imports, collection, fixtures of session scope); P the CPU seconds of
all tests; M those of the controller for their reports. The smallest n is taken whose sum is next
to the best.

More workers than cores are tried only where tests mostly wait, and only for a part of C's capacity
(``HEADROOM``): processes that compete for cores look as if they waited.

Limits: what else the machine does, memory, what workers share (disks, servers), processes that no
test waits for, and the end of the session are not known.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

TOLERANCE = 0.03
"""How much more than the best a prediction may be, as a share, to be as good with fewer workers."""
SAME_RUN = 0.95
"""Tests that take this share of the time, or more, with more workers are not helped by them."""
WAITING_SHARE = 0.5
"""Tests that use the CPU for this share of their time at most are taken to wait mostly."""
HEADROOM = 0.75
"""The share of the cores that may be in use where there are more workers than cores."""
FINE = 16
"""Up to this number, every number of workers is tried; above, numbers a sixteenth apart."""


class Why(enum.Enum):
    """Why just so many workers."""

    CORES = "one for each core, as each pays for its start-up"
    STARTUP = "more would not pay for their start-up"
    LIMIT = "something else than the number of workers limits the run"
    WAITING = "tests mostly wait, so more than there are cores pay"


@dataclass(frozen=True, slots=True)
class Costs:
    """What a run takes on any number of workers, in seconds, as earlier runs predict it.

    ``launch_s`` L above, wall; ``ready_s`` R; ``tests_s`` the wall seconds of all tests and their
    set-ups, one after another; ``cpu_s`` P; ``reports_s`` M. ``waiting_share``, 0 to 1, is how much
    of their time tests wait for other things than cores.
    """

    launch_s: float
    ready_s: float
    tests_s: float
    cpu_s: float
    reports_s: float
    waiting_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Prediction:
    """The wall seconds of a run on ``workers`` workers."""

    workers: int
    start_s: float
    run_s: float

    @property
    def total_s(self) -> float:
        """From the first worker's start to the last test's end."""
        return self.start_s + self.run_s


@dataclass(frozen=True, slots=True)
class Sizing:
    """What was chosen, what the usual number of workers would give, and why."""

    chosen: Prediction
    usual: Prediction
    why: Why
    waiting_share: float


def size(
    costs: Costs, floor_s: Callable[[int], float], cores: int, usual: int, most: int
) -> Sizing:
    """Choose a number of workers, from 1 to ``usual``, or to ``most`` where tests mostly wait.

    ``floor_s`` is the least time of the tests on so many workers; ``usual`` the number otherwise
    started, which may be lower than ``cores``.
    """

    def predict(workers: int) -> Prediction:
        run_s = max(_least_run_s(costs, workers, cores), floor_s(workers))
        return Prediction(workers, _start_s(costs, workers, cores), run_s)

    waits = costs.waiting_share >= 1 - WAITING_SHARE
    expected = predict(usual)
    tried = [expected]
    best_s = expected.total_s
    # The floor is dear for large suites, so numbers that can't come near the best are left out.
    bounds = sorted(
        (_start_s(costs, n, cores) + _least_run_s(costs, n, cores), n)
        for n in _candidates(max(usual, most) if waits else usual)
        if n != usual
    )
    for bound_s, workers in bounds:
        if bound_s > best_s * (1 + TOLERANCE):
            break
        tried.append(predict(workers))
        best_s = min(best_s, tried[-1].total_s)
    good = [p for p in tried if p.total_s <= best_s * (1 + TOLERANCE)]
    chosen = min(good, key=lambda prediction: prediction.workers)
    return Sizing(chosen, expected, _why(chosen, expected), costs.waiting_share)


def _start_s(costs: Costs, workers: int, cores: int) -> float:
    one_by_one_s = workers * costs.launch_s + costs.ready_s
    return max(one_by_one_s, costs.launch_s + costs.ready_s * workers / cores)


def _least_run_s(costs: Costs, workers: int, cores: int) -> float:
    """The run without regard to which test can run when."""
    share = HEADROOM if workers > cores else 1.0
    all_cores_s = (costs.cpu_s + costs.reports_s) / (share * cores)
    return max(costs.tests_s / workers, costs.cpu_s / workers, all_cores_s, costs.reports_s)


def _candidates(most: int) -> list[int]:
    found = [1]
    while found[-1] < most:
        found.append(min(most, found[-1] + max(1, found[-1] // FINE)))
    return found


def _why(chosen: Prediction, usual: Prediction) -> Why:
    if chosen.workers == usual.workers:
        return Why.CORES
    if chosen.workers > usual.workers:
        return Why.WAITING
    return Why.LIMIT if usual.run_s >= SAME_RUN * chosen.run_s else Why.STARTUP
