"""Which of the planted faults of tests/corpus ``markersteal verify`` and ``stress --perturb`` find.

``verify --deep`` is asked for faults that show in an order or alone, ``stress`` for those that show
with a hash seed, by chance, or where two tests overlap. A fault is found where a finding names one
of its victims; a finding that names no guilty test is a false alarm.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "corpus"))

import corpus  # noqa: E402 # it is no package
import running  # noqa: E402 # as above

VERIFIED = ("order", "alone")
QUIET = "-pno:randomly -pno:hypothesispytest -pno:anyio -pno:asyncio -pno:cov -pno:timeout"


def command_for(fault: corpus.Fault, iterations: int) -> list[str]:
    if fault.condition in VERIFIED:
        return ["verify", "--deep", "--json"]
    asked = ["stress", "--perturb", "--levels", "1,2", "--iterations", str(iterations)]
    return [*asked, "--json"]


def told(fault: corpus.Fault, folder: Path, iterations: int) -> tuple[dict[str, Any], float]:
    """What the command says, and the seconds that it took."""
    own = {
        name: value for name, value in os.environ.items() if not name.startswith(running.FOREIGN)
    }
    began_s = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "pytest_markersteal.cli", *command_for(fault, iterations)],
        cwd=folder,
        env={**own, "PYTEST_ADDOPTS": QUIET},
        stdout=subprocess.PIPE,
        check=False,
    )
    return json.loads(done.stdout), time.perf_counter() - began_s


def row(fault: corpus.Fault, said: dict[str, Any], seconds: float) -> str:
    found = [
        finding
        for finding in said["findings"]
        if set(finding["victims"]).intersection(fault.guilty)
    ]
    others = len(said["findings"]) - len(found)
    stories = {finding["kind"]: finding["story"] for finding in found}
    words = "; ".join(f"{kind}: {_short(story)}" for kind, story in stories.items()) or "no"
    runs = said["runs"] if isinstance(said["runs"], int) else len(said["runs"])
    which = "verify" if fault.condition in VERIFIED else "stress"
    counts = f"{others} | {runs} | {seconds:.0f}"
    return f"| `{fault.name}` | {fault.condition} | `{which}` | {words} | {counts} |"


def _short(story: str) -> str:
    """Without the test, which the name of the fault says."""
    return story.partition(" ")[2].rstrip(".")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", nargs="+", help="names of some (default: all)")
    parser.add_argument("--conditions", nargs="+", choices=list(corpus.CONDITIONS))
    parser.add_argument("--iterations", type=int, default=6, help="of stress (default: 6)")
    chosen = parser.parse_args()
    print("| fault | shown by | command | found | false alarms | runs | seconds |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as home:
        copy = running.copied(Path(home))
        for fault in corpus.faults(copy):
            wanted = chosen.conditions or [c for c in corpus.CONDITIONS if c != "left"]
            if fault.name in (chosen.faults or [fault.name]) and fault.condition in wanted:
                said, seconds = told(fault, fault.folder, chosen.iterations)
                print(row(fault, said, seconds), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
