"""The tables of docs/many-hosts.md that are simulated: what delays of messages cost a run.

    python bench/delays.py                  # all of it; some minutes of one core
    python bench/delays.py --workers 8,32 --delays-ms 10,100 --suites uniform

Suites are generated, of 1,000 s of work and more, so that a hundred workers have something to do.
Run it with the Python of an environment that has the package.
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from pytest_markersteal.core.suite import Claim, Demand
from pytest_markersteal.durations.history import Fixture
from pytest_markersteal.simulate.clock import Costs
from pytest_markersteal.simulate.late_bound import LateBoundRun
from pytest_markersteal.simulate.workloads import PLAIN, Workload, workload_of
from pytest_markersteal.simulate.xdist_bound import XdistRun, two_passes

TABLES = BY_DELAY, ONE_FAR, BY_LENGTH = "by-delay", "one-far-host", "by-length"
WORKERS = (2, 8, 32, 100)
DELAYS_MS = (0.5, 1.0, 10.0, 100.0)
FAR_MS = (1.0, 10.0, 100.0)
BUSY_WORKERS = 100
TESTS_S = (0.01, 0.02, 0.05, 0.1, 0.5)
"""Mean lengths of tests, to see from where on a hundred workers keep the controller busy."""


@dataclass(frozen=True, slots=True)
class Untold(Costs):
    """Costs of a run whose scheduler is not told how far its workers are."""

    def round_trip_s(self, slot: int) -> float:
        return 0.0


def suite(
    name: str, tests: int, mean_s: float, setup_s: float = 0.0, marked: float = 0.0
) -> Workload:
    """Tests of log-normal length, 50 in a module, of which every fourth has a fixture.

    Of all tests, a share of ``marked`` claims one of 50 keys, and one in a thousand runs alone.
    """
    chance = random.Random(name)
    seconds: dict[str, float] = {}
    demands: dict[str, Demand] = {}
    fixtures_s: dict[Fixture, float] = {}
    for number in range(tests):
        module = f"tests/p{number // 1000:02}/test_{number // 50:04}.py"
        node_id = f"{module}::test_{number:05}"
        seconds[node_id] = mean_s * chance.lognormvariate(-0.5, 1.0)
        demands[node_id] = PLAIN
        if marked and number % 1000 == 500:
            demands[node_id] = Demand(exclusive=True)
        elif chance.random() < marked:
            demands[node_id] = Demand((Claim(f"key{chance.randrange(50)}"),))
        if setup_s and number % 200 == 0:
            fixtures_s[Fixture("module", module, "shared")] = setup_s
    return workload_of(name, seconds, fixtures_s, demands)


SUITES: dict[str, Callable[[], Workload]] = {
    "short": cache(lambda: suite("short", 10_000, 0.12)),
    "long": cache(lambda: suite("long", 3_000, 0.7)),
    "fixtures": cache(lambda: suite("fixtures", 10_000, 0.1, setup_s=1.0)),
    "marked": cache(lambda: suite("marked", 6_000, 0.2, marked=0.05)),
}

Run = Callable[[Workload, int, Costs], float]
"""The makespan of a suite on so many workers."""


def told(workload: Workload, workers: int, costs: Costs) -> float:
    return LateBoundRun(workload, workers, workload.duration_s, costs).run().makespan_s


def untold(workload: Workload, workers: int, costs: Costs) -> float:
    fields = {field.name: getattr(costs, field.name) for field in dataclasses.fields(costs)}
    return told(workload, workers, Untold(**fields))


def cold(workload: Workload, workers: int, costs: Costs) -> float:
    return LateBoundRun(workload, workers, None, costs).run().makespan_s


def of_xdist(mode: str) -> Run:
    def run(workload: Workload, workers: int, costs: Costs) -> float:
        if workload.has_marks:
            return two_passes(workload, workers, mode, costs).makespan_s
        return XdistRun(workload, workers, mode, costs).run().makespan_s

    return run


ARMS: dict[str, Run] = {
    "markersteal": told,
    "... not told of the delay": untold,
    "... without durations": cold,
    "worksteal": of_xdist("worksteal"),
    "load": of_xdist("load"),
}


@cache
def floor_s(name: str, workers: int) -> float:
    return SUITES[name]().floor(workers).total_s


def ratio(run: Run, name: str, workers: int, costs: Costs) -> float:
    """Makespan over floor."""
    return run(SUITES[name](), workers, costs) / floor_s(name, workers)


def mean(ratios: Sequence[float]) -> float:
    return math.exp(math.fsum(map(math.log, ratios)) / len(ratios))


def by_delay(
    names: Sequence[str], workers: Sequence[int], delays_ms: Sequence[float], busy: Costs
) -> None:
    """Every arm with every number of workers and delay: geometric means over the suites."""
    for n in workers:
        show([f"{n} workers", *(f"{delay_ms:g} ms" for delay_ms in delays_ms)])
        show(["---"] * (len(delays_ms) + 1))
        for arm, run in ARMS.items():
            cells = []
            for delay_ms in delays_ms:
                costs = dataclasses.replace(busy, message_delay_s=delay_ms / 1e3)
                found = [ratio(run, name, n, costs) for name in names]
                cells.append(f"{mean(found):.2f} ({max(found):.2f})")
            show([arm, *cells])
        print()


def one_far_host(names: Sequence[str], far_hosts_ms: Sequence[float], busy: Costs) -> None:
    """Ten hosts at 1 ms, of which one is then farther."""
    show(["one host of ten at", "markersteal", "... not told of the delay"])
    show(["---"] * 3)
    for far_ms in far_hosts_ms:
        costs = dataclasses.replace(busy, host_delays_s=(*[0.001] * 9, far_ms / 1e3))
        means = [
            mean([ratio(arm, n, BUSY_WORKERS, costs) for n in names]) for arm in (told, untold)
        ]
        show([f"{far_ms:g} ms", *(f"{one:.3f}" for one in means)])


def by_length(busy: Costs) -> None:
    """A hundred workers with shorter and shorter tests, until the controller can't keep up."""
    show(["mean test", "tests a second at best", "makespan / floor"])
    show(["---"] * 3)
    costs = dataclasses.replace(busy, message_delay_s=0.001)
    for mean_s in TESTS_S:
        workload = suite("busy", 10_000, mean_s)
        least_s = workload.floor(BUSY_WORKERS).total_s
        made_s = max(told(workload, BUSY_WORKERS, costs), len(workload.ids) * costs.report_s)
        best = len(workload.ids) / least_s
        show([f"{mean_s * 1e3:g} ms", f"{best:,.0f}", f"{made_s / least_s:.2f}"])


def show(cells: Sequence[str]) -> None:
    print("| " + " | ".join(cells) + " |", flush=True)


def main() -> None:
    description, _, epilog = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        description=description, epilog=epilog, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--tables", default=",".join(TABLES), help="some of " + ", ".join(TABLES))
    parser.add_argument("--suites", default=",".join(SUITES), help="some of " + ", ".join(SUITES))
    parser.add_argument("--workers", default=",".join(map(str, WORKERS)))
    parser.add_argument("--delays-ms", default=",".join(f"{ms:g}" for ms in DELAYS_MS))
    parser.add_argument("--far-ms", default=",".join(f"{ms:g}" for ms in FAR_MS))
    parser.add_argument("--event-us", type=float, default=50.0, help="for a message, and")
    parser.add_argument(
        "--report-us",
        type=float,
        default=800.0,
        help="for the reports of a test: what the controller takes (defaults: 50 and 800;\n"
        "bench/far_workers.py measures the sum)",
    )
    options = parser.parse_args()
    names = options.suites.split(",")
    busy = Costs(event_s=options.event_us / 1e6, report_s=options.report_us / 1e6)
    workers, delays_ms = options.workers.split(","), options.delays_ms.split(",")
    tables = options.tables.split(",")
    if BY_DELAY in tables:
        by_delay(names, list(map(int, workers)), list(map(float, delays_ms)), busy)
    if ONE_FAR in tables:
        one_far_host(names, list(map(float, options.far_ms.split(","))), busy)
        print()
    if BY_LENGTH in tables:
        by_length(busy)


if __name__ == "__main__":
    main()
