"""What watching costs: 3,000 tests of 5 ms with --markersteal-watch, and without.

    python bench/watch_cost.py [--pairs 9] [--workers 2]

Each test computes what takes 5 ms on a core that does nothing else. They belong to a project of 40
modules, with 40 functions, two classes, a registry and a cache each; every third writes a file
below its tmp_path, sets a variable, or reads a file of the project. Runs take turns, so that what
else the machine does meets both; ratios are of neighbouring runs.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from measuring import Measured, measure

_TESTS = 3_000
_TEST_MODULES = 30
_MODULES = 40
_FUNCTIONS = 40
_TEST_S = 0.005
_SAMPLES = 200
_PLUGINS = ("xdist.plugin", "pytest_markersteal.plugin")
"""Others that happen to be installed have a share in what a test costs."""

_MODULE = """
import functools
import json
import logging

log = logging.getLogger(__name__)
REGISTRY = {name: len(name) for name in ("one", "two", "three")}

class First:
    kinds = ["a", "b"]
    def run(self): return 1

class Second(First):
    def run(self): return 2

STARTED = First()

@functools.lru_cache
def squared(number): return number * number
"""

_TEST = """
from pathlib import Path

import pytest
from shop import {modules}

DATA = Path(__file__).parents[1] / "data.txt"

def compute():
    sum(range({work}))

@pytest.mark.parametrize("number", range({share}))
def test_writes(number, tmp_path):
    (tmp_path / "out.txt").write_text("out")
    compute()

@pytest.mark.parametrize("number", range({share}))
def test_sets(number, monkeypatch):
    monkeypatch.setenv("SHOP_MODE", "fast")
    compute()

@pytest.mark.parametrize("number", range({share}))
def test_reads(number):
    assert DATA.read_text()
    compute()
"""


def work() -> int:
    """How many numbers are added up in 5 ms; the best of many tries, as others may compute too."""
    numbers = 10_000
    best_s = math.inf
    for _ in range(_SAMPLES):
        began_s = time.process_time()
        sum(range(numbers))
        best_s = min(best_s, time.process_time() - began_s)
    return round(numbers * _TEST_S / best_s)


def write_suite(folder: Path) -> None:
    """The project and its tests."""
    package = folder / "shop"
    package.mkdir(parents=True)
    package.joinpath("__init__.py").touch()
    folder.joinpath("data.txt").write_text("data")
    folder.joinpath("pytest.ini").write_text("[pytest]\npythonpath = .\n")
    functions = "".join(f"def function_{n}(): return {n}\n" for n in range(_FUNCTIONS))
    for number in range(_MODULES):
        package.joinpath(f"part_{number}.py").write_text(_MODULE + functions)
    tests = folder / "tests"
    tests.mkdir()
    text = _TEST.format(
        modules=", ".join(f"part_{number}" for number in range(_MODULES)),
        work=work(),
        share=_TESTS // _TEST_MODULES // 3,
    )
    for number in range(_TEST_MODULES):
        tests.joinpath(f"test_{number}.py").write_text(text)


def run(folder: Path, workers: int, *more: str) -> Measured:
    """One run; exits if it fails."""
    plugins = [argument for name in _PLUGINS for argument in ("-p", name)]
    command = [sys.executable, "-m", "pytest", "-q", *plugins, "-n", str(workers), *more]
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = measure([*command, "--dist", "markersteal"], folder, alone)
    if done.exit_code:
        sys.exit(done.output)
    return done


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=9, help="of runs")
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "suite")
        write_suite(folder)
        run(folder, asked.workers)  # It records the durations.
        pairs = [
            (run(folder, asked.workers, "--markersteal-watch"), run(folder, asked.workers))
            for _ in range(asked.pairs)
        ]
    print("| | with | without | ratio, median | ratios |")
    print("|---|---|---|---|---|")
    for name, title in (("wall_s", "wall time"), ("cpu_s", "processor time")):
        ratios = [getattr(with_it, name) / getattr(without, name) for with_it, without in pairs]
        with_s, without_s = (
            statistics.median(getattr(one, name) for one in side)
            for side in zip(*pairs, strict=True)
        )
        print(
            f"| {title} | {with_s:.2f} s | {without_s:.2f} s | {statistics.median(ratios):.3f} | "
            f"{min(ratios):.3f} to {max(ratios):.3f} |"
        )
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"{_TESTS:,} tests, -n {asked.workers}, {asked.pairs} pairs; load at the end {load:.1f}")


if __name__ == "__main__":
    main()
