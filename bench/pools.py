"""The table of docs/resources.md: one key among free tests, by the scheduler and by locks in tests.

    python bench/pools.py [--runs 7]

48 free tests of 0.2 s and 12 of 0.3 s that share a key, which sleep, at -n 4: the 12 in a module
of their own, and one in each of twelve modules. With marks and --dist markersteal; with a lock file
in the tests (bench/locks.py, which looks every 5 ms) and xdist's modes; with --dist loadgroup,
where the 12 are a group instead. Runs in turn; medians of the time from the first test's start to
the last one's end, and their ratios to the floor: 12 times 0.3 s, more than all work over four
workers. "Met" are tests of the key that began while another one ran, in all runs.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import sleeping
from environments import FILELOCK, HERE, PACKAGE, Environment, python_of
from measuring import measure
from overlaps import overlapping, read_pauses

from pytest_markersteal.core.suite import Claim, Demand
from pytest_markersteal.simulate.workloads import PLAIN, Workload, workload_of

WORKERS = 4
FREE, FREE_S = 48, 0.2
KEYED, KEYED_S = 12, 0.3
KEY = Demand((Claim("db"),))
GROUP = Demand(group="db")


@dataclass(frozen=True)
class Way:
    """A way to keep the tests of the key apart; ``trained``: one run before is not measured."""

    name: str
    arguments: tuple[str, ...]
    demand: Demand
    environment: Environment = PACKAGE
    trained: bool = False


_LOCKS = ("-p", "locks", "-p", "no:markersteal")
WAYS = (
    Way("`markersteal`, durations known", ("--dist", "markersteal"), KEY, trained=True),
    Way(
        "`markersteal`, first run",
        ("--dist", "markersteal", "--markersteal-record=never"),
        KEY,
    ),
    Way("`worksteal`, locks in tests", (*_LOCKS, "--dist", "worksteal"), KEY, FILELOCK),
    Way("`load`, locks in tests", (*_LOCKS, "--dist", "load"), KEY, FILELOCK),
    Way("`loadgroup`, a group", ("-p", "no:markersteal", "--dist", "loadgroup"), GROUP),
)
LAYOUTS = {"in one module": True, "in every module": False}
"""Whether the tests of the key are in a module of their own."""


def workload(demand: Demand, *, together: bool) -> Workload:
    """The suite, whose tests of the key have ``demand``."""
    seconds: dict[str, float] = {}
    demands: dict[str, Demand] = {}
    for module in range(KEYED):
        for number in range(FREE // KEYED):
            node_id = f"tests/test_{module:02}.py::test_free_{number}"
            seconds[node_id], demands[node_id] = FREE_S, PLAIN
        file = f"tests/test_{KEYED if together else module:02}.py"
        node_id = f"{file}::test_keyed_{module:02}"
        seconds[node_id], demands[node_id] = KEYED_S, demand
    return workload_of("pools", seconds, {}, demands)


class Ran(NamedTuple):
    """One run: seconds from the first start to the last end, and how many tests met."""

    seconds: float
    met: int


def run(way: Way, folder: Path, suite: Workload, scratch: Path) -> Ran:
    """One run; exits if not every test ran once and passed."""
    pauses = scratch / "pauses"
    pauses.unlink(missing_ok=True)
    plugins = ("asyncio", "cacheprovider", "cov", "hypothesispytest", "randomly", "timeout")
    off = [argument for name in plugins for argument in ("-p", f"no:{name}")]
    pytest = [python_of(way.environment), "-m", "pytest", "-q", *off, "-n", str(WORKERS)]
    done = measure(
        [*pytest, *way.arguments],
        folder,
        {"PYTHONPATH": str(HERE), "BENCH_PAUSES": str(pauses), "BENCH_LOCKS": str(scratch)},
    )
    ran = read_pauses(pauses.read_text()) if pauses.exists() else []
    if done.exit_code or sorted(pause.test for pause in ran) != list(range(len(suite.ids))):
        sys.exit(f"{way.name}: not every test ran once and passed\n{done.output}")
    took_s = max(pause.end_s for pause in ran) - ran[0].start_s
    return Ran(took_s, overlapping(ran, suite.suite))


def main() -> None:
    """Run and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    found: dict[tuple[Way, str], list[Ran]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        suites: dict[tuple[Way, str], tuple[Path, Workload]] = {}
        for layout, together in LAYOUTS.items():
            for way in WAYS:
                folder = scratch / f"suite{len(suites)}"
                suite = workload(way.demand, together=together)
                sleeping.write_workload(suite, folder)
                suites[way, layout] = folder, suite
                if way.trained:
                    run(way, folder, suite, scratch)
        for number in range(runs):
            print(f"round {number + 1} of {runs}", file=sys.stderr, flush=True)
            for (way, layout), (folder, suite) in suites.items():
                found[way, layout].append(run(way, folder, suite, scratch))
    floor_s = workload(KEY, together=True).floor(WORKERS).total_s
    heads = [f"{layout} | / floor | met" for layout in LAYOUTS]
    print(f"| floor {floor_s:.2f} s | {' | '.join(heads)} |")
    print("|---|" + "---|---|---|" * len(LAYOUTS))
    for way in WAYS:
        cells = [way.name]
        for layout in LAYOUTS:
            several_s = [ran.seconds for ran in found[way, layout]]
            median_s = statistics.median(several_s)
            spread = f"{min(several_s):.2f} to {max(several_s):.2f}"
            cells += [f"{median_s:.2f} s ({spread})", f"{median_s / floor_s:.3f}"]
            cells.append(str(sum(ran.met for ran in found[way, layout])))
        print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
