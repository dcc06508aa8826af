"""What watching finds of the planted faults, on two workers.

    python bench/watch_corpus.py            # all suites, two minutes
    python bench/watch_corpus.py thread_left shared_port

Each suite is run once; where a fault needs two tests at the same time, those two are run once more,
and begin together. A fault is found if a conflict, or a leak that is not doubtful, names all of its
culprits and no other test; where another command is the one to find it, the row tells what watching
sees all the same. Accused are innocent tests, in any finding.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from pathlib import Path

from pytest_markersteal.races.watch import findings
from pytest_markersteal.races.watch.findings import Finding

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "corpus"))

from corpus import Fault, faults
from running import copied, run
from staging import Stage

OF_THE_STAGE = re.compile(r"(^|/)(log|\d+-\d+)$")
"""Files by which the staged tests meet, and tell that they ran."""


def watched(fault: Fault, stage: Stage, dist: str) -> tuple[list[Finding], int]:
    """What one run has found, and how many tests it had."""
    ran = run(fault.folder, stage, "-n2", f"--dist={dist}", "--markersteal-watch")
    found = findings.read(fault.folder / ".markersteal" / "runs" / findings.FILE).findings
    told = [one for one in found if not (one.is_doubtful or OF_THE_STAGE.search(one.thing))]
    return told, len(set(ran.began))


def row(fault: Fault) -> tuple[bool, list[str]]:
    """Whether the fault was found, and the cells of its row."""
    began_s = time.perf_counter()
    told, tests = watched(fault, Stage(), "markersteal")
    kind, named = findings.LEAK, set(fault.culprits)
    if fault.kind == "conflict":
        kind, named = findings.CONFLICT, set(fault.guilty)
        first, second = fault.show
        told += watched(fault, Stage(meet=((first, second),), split=True), "each")[0]
    took_s = time.perf_counter() - began_s
    hits = [one for one in told if one.kind == kind and set(one.tests) == named]
    accused = {test for one in told for test in one.tests} - set(fault.guilty)
    best = hits[0] if hits else None
    cells = [
        fault.name,
        fault.kind,
        fault.command,
        "-" if best is None else f"{best.kind}: {best.thing_kind} {best.thing}",
        "-" if best is None else best.mark or "none",
        fault.mark,
        str(len(accused)),
        str(tests),
        f"{took_s:.1f}",
    ]
    return best is not None, cells


def main() -> None:
    """Run the suites and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="of suites; all unless given")
    asked = parser.parse_args()
    head = ["suite", "kind", "command", "found", "mark", "its mark", "accused", "tests", "s"]
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}")
    wanted = found = 0
    with tempfile.TemporaryDirectory() as scratch:
        for fault in faults(copied(Path(scratch))):
            if asked.names and fault.name not in asked.names:
                continue
            is_found, cells = row(fault)
            wanted += fault.command == "watch"
            found += is_found and fault.command == "watch"
            print(f"| {' | '.join(cells)} |", flush=True)
    print(f"found {found} of the {wanted} that are for watching")


if __name__ == "__main__":
    main()
