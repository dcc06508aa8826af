"""Runs the example suite twice, without and with durations, and shows what changed.

Used by ``make demo``. Works on a copy, so the first run is always a cold one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SUITE = Path(__file__).parent / "shop"
COMMAND = ["pytest", "-n", "auto", "--dist", "markersteal"]
FIGURES = re.compile(r"in ([\d.]+) s; the floor is ([\d.]+) s")
EXPLANATION = """
The suite ends with its slowest test. Cold, the scheduler met it when it got there; warm, it started
it first. In both runs the serial tests, the no_parallel tests and those that share the orders kept
out of each other's way: see the marks in examples/shop/test_*.py."""


def run(title: str, folder: Path) -> tuple[float, float]:
    """Run the suite in ``folder``; its wall time and its floor, in seconds."""
    print(f"\n=== {title}: {' '.join(COMMAND)}\n", flush=True)
    done = subprocess.run(
        [sys.executable, "-m", *COMMAND],
        cwd=folder,
        # The development environment has plugins that the example has no use for, and where CI is
        # set durations are only recorded if that is asked for.
        env={
            **os.environ,
            "PYTEST_ADDOPTS": "-p no:randomly -p no:asyncio -p no:cov",
            "MARKERSTEAL_RECORD": "always",
        },
        text=True,
        stdout=subprocess.PIPE,
    )
    print(done.stdout)
    found = FIGURES.search(done.stdout)
    if done.returncode != 0 or found is None:
        sys.exit(f"the example suite did not pass (exit code {done.returncode})")
    return float(found[1]), float(found[2])


def main() -> None:
    """Cold, warm, and the difference."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "shop")
        shutil.copytree(SUITE, folder, ignore=shutil.ignore_patterns("var", ".*", "__pycache__"))
        cold_s, cold_floor_s = run("cold, no durations known", folder)
        warm_s, warm_floor_s = run("warm, durations known from the first run", folder)
    print("=== what changed")
    print(f"        {'tests took':>12}{'the floor':>14}{'ratio':>8}")
    for name, wall_s, floor_s in (("cold", cold_s, cold_floor_s), ("warm", warm_s, warm_floor_s)):
        print(f"  {name}  {wall_s:10.2f} s{floor_s:12.2f} s{wall_s / floor_s:8.2f}")
    print(EXPLANATION)


if __name__ == "__main__":
    main()
