"""The tables of docs/simulate.md: what a trace of four workers predicts, beside real runs.

    python bench/whatif.py [--rounds 3]

Sleeping suites run on 1, 2, 4 and 8 workers in turn, round by round, after a run that records their
durations. Each trace of four workers predicts the curve, and what another suite would take, which
is then written and run on 4 and on 8: with a key split in two, without a mark, with faster tests.
Real seconds are from the first test's start to the last one's end. Run it with the Python of an
environment that has the package.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import sleeping
from environments import HERE
from measuring import measure

from pytest_markersteal.core.suite import Claim, Demand
from pytest_markersteal.durations.history import Fixture
from pytest_markersteal.simulate.curve import point
from pytest_markersteal.simulate.traced import costs_of, cpu_of, traced
from pytest_markersteal.simulate.whatif import sped_up, split_key, unmarked
from pytest_markersteal.simulate.workloads import PLAIN, Workload, workload_of
from pytest_markersteal.trace.folder import traces
from pytest_markersteal.trace.model import Trace
from pytest_markersteal.trace.reader import read

COUNTS = (1, 2, 4, 8)
OBSERVED = 4
"""Whose trace predicts the others."""

_ONLY = ("-p", "xdist.plugin", "-p", "pytest_markersteal.plugin")
"""Other plugins that are installed would make every start slower."""

_FLOOR_S = 2.5
_MOST_TESTS = 300

Change = Callable[[Workload], Workload]


def one_key() -> Workload:
    """240 tests of 0.05 to 0.15 s in twelve modules: five share a database, two are serial."""
    chance = random.Random("one key")
    seconds: dict[str, float] = {}
    demands: dict[str, Demand] = {}
    for module in range(12):
        demand = Demand((Claim("db"),)) if module % 12 in (0, 2, 5, 7, 10) else PLAIN
        demand = Demand(serial=True) if module in (3, 8) else demand
        for number in range(20):
            node_id = f"tests/test_{module:02}.py::test_{number:02}"
            seconds[node_id] = round(chance.uniform(0.05, 0.15), 4)
            demands[node_id] = demand
    fixtures_s = {Fixture("module", f"tests/test_{m:02}.py", "shared"): 0.3 for m in (0, 4, 9)}
    return workload_of("one key", seconds, fixtures_s, demands)


SUITES: dict[str, Workload | None] = {
    "heavy-tail": None,
    "fixture-heavy": None,
    "mixed": None,
    "one key": one_key(),
}
"""By name; None for those of ``sleeping``."""

CHANGES: dict[str, tuple[str, Change]] = {
    "key db split in two": ("one key", lambda workload: split_key(workload, "db", 2)),
    "--unmark serial": ("one key", lambda workload: unmarked(workload, "serial")),
    "--speedup 'tests/test_0*=2'": (
        "one key",
        lambda workload: sped_up(workload, "tests/test_0*", 2.0),
    ),
}
"""The suite to change, and how."""

CHANGED_COUNTS = (4, 8)


class Bench:
    """Suites in folders, and what their runs took."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._folders: dict[str, Path] = {}
        self.real_s: dict[tuple[str, int], list[float]] = defaultdict(list)
        self.predicted_s: dict[tuple[str, int], list[float]] = defaultdict(list)

    def write(self) -> None:
        """Write all suites, the changed ones too."""
        workloads: dict[str, Workload] = {}
        for name, workload in SUITES.items():
            folder = self._folders[name] = self._scratch / f"suite{len(self._folders)}"
            if workload is None:
                workload = sleeping.write(name, folder, _FLOOR_S, _MOST_TESTS).workload
            else:
                sleeping.write_workload(workload, folder)
            workloads[name] = workload
        for change, (name, make) in CHANGES.items():
            folder = self._folders[change] = self._scratch / f"suite{len(self._folders)}"
            sleeping.write_workload(make(workloads[name]), folder)

    def run(self, name: str, workers: int) -> Trace:
        """Run a suite and read the trace; exits if it did not pass."""
        folder = self._folders[name]
        pytest = [sys.executable, "-m", "pytest", "-q", *_ONLY, "-p", "no:cacheprovider"]
        done = measure(
            [*pytest, "-n", str(workers), "--dist", "markersteal"],
            folder,
            {
                "PYTHONPATH": str(HERE),
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
                "BENCH_PAUSES": str(self._scratch / "pauses"),
                "MARKERSTEAL_RECORD": "always",
            },
        )
        if done.exit_code:
            sys.exit(f"{name} on {workers} workers failed:\n{done.output}")
        trace = read(traces(folder)[-1])
        shutil.rmtree(folder / ".markersteal" / "runs")
        return trace

    def round(self) -> None:
        """Run every suite on every number of workers once, and predict from one of the runs."""
        for name in SUITES:
            for workers in COUNTS:
                trace = self.run(name, workers)
                self.real_s[name, workers].append(trace.ended_s - trace.began_s)
                if workers == OBSERVED:
                    self._predict(name, trace)
        for change in CHANGES:
            for workers in CHANGED_COUNTS:
                trace = self.run(change, workers)
                self.real_s[change, workers].append(trace.ended_s - trace.began_s)

    def _predict(self, name: str, trace: Trace) -> None:
        now, costs, cpu = traced(name, trace), costs_of(trace), cpu_of(trace)
        workloads = {name: now}
        workloads |= {change: make(now) for change, (of, make) in CHANGES.items() if of == name}
        for asked, workload in workloads.items():
            for workers in COUNTS:
                found = point(workload, workers, costs, cpu.changed(now, workload))
                self.predicted_s[asked, workers].append(found.makespan_s)

    def table(self, names: list[str], counts: Sequence[int]) -> Iterator[str]:
        """Medians, and how far the real one is from the predicted one."""
        yield "| suite | n | predicted s | real s | lowest to highest | real is off by |"
        yield "|---|---|---|---|---|---|"
        for name in names:
            for workers in counts:
                real_s = self.real_s[name, workers]
                real, predicted = map(statistics.median, (real_s, self.predicted_s[name, workers]))
                yield (
                    f"| {name} | {workers} | {predicted:.2f} | {real:.2f} | "
                    f"{min(real_s):.2f} to {max(real_s):.2f} | {real / predicted - 1:+.1%} |"
                )


def main() -> None:
    """Run the rounds and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(Path(scratch))
        bench.write()
        for name in (*SUITES, *CHANGES):
            bench.run(name, OBSERVED)  # It records.
        for number in range(rounds):
            print(f"round {number + 1} of {rounds}", file=sys.stderr, flush=True)
            bench.round()
    print("\n".join(bench.table(list(SUITES), COUNTS)), end="\n\n")
    print("\n".join(bench.table(list(CHANGES), CHANGED_COUNTS)))


if __name__ == "__main__":
    main()
