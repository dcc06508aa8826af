"""How far the estimate of the time left is off, on the sleeping suites and on real ones.

    python bench/time_left.py [NAME ...] [-n 4] [--runs 3]

Each suite runs once to record its durations, and then ``--runs`` times. From the tenth part of a
run on, an estimate is off by the difference of the end that it predicts to the real one, as a share
of the whole run.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import sleeping
from environments import HERE
from fetching import fetch, pytest_command, working_folder
from measuring import measure
from suites import SAFE
from time_left_plugin import OUTPUT

_FLOOR_S = 8.0
_FROM = 0.1
_ALLOWED = 0.15


def errors(folder: Path, command: list[str | Path], scratch: Path) -> tuple[float, list[float]]:
    """The wall seconds of one run, and how far each estimate was off; exits if it did not run."""
    output = scratch / "estimates.json"
    output.unlink(missing_ok=True)
    done = measure(
        [*command, "-p", "time_left_plugin"],
        folder,
        {
            "PYTHONPATH": str(HERE),
            "BENCH_PAUSES": str(scratch / "pauses"),
            "MARKERSTEAL_RECORD": "always",
            OUTPUT: str(output),
        },
    )
    if done.exit_code not in (0, 1) or not output.exists():
        sys.exit(f"{command} did not run:\n{done.output}")
    run = json.loads(output.read_text())
    wall_s = run["wall_s"]
    since = [(at_s, left_s) for at_s, left_s in run["log"] if at_s >= _FROM * wall_s]
    return wall_s, [(at_s + left_s - wall_s) / wall_s for at_s, left_s in since]


def measured(name: str, workers: int, runs: int, scratch: Path) -> str:
    """A row of the table."""
    arguments = ("-n", str(workers), "--dist", "markersteal")
    command: list[str | Path]
    suite = next((suite for suite in SAFE if suite.title == name), None)
    if suite is None:
        folder = scratch / name
        sleeping.write(name, folder, _FLOOR_S)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    else:
        fetch([suite])
        folder = working_folder(suite)
        command = pytest_command(suite, folder, *arguments)
    shutil.rmtree(folder / ".markersteal", ignore_errors=True)
    errors(folder, command, scratch)
    walls_s, off = [], []
    for _ in range(runs):
        wall_s, more = errors(folder, command, scratch)
        walls_s.append(wall_s)
        off += more
    sizes = sorted(map(abs, off))
    within = sum(size <= _ALLOWED for size in sizes) / len(sizes)
    mean, worst = statistics.fmean(sizes), max(off, key=abs)
    wall_s = statistics.median(walls_s)
    return f"| {name} | {wall_s:.1f} | {mean:.1%} | {worst:+.1%} | {within:.0%} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [*sleeping.NAMES, *(suite.title for suite in SAFE)]
    parser.add_argument("names", nargs="*", help=f"of {', '.join(names)} (all)")
    parser.add_argument("-n", dest="workers", type=int, default=4)
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args()
    print(f"| suite, n {chosen.workers} | wall s | mean error | worst | within {_ALLOWED:.0%} |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        for name in chosen.names or names:
            print(measured(name, chosen.workers, chosen.runs, Path(scratch)), flush=True)


if __name__ == "__main__":
    main()
