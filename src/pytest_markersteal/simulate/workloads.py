"""What a simulated run consists of: tests, how long they take, and what they share."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pytest_markersteal.core.estimates import UNKNOWN_S, Estimates
from pytest_markersteal.core.floor import Floor, floor_of
from pytest_markersteal.core.setups import Scope, Setups
from pytest_markersteal.core.suite import Demand, Suite
from pytest_markersteal.distribution.places import places_of, setups_from
from pytest_markersteal.durations.history import Fixture, History

PLAIN = Demand()


@dataclass(frozen=True, slots=True)
class Workload:
    """A suite and its true durations in seconds, by test and by shared place.

    ``hosts`` is how many hosts its workers are on, where there are so many workers.
    """

    name: str
    ids: Sequence[str]
    suite: Suite
    duration_s: Sequence[float]
    setups_s: Mapping[tuple[Scope, int], float]
    hosts: int = 1

    @property
    def has_marks(self) -> bool:
        """Whether any test demands anything."""
        return any(self.suite.demands[number] != PLAIN for number in set(self.suite.demand_of))

    def floor(self, workers: int) -> Floor:
        """The least makespan that any schedule could reach."""
        setups = Setups(self.suite, self.setups_s)
        tests = range(len(self.suite))
        seconds = self.duration_s.__getitem__
        return floor_of(self.suite, tests, seconds, setups, workers, self.hosts)

    def estimates(self, history_s: Sequence[float] | None) -> Estimates:
        """What the scheduler knows: ``history_s`` of each test, and then the set-ups; or nothing.

        Negative seconds are unknown.
        """
        known = history_s is not None and any(s > UNKNOWN_S for s in history_s)
        return Estimates(self.suite, history_s, self.setups_s if known else None)

    def parted(self) -> tuple[Workload, Workload]:
        """The tests without marks, and those with marks."""
        suite = self.suite
        plain = [test for test in range(len(suite)) if suite.demand(test) == PLAIN]
        marked = [test for test in range(len(suite)) if suite.demand(test) != PLAIN]
        return self.only(plain), self.only(marked)

    def only(self, tests: Sequence[int]) -> Workload:
        """Some of the tests."""
        suite = self.suite
        columns = (suite.function_of, suite.class_of, suite.module_of, suite.package_of)
        function, holder, module, package = (
            array("L", map(column.__getitem__, tests)) for column in columns
        )
        here = {
            *(("package", place) for place in package),
            *(("module", place) for place in module),
            *(("class", place) for place in holder),
        }
        return Workload(
            self.name,
            [self.ids[test] for test in tests],
            Suite(
                suite.demands,
                map(suite.demand_of.__getitem__, tests),
                (function, holder, module, package),
                suite.capacities,
            ),
            array("d", map(self.duration_s.__getitem__, tests)),
            {place: seconds for place, seconds in self.setups_s.items() if place in here},
            self.hosts,
        )


def workload_of(
    name: str,
    durations_s: Mapping[str, float],
    fixtures_s: Mapping[Fixture, float],
    demands: Mapping[str, Demand] | None = None,
    capacities: Mapping[str, int] | None = None,
) -> Workload:
    """A workload from seconds and demands by node id, in the order of ``durations_s``."""
    ids = list(durations_s)
    demand_of = [(demands or {}).get(node_id, PLAIN) for node_id in ids]
    numbers = {demand: number for number, demand in enumerate(dict.fromkeys(demand_of))}
    suite = Suite(
        tuple(numbers), (numbers[demand] for demand in demand_of), places_of(ids), capacities
    )
    seconds = array("d", durations_s.values())
    return Workload(name, ids, suite, seconds, setups_from(ids, suite, fixtures_s))


def recorded(name: str, history: History) -> Workload:
    """The workload that ``history`` tells of, in the order of its functions.

    Keys have the capacity that the tests of the history need at least.
    """
    seconds, demands = {}, {}
    capacities: dict[str, int] = {}
    for node_id in history.node_ids():
        times = history.times(node_id)
        seconds[node_id] = times.total_s if times else UNKNOWN_S
        demands[node_id] = history.demand(node_id)
        for claim in demands[node_id].claims:
            capacities[claim.key] = max(claim.units, capacities.get(claim.key, 1))
    return workload_of(name, seconds, history.fixtures_s, demands, capacities)
