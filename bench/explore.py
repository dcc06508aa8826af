"""What ``markersteal_explore`` costs, and how many pairs of modules it sees: simulated runs.

Runs of each generated workload follow each other, each with what those before have seen; without
exploring, all of them would be the same run.
"""

from __future__ import annotations

import argparse
import itertools
import sys

from pytest_markersteal.core.novelty import Novelty
from pytest_markersteal.simulate.clock import Costs
from pytest_markersteal.simulate.generated import GENERATORS
from pytest_markersteal.simulate.late_bound import LateBoundRun
from pytest_markersteal.simulate.workloads import Workload


def pairs(workload: Workload, started: list[tuple[float, str, int]]) -> set[tuple[int, int]]:
    """The ordered pairs of modules that ran next to each other."""
    module_of = workload.suite.module_of
    found = set()
    for worker in {name for _, name, _ in started}:
        modules = [module_of[test] for _, name, test in started if name == worker]
        found |= {pair for pair in itertools.pairwise(modules) if pair[0] != pair[1]}
    return found


def runs(
    workload: Workload, workers: int, count: int, novelty: Novelty | None
) -> tuple[float, int]:
    """The mean makespan in seconds of so many runs, and how many pairs they saw."""
    seen: set[tuple[int, int]] = set()
    total_s = 0.0
    for _ in range(count):
        run = LateBoundRun(workload, workers, workload.duration_s, Costs(), novelty=novelty)
        outcome = run.run()
        seen |= pairs(workload, outcome.started)
        total_s += outcome.makespan_s
    return total_s / count, len(seen)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10, help="how many follow each other")
    parser.add_argument("--workers", type=int, nargs="+", default=[4, 8])
    parser.add_argument(
        "--workloads", nargs="+", choices=list(GENERATORS), default=list(GENERATORS)
    )
    chosen = parser.parse_args()
    print("| workload | n | modules | off s | on s | makespan | pairs off | pairs on |")
    print("|---|---|---|---|---|---|---|---|")
    for name in chosen.workloads:
        workload = GENERATORS[name](0)
        modules = len(set(workload.suite.module_of))
        for workers in chosen.workers:
            off_s, off = runs(workload, workers, 1, None)
            fresh = Novelty([0] * modules, [0] * modules)
            on_s, on = runs(workload, workers, chosen.runs, fresh)
            print(
                f"| {name} | {workers} | {modules} | {off_s:.2f} | {on_s:.2f} "
                f"| {100 * (on_s / off_s - 1):+.1f}% | {off:,} | {on:,} |",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
