"""Real third-party suites that are unsafe in parallel: what watching finds, and what its marks do.

    python bench/unsafe_suites.py            # both suites, ten runs each way, half an hour
    python bench/unsafe_suites.py huey --runs 3

Each suite runs serially, with ``--dist worksteal``, and once with ``--dist markersteal
--markersteal-watch``. Then ``markersteal propose`` and ``--apply map`` put marks on its tests, of
which nobody has written any by hand, and it runs with ``--dist markersteal``.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from fetching import CACHE, ENVIRONMENT, fetch, pytest_command, working_folder
from real_suites import Outcomes, run
from suites import UNSAFE, Suite

from pytest_markersteal.options import MAP_FILE
from pytest_markersteal.races.findings import LEAK
from pytest_markersteal.races.propose.file import FILE, read_proposals
from pytest_markersteal.races.watch import findings
from pytest_markersteal.races.watch.common import thing_words

WORKERS = ("-n", "4", "--dist")
_EVEN_BROKEN = (0, 1, 3)
"""Exit statuses: 3 is an internal error, which a report that xdist can't send ends a run with."""


def forget(folder: Path) -> None:
    """Remove what earlier runs have left: durations, findings, proposals and marks."""
    shutil.rmtree(folder / ".markersteal", ignore_errors=True)
    (folder / MAP_FILE).unlink(missing_ok=True)


def watched(suite: Suite, folder: Path) -> None:
    """Watch one run, and print what was found."""
    command = pytest_command(suite, folder, *WORKERS, "markersteal", "--markersteal-watch")
    began_s = time.perf_counter()
    subprocess.run(command, cwd=folder, capture_output=True, check=False)
    seconds = time.perf_counter() - began_s
    print(f"\nwatched one run, {seconds:.1f} s:")
    for one in findings.read(folder / ".markersteal" / "runs" / findings.FILE).findings:
        if not one.is_doubtful:
            what = "left changed" if one.kind == LEAK else "shared"
            print(f"  {one.kind}: {thing_words(one)}, {what} by {len(one.tests)} tests")


def marked(suite: Suite, folder: Path) -> None:
    """Put the proposed marks into the map, and print them."""
    behind = [str(part) for part in pytest_command(suite, folder)[4:]]
    for step in ([], ["--apply", "map"]):
        command = [ENVIRONMENT / "bin" / "markersteal", "propose", *step, "--", *behind]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{suite.name}: {done.stdout[-2000:]}\n{done.stderr}")
    for one in read_proposals(folder / FILE).proposals:
        print(f"  {one.action} {one.mark} on {len(one.tests)} tests")
    print(flush=True)


def repeated(suite: Suite, dist: str, runs: int, serial: Outcomes) -> str:
    """A row of the table: how often the suite did as it does serially."""
    same, walls_s, differing = 0, [], []
    for _ in range(runs):
        wall_s, outcomes = run(suite, (*WORKERS, dist), _EVEN_BROKEN)
        walls_s.append(wall_s)
        # A worker that dies leaves tests without an outcome.
        others = {test for test in serial if outcomes.get(test) != serial[test]}
        differing.append(len(others))
        same += not others
    spread = f"{min(differing)} to {max(differing)}" if max(differing) else "0"
    return f"{same} of {runs} runs | {spread} | {statistics.median(walls_s):.1f} s |"


def main() -> None:
    """Run what was asked for and print a table for each suite."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="suites (all)")
    parser.add_argument("--runs", type=int, default=10, help="how often each way (10)")
    chosen = parser.parse_args()
    suites = [suite for suite in UNSAFE if not chosen.names or suite.name in chosen.names]
    fetch(suites)
    for suite in suites:
        folder = CACHE / suite.folder
        forget(folder)
        serial_s, serial = run(suite, ())
        print(f"\n{suite.name} {suite.version}: {len(serial):,} tests, serially {serial_s:.1f} s")
        worksteal = repeated(suite, "worksteal", chosen.runs, serial)
        working_folder(suite)
        watched(suite, folder)
        marked(suite, folder)
        print("| | as serially | tests with another outcome | median |\n|---|---|---|---|")
        print(f"| `-n 4 --dist worksteal` | {worksteal}")
        ours = repeated(suite, "markersteal", chosen.runs, serial)
        print(f"| `-n 4 --dist markersteal`, with the proposed marks | {ours}", flush=True)


if __name__ == "__main__":
    main()
