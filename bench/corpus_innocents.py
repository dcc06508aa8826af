"""Whether the innocent tests of the corpus are: every suite by itself, in all ways that could tell.

    python bench/corpus_innocents.py            # all suites, three minutes
    python bench/corpus_innocents.py thread_left shared_port

Each innocent test alone in a process, all of them in reverse, twice in one process, and on two
workers. Prints how many tests failed each way, and the processor time of the whole suite in one
process, with the start of pytest.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "corpus"))

from corpus import Fault, faults
from running import copied, run
from staging import Stage

TWICE = "import pytest, sys; pytest.main(sys.argv[1:]); pytest.main(sys.argv[1:])"


def children_s() -> float:
    """The processor time of all processes that this one waited for."""
    times = os.times()
    return times.children_user + times.children_system


def row(fault: Fault) -> list[str]:
    """The cells of a suite: tests that failed, by way."""
    innocent = Stage(without=fault.guilty)
    began_s = children_s()
    whole = run(fault.folder, Stage())
    whole_s = children_s() - began_s
    found = [test for test in whole.began if test not in fault.guilty]
    alone = [run(fault.folder, Stage(first=(test,), rest="none")) for test in found]
    backwards = run(fault.folder, Stage(without=fault.guilty, rest="reversed"))
    twice = run(fault.folder, innocent, program=("-c", TWICE))
    if len(twice.began) != 2 * len(found):
        raise SystemExit(f"{fault.name} did not run twice:\n{twice.output}")
    workers = run(fault.folder, innocent, "-n2")
    return [
        f"`{fault.name}`",
        str(len(found)),
        str(sum(bool(ran.failed) for ran in alone)),
        *(str(len(ran.failed)) for ran in (backwards, twice, workers)),
        f"{whole_s:.2f} s",
    ]


def main() -> None:
    """Print a row for each suite."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("suite", nargs="*", help="those to run; all, where none is named")
    wanted = set(parser.parse_args().suite)
    unknown = wanted - {fault.name for fault in faults()}
    if unknown:
        parser.error(f"no such suite: {', '.join(sorted(unknown))}")
    print("| suite | innocent tests | alone | in reverse | twice | on two workers | processor |")
    print("|" + " --- |" * 7)
    with tempfile.TemporaryDirectory() as folder:
        for fault in faults(copied(Path(folder))):
            if not wanted or fault.name in wanted:
                print(f"| {' | '.join(row(fault))} |", flush=True)


if __name__ == "__main__":
    main()
