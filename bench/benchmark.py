"""The benchmark: arms side by side, into docs/benchmarks.md and docs/benchmarks/*.svg.

    python bench/benchmark.py            # everything, several hours
    python bench/benchmark.py --quick    # under two minutes, for CI; writes nothing
    python bench/benchmark.py --only sleeping faults --sleeping mixed:4 heavy-tail:8

Peers are installed from the package index into environments of their own, in bench/.cache.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import benched
import page
import quick
import real_suites
import sleeping
import tables
from arms import ARMS, COLD, LOAD, LOADFILE, WARM, WORKSTEAL, Arm, arms_for
from benched import Benched
from compare import Comparison, Series, compare
from environments import python_of
from fetching import fetch, working_folder
from plots import draw
from suites import SAFE

_FLOOR_S = 3.0
_EMPTY_TESTS = 10_000
_FAULT_TESTS = 200
_EMPTY_ARMS = (WORKSTEAL, LOAD, WARM)
_FAULT_ARMS = (WORKSTEAL, LOAD, LOADFILE, COLD, WARM)
_REAL_ARMS = (WORKSTEAL, LOADFILE, COLD, WARM)
_STARTED_S = time.monotonic()


def progress(line: str) -> None:
    """Say what is being done."""
    print(f"{time.monotonic() - _STARTED_S:6.0f} s  {line}", file=sys.stderr, flush=True)


def _compare(suite: Benched, arms: Sequence[Arm], workers: int, runs: int) -> Comparison:
    return compare(suite, arms, workers, runs, python_of, progress)


def measure_sleeping(folder: Path, chosen: argparse.Namespace) -> None:
    """Workloads of the simulator as suites that sleep."""
    done: list[Comparison] = []
    for name, workers in chosen.sleeping:
        where = folder / f"{name}-{workers}"
        suite = sleeping.write(name, where, _FLOOR_S)
        done.append(_compare(suite, arms_for(suite.has_marks), workers, chosen.runs))
        parts = []
        for title, several in (
            ("Without marks", [one for one in done if not _has_marks(one)]),
            ("With marks", [one for one in done if _has_marks(one)]),
        ):
            if several:
                says = f"Wall time in that of worksteal: {title.lower()}"
                svg = draw(says, [tables.ratios(one) for one in several], "", mark=1.0)
                shown = page.picture(f"sleeping-{title.lower().replace(' ', '-')}", svg, says)
                parts += [f"### {title}", tables.summary(several), shown]
                parts += [tables.details(one) for one in several]
        page.put("sleeping", "\n\n".join(parts))


def _has_marks(compared: Comparison) -> bool:
    return isinstance(compared.suite, sleeping.Sleeping) and compared.suite.has_marks


def measure_empty(folder: Path, chosen: argparse.Namespace) -> None:
    """What running tests costs: wall time and processor time."""
    suites = (
        benched.empty(folder / "empty", _EMPTY_TESTS),
        benched.printing(folder / "printing", _EMPTY_TESTS),
    )
    done = [_compare(suite, _EMPTY_ARMS, 2, chosen.runs) for suite in suites]
    says = "10,000 tests that do nothing, and that print: seconds"
    svg = draw(says, [tables.seconds(one) for one in done], " s")
    page.put(
        "empty",
        "\n\n".join([*map(tables.details, done), page.picture("empty", svg, says)]),
    )


def measure_faults(folder: Path, chosen: argparse.Namespace) -> None:
    """A crash, and a stop at the first failure."""
    suites = (
        benched.crashing(folder / "crashing", _FAULT_TESTS),
        benched.failing(folder / "failing", _FAULT_TESTS),
    )
    done = [_compare(suite, _FAULT_ARMS, 4, chosen.runs) for suite in suites]
    page.put("faults", "\n\n".join(map(tables.passed, done)))


def measure_real(folder: Path, chosen: argparse.Namespace) -> None:
    """Suites that nobody here wrote, with the machinery of real_suites.py."""
    del folder
    suites = [suite for suite in SAFE if not chosen.real or suite.name in chosen.real]
    fetch(suites)
    done = []
    for suite in suites:
        series = [Series(arm) for arm in _REAL_ARMS]
        expected: real_suites.Outcomes = {}
        for number in range(chosen.runs):
            for one in series:
                progress(f"{suite.title}: run {number + 1} of {chosen.runs}, {one.arm.name}")
                if one.arm is COLD:
                    real_suites.forget(suite)
                (arguments,) = one.arm.passes
                before_s = _children_s()
                wall_s, outcomes = real_suites.run(
                    suite, tuple(argument.format(workers=4) for argument in arguments)
                )
                one.walls_s.append(wall_s)
                one.cpus_s.append(_children_s() - before_s)
                expected = expected or outcomes
                differing = expected.items() ^ outcomes.items()
                if differing:
                    one.error = f"{len(differing)} outcomes differ"
        title = f"{suite.title} {suite.version}"
        done.append(Comparison(Benched(title, working_folder(suite), len(expected)), 4, series))
    says = "Real suites: wall time in that of worksteal"
    svg = draw(says, [tables.ratios(one) for one in done], "", mark=1.0)
    shown = page.picture("real", svg, says)
    page.put("real", "\n\n".join([tables.summary(done), shown, *map(tables.details, done)]))


def _children_s() -> float:
    """User and system time of all processes that ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


SECTIONS: dict[str, Callable[[Path, argparse.Namespace], None]] = {
    "sleeping": measure_sleeping,
    "empty": measure_empty,
    "faults": measure_faults,
    "real": measure_real,
}


def _at(text: str) -> tuple[str, int]:
    """A workload and a number of workers, as in ``mixed:4``."""
    name, _, workers = text.partition(":")
    if name not in sleeping.NAMES:
        known = ", ".join(sleeping.NAMES)
        raise argparse.ArgumentTypeError(f"no workload {name!r}; there are {known}")
    return name, int(workers or 4)


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    everything = [(name, workers) for workers in (4, 8) for name in sleeping.NAMES]
    parser.add_argument("--quick", action="store_true", help="the quick form, for CI")
    parser.add_argument("--runs", type=int, default=5, help="how often each arm runs (5)")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--sleeping", nargs="+", type=_at, default=everything, metavar="NAME:N")
    parser.add_argument("--real", nargs="+", metavar="NAME", help="real suites (all)")
    chosen = parser.parse_args()
    if chosen.quick:
        sys.exit(not quick.check(progress))
    told = page.conditions(chosen.runs, (arm.environment for arm in ARMS))
    for section in chosen.only:
        page.put(f"conditions of {section}", told)
        with tempfile.TemporaryDirectory() as temporary:
            SECTIONS[section](Path(temporary), chosen)


if __name__ == "__main__":
    main()
