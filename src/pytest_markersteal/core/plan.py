"""Cutting a suite into jobs, before the first test runs.

Theory: list scheduling, longest job first (LPT, Graham 1969), ends at most a third above the
optimum, and much nearer when the last jobs are small. Chains of a key and groups can't be cut; a
long test is a job of its own; modules, whose fixtures cost something to set up again, are cut into
runs that are short beside the whole and long beside their set-up. A chain of keys per host is cut
only if it is longer than the whole, and then into as many parts as bring it below.

Limits: the plan knows averages only. What it predicts wrongly is mended in the run: an idle worker
takes over the later part of the run that would finish last.
"""

from __future__ import annotations

import itertools
import math
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pytest_markersteal.core.estimates import Estimates
from pytest_markersteal.core.floor import floor_of
from pytest_markersteal.core.jobs import Job, Lane
from pytest_markersteal.core.suite import Claim, Suite

LONG_TEST_SHARE = 0.05
"""A test above this share of the target is a job of its own."""
LONG_TEST_SETUPS = 8.0
"""... if it is this many times longer than what it repeats of its module's and class's set-up."""
RUN_SHARE = 0.15
"""The longest run, as a share of the target."""
RUN_SETUPS = 4.0
"""... but not shorter than this many set-ups of its module, or of the class that it cuts, if with
the set-up it fits into the target."""


class _Unit(NamedTuple):
    """What a cut must not divide; ``apart_s`` is how long it must be to go apart from its class."""

    tests: list[int]
    seconds: float
    apart_s: float
    is_new: bool


class Plan:
    """The lanes of a suite, each with its jobs, and the tests that must run alone."""

    def __init__(self, suite: Suite, estimates: Estimates, workers: int, hosts: int = 1) -> None:
        """Cut ``suite`` for ``workers`` workers on ``hosts`` hosts.

        With one worker the marks change nothing: everything is one run, in collection order.
        """
        self.suite = suite
        self.estimates = estimates
        self.runs = Lane()
        """Ordinary tests, by module, and long ones as jobs of their own."""
        self._lanes: dict[tuple[str | None, tuple[Claim, ...]], Lane] = {}
        self.exclusive: list[int] = []
        self.workers = workers
        self.hosts = min(hosts, workers)
        self.marks_matter = workers > 1
        self._weights_s = array("d", map(estimates.of, range(len(suite))))
        self.jobs: list[Job] = []
        if not self.marks_matter:
            if len(suite):
                self.jobs.append(Job(self.runs, -1, range(len(suite)), estimates))
            return
        target_s = self._target_s(workers) if estimates.known else math.inf
        for lane, tests in self._by_lane():
            if lane.splittable:
                self.jobs += self._cut(lane, tests, target_s)
            elif lane.spreads:
                self.jobs += self._cut_chain(lane, tests, target_s)
            else:
                self.jobs.append(Job(lane, -1, tests, estimates))

    @property
    def lanes(self) -> list[Lane]:
        """All lanes but that of ordinary tests."""
        return list(self._lanes.values())

    def lane_of(self, test: int) -> Lane:
        """The lane in which ``test`` belongs, if it does not run alone."""
        if not self.marks_matter:
            return self.runs
        home = self.suite.homes[self.suite.demand_of[test]]
        claims = self.suite.demand(test).claims
        if home is None and not claims:
            return self.runs
        lane = self._lanes.get((home, claims))
        if lane is None:
            splittable = home is None and self.suite.splittable(claims)
            several_hosts = home is None and self.hosts > 1
            spreads = splittable or (several_hosts and self.suite.spreads(claims))
            lane = self._lanes[home, claims] = Lane(claims, home, splittable, spreads)
        return lane

    def is_exclusive(self, test: int) -> bool:
        """Whether ``test`` must run alone in this run."""
        return self.marks_matter and self.suite.demand(test).exclusive

    def weight_s(self, test: int) -> float:
        """The estimate of ``test`` when the plan was made; it does not change."""
        return self._weights_s[test]

    def _target_s(self, workers: int) -> float:
        floor = floor_of(
            self.suite,
            range(len(self.suite)),
            self.estimates.of,
            self.estimates.setups,
            workers,
            self.hosts,
        )
        return floor.total_s - floor.exclusive_s

    def _by_lane(self) -> Iterable[tuple[Lane, list[int]]]:
        tests_of: dict[int, list[int]] = defaultdict(list)
        lanes: dict[int, Lane] = {}
        for test, demand in enumerate(self.suite.demand_of):
            if self.suite.demands[demand].exclusive:
                self.exclusive.append(test)
                continue
            lane = lanes.get(demand)
            if lane is None:
                lane = lanes[demand] = self.lane_of(test)
            tests_of[id(lane)].append(test)
        by_id = {id(lane): lane for lane in lanes.values()}
        return [(by_id[key], tests) for key, tests in tests_of.items()]

    def _cut(self, lane: Lane, tests: list[int], target_s: float) -> Iterator[Job]:
        by_module: dict[int, list[int]] = defaultdict(list)
        for test in tests:
            by_module[self.suite.module_of[test]].append(test)
        setups = self.estimates.setups
        price_s = setups.price_s
        for module, members in by_module.items():
            module_s = price_s("module", module)
            long_s = min(RUN_SETUPS * module_s, target_s - setups.of("module", module))
            limit_s = max(RUN_SHARE * target_s, long_s)
            apart_s = max(LONG_TEST_SHARE * target_s, LONG_TEST_SETUPS * module_s)
            rest = []
            for unit in self._units(members, limit_s):
                if unit.seconds > max(apart_s, unit.apart_s) or (unit.is_new and not module_s):
                    yield Job(lane, module, unit.tests, self.estimates)
                else:
                    rest.append(unit)
            if rest:
                yield from self._runs(lane, module, rest, limit_s)

    def _cut_chain(self, lane: Lane, tests: list[int], target_s: float) -> Iterator[Job]:
        """Cut what one worker of each host may have, so that hosts can begin at the same time."""
        total_s = sum(map(self.estimates.of, tests))
        limit_s = max(target_s, total_s / self.hosts)
        yield from self._runs(lane, -1, list(self._units(tests, limit_s)), limit_s)

    def _runs(self, lane: Lane, module: int, units: list[_Unit], limit_s: float) -> Iterator[Job]:
        """Cut ``units`` into the fewest runs of at most about ``limit_s``, about equally long."""
        total_s = sum(unit.seconds for unit in units)
        pieces = max(1, math.ceil(total_s / limit_s)) if limit_s > 0 else 1
        piece_s = total_s / pieces
        run: list[int] = []
        before_s, cuts = 0.0, 0
        for unit in units:
            if run and cuts < pieces - 1 and before_s + unit.seconds / 2 > (cuts + 1) * piece_s:
                yield Job(lane, module, run, self.estimates)
                run, cuts = [], cuts + 1
            run += unit.tests
            before_s += unit.seconds
        yield Job(lane, module, run, self.estimates)

    def _units(self, tests: list[int], limit_s: float) -> Iterator[_Unit]:
        """What a cut must not divide: single tests, or the tests of a class with fixtures."""
        estimates, setups = self.estimates, self.estimates.setups
        for holder, members in itertools.groupby(tests, self.suite.class_of.__getitem__):
            unit = list(members)
            price_s = setups.price_s("class", holder)
            unit_s = sum(map(estimates.of, unit))
            if price_s and unit_s <= max(limit_s, RUN_SETUPS * price_s):
                yield _Unit(unit, unit_s + setups.of("class", holder), 0.0, False)
                continue
            for test in unit:
                is_new = estimates.history_s(test) is None and estimates.longest_s > 0
                apart_s = LONG_TEST_SETUPS * price_s
                yield _Unit([test], estimates.of(test), apart_s, is_new and not price_s)
