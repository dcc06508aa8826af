"""The tables of docs/makespan.md and the scale at its end: makespan over floor, simulated.

    python bench/makespan.py generated     # ten generated workloads, five seeds; minutes
    python bench/makespan.py recorded      # the real suites of bench/workloads, two seeds; minutes
    python bench/makespan.py scale 1000000 # the core with so many tests on 256 workers

Run it with the Python of an environment that has the package.
"""

from __future__ import annotations

import argparse
import random
import sys
from array import array
from functools import partial
from pathlib import Path

import recording

from pytest_markersteal.core.suite import Demand, Suite
from pytest_markersteal.simulate.clock import Costs
from pytest_markersteal.simulate.generated import GENERATORS
from pytest_markersteal.simulate.grid import MODES, Grid, Row, by_history, over_seeds, ratios
from pytest_markersteal.simulate.histories import HISTORIES
from pytest_markersteal.simulate.late_bound import LateBoundRun
from pytest_markersteal.simulate.workloads import Workload

WORKERS = (2, 4, 8, 16, 32, 64)
WORKLOADS = Path(__file__).parent / "workloads"
SCALE_WORKERS = 256


def load(path: Path, _seed: int) -> Workload:
    return recording.load(path).workload(path.stem)


def show(grid: Grid) -> None:
    """Print each workload's ratios by number of workers, and those of all."""
    rows: list[Row] = []
    for row in grid.rows():
        rows.append(row)
        if sys.stderr.isatty():
            print(f"\r{len(rows)} of {len(grid)}", end="", file=sys.stderr)
    lines: dict[tuple[str, str], list[str]] = {}
    for group in over_seeds(rows):
        first, found = group[0], ratios(group)
        cell = f"{found.geometric_mean:.3f} ({found.worst.ratio:.2f})"
        lines.setdefault((first.history or first.mode, first.workload), []).append(cell)
    for (variant, workload), cells in sorted(lines.items()):
        print(f"| {variant} | {workload} | " + " | ".join(cells) + " |")
    for (mode, history), found in by_history(rows).items():
        print(f"{history or mode}: {found.geometric_mean:.4f} ({found.worst.ratio:.3f})")


def scale(tests: int) -> None:
    """Time the core, beside nothing else, with ``tests`` tests."""
    chance = random.Random(1)
    places = [range(tests), *([t // size for t in range(tests)] for size in (100, 100, 2000))]
    function, holder, module, package = (array("L", place) for place in places)
    suite = Suite((Demand(),), [0] * tests, (function, holder, module, package))
    seconds = array("d", (chance.lognormvariate(-1.5, 1) for _ in range(tests)))
    workload = Workload("scale", range(tests), suite, seconds, {})  # type: ignore[arg-type]
    run = LateBoundRun(workload, SCALE_WORKERS, seconds, Costs())
    outcome = run.run()
    print(
        f"{tests:,} tests: plan {run.plan_s:.2f} s, "
        f"{run.core_s / outcome.events * 1e6:.1f} us for each of {outcome.events:,} events, "
        f"{outcome.makespan_s / workload.floor(SCALE_WORKERS).total_s:.4f} times the floor"
    )


def main() -> None:
    description, _, epilog = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        description=description, epilog=epilog, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("what", choices=("generated", "recorded", "scale"))
    parser.add_argument("tests", nargs="?", type=int, default=1_000_000)
    options = parser.parse_args()
    histories = tuple(HISTORIES)
    if options.what == "generated":
        show(Grid(GENERATORS, WORKERS, histories=histories, seeds=range(5)))
    elif options.what == "recorded":
        made = {path.stem: partial(load, path) for path in sorted(WORKLOADS.glob("*.msgpack"))}
        show(Grid(made, WORKERS, modes=MODES, histories=histories, seeds=range(2)))
    else:
        scale(options.tests)


if __name__ == "__main__":
    main()
