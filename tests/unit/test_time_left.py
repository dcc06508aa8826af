"""The estimate of the time left, in simulated runs, and in words."""

from __future__ import annotations

import pytest

from pytest_markersteal.core.messages import Event
from pytest_markersteal.distribution.progress_line import (
    PAUSE_PER_COST,
    PAUSE_S,
    Estimate,
    TimeLeft,
)
from pytest_markersteal.simulate.clock import Costs
from pytest_markersteal.simulate.generated import GENERATORS
from pytest_markersteal.simulate.late_bound import LateBoundRun

LOOKS = 20
"""How often the estimate is looked at in a run, about."""


class WatchedRun(LateBoundRun):
    """A run that notes what it is predicted to take, and when."""

    def __init__(self, name: str, workers: int) -> None:
        workload = GENERATORS[name](0)
        super().__init__(workload, workers, workload.duration_s, Costs())
        self.ends_s: list[tuple[float, float]] = []
        self._pause_s = workload.floor(workers).total_s / LOOKS

    def _handle(self, events: tuple[Event, ...]) -> None:
        super()._handle(events)
        now_s = self.clock.now_s
        if not self.ends_s or now_s - self.ends_s[-1][0] >= self._pause_s:
            self.ends_s.append((now_s, now_s + self.scheduler.time_left_s(now_s)))


@pytest.mark.parametrize("workers", [2, 8])
@pytest.mark.parametrize("name", [*GENERATORS])
def test_with_history_the_end_is_foretold(name: str, workers: int) -> None:
    """From the tenth part of the run on, within 15 % of it."""
    run = WatchedRun(name, workers)
    makespan_s = run.run().makespan_s
    late = [end_s for now_s, end_s in run.ends_s if now_s >= makespan_s / 10]
    assert len(late) >= LOOKS / 2
    assert late == [pytest.approx(makespan_s, rel=0.15)] * len(late)


def test_a_slower_machine_is_noticed() -> None:
    """Tests that take twice as long as they are known to take are all taken to do so."""
    workload = GENERATORS["uniform"](0)
    run = WatchedRun("uniform", 4)
    known_s = [seconds / 2 for seconds in workload.duration_s]
    LateBoundRun.__init__(run, workload, 4, known_s, Costs())
    makespan_s = run.run().makespan_s
    late = [end_s for now_s, end_s in run.ends_s if now_s >= makespan_s / 10]
    assert late == [pytest.approx(makespan_s, rel=0.35)] * len(late)
    half = [end_s for now_s, end_s in run.ends_s if now_s >= makespan_s / 2]
    assert half == [pytest.approx(makespan_s, rel=0.1)] * len(half)


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (TimeLeft(42.4, False), "0:42 left"),
        (TimeLeft(61, False), "1:01 left"),
        (TimeLeft(3600 + 61, False), "1:01:01 left"),
        (TimeLeft(42, True), "about 0:42 left"),
        (TimeLeft(0, False), ""),
        (None, ""),
    ],
)
def test_the_time_left_in_words(left: TimeLeft | None, text: str) -> None:
    """Without history it is a guess, and says so."""
    assert Estimate(lambda: left, Clock()).text() == text


def test_an_estimate_stands_for_a_while() -> None:
    """The text counts down meanwhile; the dearer an estimate, the longer it stands."""
    clock = Clock()
    asked = []

    def estimate() -> TimeLeft:
        asked.append(clock.now_s)
        clock.now_s += 0.5
        return TimeLeft(60, False)

    shown = Estimate(estimate, clock)
    assert shown.text() == "1:00 left"
    clock.now_s += PAUSE_S + 0.5
    assert shown.text() == "0:58 left"
    assert len(asked) == 1
    clock.now_s += PAUSE_PER_COST * 0.5
    assert shown.text() == "1:00 left"
    assert len(asked) == 2
