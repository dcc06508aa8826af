"""Runs real third-party suites serially, with worksteal and with markersteal, side by side.

    python bench/real_suites.py

Those that are unsafe in parallel are in ``unsafe_suites.py``.

Fetches the suites into bench/.cache on first use, into an environment of their own.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from fetching import CACHE, HERE, fetch, pytest_command, working_folder
from suites import SAFE, Suite

SERIAL = ("serial", ())
WORKSTEAL = ("worksteal", ("-n", "4", "--dist", "worksteal"))
COLD = ("markersteal, cold", ("-n", "4", "--dist", "markersteal"))
WARM = ("markersteal, warm", ("-n", "4", "--dist", "markersteal"))

Outcomes = dict[str, str]


def run(
    suite: Suite, args: tuple[str, ...], allowed: tuple[int, ...] = (0, 1)
) -> tuple[float, Outcomes]:
    """One run of ``suite``: its wall time in seconds, and each test's outcome.

    Exits where pytest does with another status than those ``allowed``.
    """
    folder = working_folder(suite)
    with tempfile.TemporaryDirectory() as temporary:
        outcomes = Path(temporary, "outcomes.json")
        command = pytest_command(suite, folder, "-p", "outcomes", *args)
        environment = {**os.environ, "PYTHONPATH": str(HERE), "BENCH_OUTCOMES": str(outcomes)}
        started_s = time.perf_counter()
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=900
        )
        wall_s = time.perf_counter() - started_s
        if done.returncode not in allowed or not outcomes.exists():
            sys.exit(f"{suite.name} did not run:\n{done.stdout}\n{done.stderr}")
        return wall_s, json.loads(outcomes.read_text())


def forget(suite: Suite) -> None:
    """Remove the durations, so that the next run is a cold one."""
    shutil.rmtree(CACHE / (suite.folder or "empty") / ".markersteal", ignore_errors=True)


def compare(suite: Suite, runs: int) -> None:
    """All four ways in turn, ``runs`` times over; differing outcomes are listed."""
    walls_s: dict[str, list[float]] = {}
    seen: dict[str, list[Outcomes]] = {}
    for _ in range(runs):
        forget(suite)
        for name, args in (SERIAL, WORKSTEAL, COLD, WARM):
            wall_s, outcomes = run(suite, args)
            walls_s.setdefault(name, []).append(wall_s)
            seen.setdefault(name, []).append(outcomes)
    serial = seen["serial"][0]
    counts = Counter(serial.values())
    told = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(counts.items()))
    cells = " | ".join(f"{statistics.median(times):.1f}" for times in walls_s.values())
    differing = {
        f"{name}: {test} was {outcomes.get(test)}, serially {serial.get(test)}"
        for name, several in seen.items()
        for outcomes in several
        for test in serial.keys() | outcomes.keys()
        if outcomes.get(test) != serial.get(test)
    }
    print(f"| {suite.name} {suite.version} | {told} | {cells} | {len(differing)} |", flush=True)
    for line in sorted(differing):
        print(f"    {line}", file=sys.stderr)


def main() -> None:
    """Fetch and run what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=3, help="how often (3)")
    parser.add_argument("names", nargs="*", help="suites to compare (all)")
    chosen = parser.parse_args()
    suites = [suite for suite in SAFE if not chosen.names or suite.name in chosen.names]
    fetch(suites)
    print("| suite | outcomes serially | serial s | worksteal s | cold s | warm s | differing |")
    print("|---|---|---|---|---|---|---|")
    for suite in suites:
        compare(suite, chosen.runs)


if __name__ == "__main__":
    main()
