"""The figures in docs/figures.md: markersteal beside worksteal, in one interleaved run.

    python bench/figures.py balance    # the sleeping tests of pytest-dev/pytest-xdist#925 at -n 4
    python bench/figures.py overhead   # 10,000 empty tests at -n 2
    python bench/figures.py memory     # the controller's memory with 100,000 tests at -n 2
    python bench/figures.py faults     # tests started after the first failure under -x

Run it with the Python of an environment that has the package and pytest-xdist.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

SLEEPS_S = (2.0, 1.8, 1.6, 1.4, 1.2, *(n / 100 for n in range(34, 15, -2)))
PLUGINS = ("-p", "no:randomly", "-p", "no:asyncio", "-p", "no:cov", "-p", "no:cacheprovider")

PEAK = """
import os, resource

def pytest_unconfigure(config):
    if not hasattr(config, "workerinput"):
        peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with open(os.environ["BENCH_PEAK"], "w") as file:
            file.write(str(peak_kib))
"""


def run(folder: Path, *args: str) -> tuple[float, str]:
    """One run of the suite in ``folder``: wall seconds, and what it printed."""
    command = [sys.executable, "-m", "pytest", "-q", *PLUGINS, *args]
    started_s = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=1800)
    wall_s = time.perf_counter() - started_s
    if done.returncode not in (0, 1, 2):  # 2 is how xdist ends a run under -x
        sys.exit(f"the run failed:\n{done.stdout}\n{done.stderr}")
    return wall_s, done.stdout


def suite(folder: Path, name: str, text: str) -> Path:
    """A suite of one file."""
    where = folder / name
    where.mkdir()
    (where / "pytest.ini").write_text("[pytest]\n")
    (where / "test_it.py").write_text(text)
    return where


def sleeping(sleeps_s: tuple[float, ...]) -> str:
    """The shortest first, so that a scheduler without history meets the longest last."""
    tests = (
        f"def test_{number:02}(): time.sleep({sleep_s})\n"
        for number, sleep_s in enumerate(sorted(sleeps_s))
    )
    return "import time\n" + "".join(tests)


def empty(count: int) -> str:
    return (
        "import pytest\n\n"
        f"@pytest.mark.parametrize('n', range({count}))\n"
        "def test_nothing(n): pass\n"
    )


def dist(name: str, workers: int) -> tuple[str, ...]:
    return ("-n", str(workers), "--dist", name)


def rows(walls_s: dict[str, list[float]]) -> None:
    for name, several in walls_s.items():
        print(
            f"| {name} | {min(several):.2f} | {statistics.median(several):.2f} "
            f"| {max(several):.2f} |"
        )


def balance(folder: Path, runs: int) -> None:
    """Wall time above that of the same suite with empty tests, against the floor."""
    slow = suite(folder, "slow", sleeping(SLEEPS_S))
    nothing = suite(folder, "nothing", sleeping((0.0,) * len(SLEEPS_S)))
    floor_s = max(max(SLEEPS_S), sum(SLEEPS_S) / 4)
    run(slow, *dist("markersteal", 4))
    walls_s: dict[str, list[float]] = {"worksteal": [], "markersteal, warm": []}
    for _ in range(runs):
        for name, several in walls_s.items():
            args = dist(name.partition(",")[0], 4)
            several.append(run(slow, *args)[0] - run(nothing, *args)[0])
    print(f"floor {floor_s:.2f} s; wall less that of empty tests, s: min, median, max of {runs}")
    rows(walls_s)
    for name, several in walls_s.items():
        print(f"{name}: {statistics.median(several) / floor_s:.3f} times the floor")


def overhead(folder: Path, runs: int) -> None:
    """Whole runs of empty tests."""
    where = suite(folder, "empty", empty(10_000))
    run(where, *dist("markersteal", 2))
    walls_s: dict[str, list[float]] = {"worksteal": [], "markersteal, warm": []}
    ratios = []
    for _ in range(runs):
        for name, several in walls_s.items():
            several.append(run(where, *dist(name.partition(",")[0], 2))[0])
        ratios.append(walls_s["markersteal, warm"][-1] / walls_s["worksteal"][-1])
    print(f"10,000 empty tests at -n 2, wall s: min, median, max of {runs}")
    rows(walls_s)
    print(f"markersteal / worksteal, run by run: median {statistics.median(ratios):.3f}")


def memory(folder: Path, runs: int) -> None:
    """Peak resident memory of the controller, from getrusage at its end."""
    where = suite(folder, "empty", empty(100_000))
    (where / "conftest.py").write_text(PEAK)
    os.environ["BENCH_PEAK"] = str(folder / "peak")
    print(f"100,000 tests at -n 2: peak memory of the controller, MiB, {runs} runs")
    for name in ("worksteal", "markersteal", "markersteal"):
        peaks = []
        for _ in range(runs):
            run(where, *dist(name, 2))
            peaks.append(int((folder / "peak").read_text()) / 1024)
        print(f"| {name} | " + " | ".join(f"{peak:.1f}" for peak in peaks) + " |")


def faults(folder: Path, runs: int) -> None:
    """How many of 200 tests still start after the first one failed."""
    text = (
        "import pytest, time\n\n"
        "def test_fails(): assert False\n\n"
        "@pytest.mark.parametrize('n', range(200))\n"
        "def test_passes(n): time.sleep(0.02)\n"
    )
    where = suite(folder, "failing", text)
    print("-x with 200 tests behind one that fails, at -n 4: how many passed in each run")
    for name in ("worksteal", "markersteal"):
        passed = []
        for _ in range(runs):
            found = re.search(r"(\d+) passed", run(where, "-x", *dist(name, 4))[1])
            passed.append(int(found[1]) if found else 0)
        print(f"| {name} | {passed} |")


FIGURES: dict[str, Callable[[Path, int], None]] = {
    "balance": balance,
    "overhead": overhead,
    "memory": memory,
    "faults": faults,
}


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("figure", choices=FIGURES)
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        FIGURES[chosen.figure](Path(temporary), chosen.runs)


if __name__ == "__main__":
    main()
