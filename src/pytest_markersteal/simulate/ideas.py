"""What might make a run faster: other marks, shorter tests, cheaper set-ups.

Nothing here is known to help, nor to be possible: whether a key can be split, or serial tests share
nothing, is for their authors to say, and the words of an idea say so.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pytest_markersteal import words
from pytest_markersteal.core.setups import SCOPES, Scope
from pytest_markersteal.core.suite import Mode
from pytest_markersteal.distribution.places import setups_from, shared_places
from pytest_markersteal.durations.exporting import seconds_text, shown
from pytest_markersteal.durations.history import Fixture
from pytest_markersteal.simulate.clock import Costs
from pytest_markersteal.simulate.curve import Cpu, floor_on
from pytest_markersteal.simulate.late_bound import LateBoundRun
from pytest_markersteal.simulate.outcome import Outcome
from pytest_markersteal.simulate.whatif import MARKS, marks, split_key, split_test, unmarked
from pytest_markersteal.simulate.workloads import Workload

_KEYS = 3
"""How many keys are tried: those that are held longest."""

_PROVISOS = {
    "serial": "if they share nothing",
    "no_parallel": "if they may run beside others",
    "xdist_group": "if those of a group may run on several workers",
}


@dataclass(frozen=True, slots=True)
class Idea:
    """``workload`` on ``workers`` workers, each of which first does something for ``once_s``.

    ``text`` says what is changed.
    """

    text: str
    workload: Workload
    workers: int
    once_s: float = 0.0

    def floor_s(self, cpu: Cpu | None) -> float:
        """The floor, of the cores too where ``cpu`` is known."""
        return floor_on(self.workload, self.workers, cpu).total_s + self.once_s

    def run(self, costs: Costs) -> Outcome:
        """A simulated run, with exact history and without what comes first."""
        known_s = self.workload.duration_s
        return LateBoundRun(self.workload, self.workers, known_s, costs).run()

    def makespan_s(self, outcome: Outcome, cpu: Cpu | None) -> float:
        """What a run takes whose ``outcome`` was simulated."""
        makespan_s = outcome.makespan_s + self.once_s
        return makespan_s if cpu is None else max(makespan_s, cpu.least_s)


def ideas(
    workload: Workload, workers: int, outcome: Outcome, fixtures_s: Mapping[Fixture, float]
) -> Iterator[Idea]:
    """For a run on ``workers`` workers that had ``outcome``; ``fixtures_s`` are by fixture."""
    yield from _other_marks(workload, workers)
    yield from _shorter_tests(workload, workers)
    yield from _cheaper_setups(workload, workers, outcome)
    yield from _wider_fixtures(workload, workers, fixtures_s)


def _other_marks(workload: Workload, workers: int) -> Iterator[Idea]:
    suite = workload.suite
    held_s: dict[str, float] = defaultdict(float)
    for test, seconds in enumerate(workload.duration_s):
        for claim in suite.demand(test).claims:
            if claim.mode is Mode.WRITE:
                held_s[claim.key] += seconds * claim.units / suite.capacity(claim.key)
    for key in sorted(held_s, key=lambda key: -held_s[key])[:_KEYS]:
        yield Idea(f"split key {key!r} in two", split_key(workload, key, 2), workers)
    counts = [(suite.demands[number], tests) for number, tests in Counter(suite.demand_of).items()]
    for mark in marks(workload):
        if mark in _PROVISOS:
            without = MARKS[mark]
            tests = sum(tests for demand, tests in counts if without(demand) != demand)
            text = f"unmark {words.count(tests, f'{mark} test')}, {_PROVISOS[mark]}"
            yield Idea(text, unmarked(workload, mark), workers)


def _shorter_tests(workload: Workload, workers: int) -> Iterator[Idea]:
    longest = max(range(len(workload.ids)), key=workload.duration_s.__getitem__, default=None)
    if longest is not None:
        test = f"{shown(workload.ids[longest])} ({seconds_text(workload.duration_s[longest])})"
        yield Idea(f"split {test} in two", split_test(workload, longest, 2), workers)


def _cheaper_setups(workload: Workload, workers: int, outcome: Outcome) -> Iterator[Idea]:
    """The place whose repeated set-ups took longest."""
    times = _times_set_up(workload, outcome)
    setups_s = workload.setups_s
    dearest = max(times, key=lambda place: (times[place] - 1) * setups_s[place], default=None)
    if dearest is not None and times[dearest] > 1:
        took = f"{seconds_text(setups_s[dearest])}, {times[dearest]} times"
        text = f"halve the set-up of what {_named(workload, dearest)} shares ({took})"
        halved_s = {**setups_s, dearest: setups_s[dearest] / 2}
        yield Idea(text, replace(workload, setups_s=halved_s), workers)


def _times_set_up(workload: Workload, outcome: Outcome) -> Counter[tuple[Scope, int]]:
    """How often the fixtures of each place were set up, as far as workers came from elsewhere."""
    suite = workload.suite
    columns = (suite.package_of, suite.module_of, suite.class_of)
    times: Counter[tuple[Scope, int]] = Counter()
    last: dict[str, int] = {}
    for _, worker, test in outcome.started:
        before = last.get(worker)
        last[worker] = test
        for scope, column in zip(SCOPES, columns, strict=True):
            place = scope, column[test]
            if place in workload.setups_s and (before is None or column[before] != column[test]):
                times[place] += 1
    return times


def _named(workload: Workload, place: tuple[Scope, int]) -> str:
    """A place as node ids name it."""
    suite = workload.suite
    scope, number = place
    columns = (suite.package_of, suite.module_of, suite.class_of)
    column = columns[SCOPES.index(scope)]
    node_id = workload.ids[next(test for test in range(len(suite)) if column[test] == number)]
    return shown(shared_places(node_id)[SCOPES.index(scope)])


def _wider_fixtures(
    workload: Workload, workers: int, fixtures_s: Mapping[Fixture, float]
) -> Iterator[Idea]:
    """The fixture whose set-ups in many places take longest, set up once by each worker instead."""
    totals_s: dict[tuple[Scope, str], float] = defaultdict(float)
    dearest_s: dict[tuple[Scope, str], float] = defaultdict(float)
    places: Counter[tuple[Scope, str]] = Counter()
    for (scope, _, name), seconds in fixtures_s.items():
        if scope in SCOPES:
            totals_s[scope, name] += seconds
            dearest_s[scope, name] = max(seconds, dearest_s[scope, name])
            places[scope, name] += 1
    several = [fixture for fixture in places if places[fixture] > 1]
    dearest = max(several, key=totals_s.__getitem__, default=None)
    if dearest is not None:
        scope, name = dearest
        text = (
            f"set up {scope} fixture {shown(name)!r} once for each worker instead of in "
            f"{places[dearest]} places, if those can share it"
        )
        rest_s = {one: s for one, s in fixtures_s.items() if (one.scope, one.name) != dearest}
        setups_s = setups_from(workload.ids, workload.suite, rest_s)
        yield Idea(text, replace(workload, setups_s=setups_s), workers, dearest_s[dearest])
