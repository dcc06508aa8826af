"""How many trials ``markersteal locate`` takes to find planted culprits, and how long.

    python bench/locate.py [--sizes 50 200 1000] [--seed 0]
    python bench/locate.py --planted [NAME ...]

Each suite of the first table has tests in modules of 20, of which the last one fails after all of
one, two or three others, or passes only after another one; culprits are drawn anew for each. The
second table is of the planted faults of tests/corpus that depend on what runs before the victim or
beside it. Nothing has a trace.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "corpus"))

from corpus import Fault, faults

_MODULE = 20
_ONLY_OURS = {
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTEST_PLUGINS": "xdist.plugin,pytest_markersteal.plugin",
}
_VICTIM = "test_z.py::test_victim"


def write(folder: Path, size: int, culprits: set[int], needed: bool) -> None:
    """Write a suite of ``size`` tests and the victim."""
    (folder / "state.py").write_text("LEFT = set()\n")
    for first in range(0, size, _MODULE):
        lines = ["import state\n"]
        for number in range(first, min(first + _MODULE, size)):
            body = f"state.LEFT.add({number})" if number in culprits else "pass"
            lines.append(f"def test_{number}(): {body}\n")
        (folder / f"test_{first:05}.py").write_text("".join(lines))
    fails = "" if needed else "not "
    (folder / "test_z.py").write_text(
        f"import state\ndef test_victim(): assert {fails}state.LEFT >= {culprits}\n"
    )


def located(folder: Path, victim: str) -> tuple[dict[str, Any], float]:
    """What the command says as JSON, and how many seconds it took."""
    began_s = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "pytest_markersteal.cli", "locate", victim, "--json"],
        cwd=folder,
        env={**os.environ, **_ONLY_OURS},
        stdout=subprocess.PIPE,
        check=False,
    )
    return json.loads(done.stdout), time.monotonic() - began_s


def measured(size: int, wanted: int, needed: bool, chance: random.Random) -> str:
    """A row of the first table; exits where something else was found than was planted."""
    culprits = set(chance.sample(range(size), wanted))
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), size, culprits, needed)
        said, took_s = located(Path(folder), _VICTIM)
    found = [finding["culprits"] for finding in said["findings"]]
    planted = [
        f"test_{number - number % _MODULE:05}.py::test_{number}" for number in sorted(culprits)
    ]
    if found != [planted]:
        sys.exit(f"planted {planted}, found {found}")
    what = f"{wanted} needed before it" if needed else f"{wanted} that must come together"
    return f"| {size:,} | {what} | {said['trials']} | {took_s:.1f} |"


def planted(fault: Fault) -> str:
    """A row of the second table."""
    victim = fault.victims[-1]
    wanted = sorted(set(fault.culprits) - {victim})
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / fault.name
        shutil.copytree(fault.folder, folder, ignore=shutil.ignore_patterns("__pycache__"))
        said, took_s = located(folder, victim)
    found = [sorted(finding["culprits"]) for finding in said["findings"]]
    what = "the culprits" if found == [wanted] else f"{found or 'nothing'} instead of {wanted}"
    kept = any(finding["reproduce"] for finding in said["findings"])
    command = "yes" if kept else "no"
    numbers = f"{said['trials']} | {took_s:.1f}"
    return f"| `{fault.name}` | {fault.condition} | {what} | {command} | {numbers} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[50, 200, 1000])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--planted", nargs="*", metavar="NAME", help="of some faults, or of all")
    chosen = parser.parse_args()
    if chosen.planted is not None:
        print("| fault | shown by | found | command | trials | seconds |")
        print("|---|---|---|---|---|---|")
        for fault in faults():
            is_chosen = fault.name in chosen.planted or not chosen.planted
            if is_chosen and fault.condition in ("alone", "order", "overlap"):
                print(planted(fault), flush=True)
        return
    chance = random.Random(chosen.seed)
    print("| other tests | culprits | trials | seconds |")
    print("|---|---|---|---|")
    for size in chosen.sizes:
        for wanted, needed in ((1, False), (2, False), (3, False), (1, True)):
            print(measured(size, wanted, needed, chance), flush=True)


if __name__ == "__main__":
    main()
