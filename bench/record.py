"""Records the durations of real suites, for the simulator to replay: bench's own recorder.

    python bench/record.py                  # all suites, in bench/workloads
    python bench/record.py click networkx   # some of them

Fetches the suites into bench/.cache on first use, runs each on one worker, so that nothing runs
beside, and keeps the durations of that run. Ends with a table of all that is recorded. Run it with
the Python of an environment that has the package.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

import exact_plugin
from fetching import CACHE, HERE, PYTHON, fetch, pytest_command, working_folder
from recording import Recording, load
from suites import RECORDED, Suite

from pytest_markersteal.durations.store import FILE

WORKLOADS = HERE / "workloads"
ONE_WORKER = ("-n", "1", "--dist", "markersteal", "-p", "exact_plugin")
LIMIT_S = 900
MAX_BYTES = 700_000
"""More than this does not belong into a repository: choose a smaller part of the suite."""

SINGLE_THREADED = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Libraries that compute with all cores would record other times on another machine."""

HEAD = """\
| suite | version | tests | all tests s | longest s | class and module set-ups s | modules |
|---|---|---|---|---|---|---|"""


def rootdir_of(suite: Suite) -> Path:
    """The folder that node ids are relative to, and so whole: the suite's, or site-packages."""
    if suite.folder:
        return CACHE / suite.folder
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return Path(subprocess.check_output([PYTHON, "-c", where], text=True).strip())


def record(suite: Suite) -> Recording:
    """Run ``suite``, without any durations of earlier runs, and keep what that takes."""
    rootdir = rootdir_of(suite)
    (rootdir / FILE).unlink(missing_ok=True)
    output = workload(suite)
    output.unlink(missing_ok=True)
    path = os.pathsep.join(filter(None, (str(HERE), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        pytest_command(suite, rootdir, *ONE_WORKER),
        cwd=working_folder(suite),
        env={
            **os.environ,
            **SINGLE_THREADED,
            "PYTHONPATH": path,
            exact_plugin.OUTPUT: str(output),
        },
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )
    if done.returncode not in (0, 1) or not output.exists():
        sys.exit(f"{suite.title} did not run:\n{done.stdout}\n{done.stderr}")
    print(f"{suite.title}: {done.stdout.splitlines()[-1]}", file=sys.stderr)
    size = output.stat().st_size
    if size > MAX_BYTES:
        sys.exit(f"{suite.title}: {size:,} bytes are more than {MAX_BYTES:,}")
    recording = load(output)
    if not sum(times.call_s for times in recording.tests.values()):
        sys.exit(f"{suite.title}: its tests took no time at all")
    return recording


def workload(suite: Suite) -> Path:
    """The file with the durations of ``suite``."""
    return WORKLOADS / f"{suite.title}.msgpack"


def row(suite: Suite, recording: Recording) -> str:
    """What the table says of ``suite``."""
    totals_s = [times.total_s for times in recording.tests.values()]
    setups_s = [
        setup_s
        for fixture, setup_s in recording.fixtures_s.items()
        if fixture.scope in ("class", "module")
    ]
    modules = {node_id.partition("::")[0] for node_id in recording.tests}
    return (
        f"| {suite.title} | {suite.version} | {len(totals_s):,} | {sum(totals_s):.1f} "
        f"| {max(totals_s):.2f} | {sum(setups_s):.2f} | {len(modules)} |"
    )


def main() -> None:
    """Record what was asked for, and show what there is."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    known = {suite.title: suite for suite in RECORDED}
    parser.add_argument("names", nargs="*", help="suites to record (all)")
    chosen = parser.parse_args().names or list(known)
    if unknown := [name for name in chosen if name not in known]:
        parser.error(f"no such suite: {', '.join(unknown)}; there are {', '.join(known)}")
    fetch(known[name] for name in chosen)
    for name in chosen:
        started_s = time.perf_counter()
        record(known[name])
        print(f"{name}: recorded in {time.perf_counter() - started_s:.0f} s", file=sys.stderr)
    print(HEAD)
    for suite in RECORDED:
        if workload(suite).exists():
            print(row(suite, load(workload(suite))))


if __name__ == "__main__":
    main()
