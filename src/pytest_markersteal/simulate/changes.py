"""The changes to a suite, or to the number of workers, that would help most.

Every idea is tried on the floor, which is quick to compute, and only the best are simulated. What
is predicted is the makespan; an idea that does not lower the floor as well is no change, because
simulated runs differ by a little from chance alone.

Limits: ideas are tried one by one, so where two keys hold the run up alike, neither helps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pytest_markersteal.durations.exporting import seconds_text
from pytest_markersteal.durations.history import Fixture
from pytest_markersteal.simulate.clock import Costs
from pytest_markersteal.simulate.curve import STOPPED, Cpu, floor_on
from pytest_markersteal.simulate.ideas import Idea, ideas
from pytest_markersteal.simulate.workloads import Workload

LEAST_GAIN = 0.01
LEAST_GAIN_S = 0.05
"""What a change gains at least, as a share of the makespan and in seconds."""

_FEWER = 0.9
"""Fewer workers are worth a word if there are at most this share of them."""

_DEFAULT_COSTS = Costs()
_NO_FIXTURES: Mapping[Fixture, float] = {}


@dataclass(frozen=True, slots=True)
class Change:
    """A change, and the makespan without and with it; as text, one line.

    Where it gains less than ``LEAST_GAIN``, ``text`` is a statement, which needs no figures.
    """

    text: str
    before_s: float
    after_s: float

    @property
    def gains(self) -> bool:
        """Whether the run gets faster by it."""
        return pays(self.before_s, self.after_s)

    def __str__(self) -> str:
        if not self.gains:
            return self.text
        return f"{self.text}: {seconds_text(self.before_s)} to {seconds_text(self.after_s)}"


def best_changes(
    workload: Workload,
    workers: int,
    cpu: Cpu | None = None,
    count: int = 3,
    *,
    costs: Costs = _DEFAULT_COSTS,
    fixtures_s: Mapping[Fixture, float] = _NO_FIXTURES,
) -> list[Change]:
    """Up to ``count`` changes to a run on ``workers`` workers, the best first.

    If there is room, and more workers would not help, a statement of that comes last. ``cpu`` is
    what the tests need of the cores, ``fixtures_s`` what each fixture takes to set up, as far as
    that is known.
    """
    now = Idea("nothing changed", workload, workers)
    outcome = now.run(costs)
    before_s = now.makespan_s(outcome, cpu)
    now_s = now.floor_s(cpu)
    others = [(idea.floor_s(cpu), idea) for idea in ideas(workload, workers, outcome, fixtures_s)]
    more = _least_workers(workload, workers, 2 * workers, cpu)
    if more > workers:
        idea = Idea(f"{more} workers instead of {workers}", workload, more)
        others.append((idea.floor_s(cpu), idea))
    promising = sorted(
        ((floor_s, idea) for floor_s, idea in others if pays(now_s, floor_s)),
        key=lambda pair: pair[0],
    )
    changes = (
        Change(idea.text, before_s, idea.makespan_s(idea.run(costs), cpu))
        for _, idea in promising[:count]
    )
    found = sorted((change for change in changes if change.gains), key=lambda c: c.after_s)
    if more == workers and len(found) < count:
        found += _enough_workers(now, before_s, costs, cpu)
    return found


def pays(before_s: float, after_s: float) -> bool:
    """Whether a run that took ``before_s`` gains enough to speak of by taking ``after_s``."""
    return before_s - after_s >= max(LEAST_GAIN * before_s, LEAST_GAIN_S)


def _enough_workers(now: Idea, before_s: float, costs: Costs, cpu: Cpu | None) -> Iterator[Change]:
    """That fewer workers are as fast, or more of them no faster, if a simulated run says so."""
    fewer = _least_workers(now.workload, 1, now.workers, cpu)
    other = replace(now, workers=fewer if fewer <= _FEWER * now.workers else 2 * now.workers)
    after_s = other.makespan_s(other.run(costs), cpu)
    if other.workers < now.workers and not pays(after_s, before_s):
        yield Change(f"{now.workers} workers are no faster than {fewer}", before_s, after_s)
    elif other.workers > now.workers and not pays(before_s, after_s):
        text = f"{other.workers} workers would be no faster than {now.workers}"
        yield Change(text, before_s, after_s)


def _least_workers(workload: Workload, fewest: int, most: int, cpu: Cpu | None) -> int:
    """The least number of workers with, but for ``STOPPED``, the floor of ``most``."""
    floor_s = floor_on(workload, most, cpu).total_s
    while fewest < most:
        middle = (fewest + most) // 2
        if floor_on(workload, middle, cpu).total_s * (1 - STOPPED) <= floor_s:
            most = middle
        else:
            fewest = middle + 1
    return most
