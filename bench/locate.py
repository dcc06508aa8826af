"""How many trials ``markersteal locate`` takes to find planted culprits, and how long.

    python bench/locate.py [--sizes 50 200 1000] [--seed 0]

Each suite has tests in modules of 20, of which the last one fails after all of one, two or three
others, or passes only after another one; culprits are drawn anew for each. Nothing has a trace.
What it finds of the planted faults is in ``corpus.py``.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

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


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[50, 200, 1000])
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    chance = random.Random(chosen.seed)
    print("| other tests | culprits | trials | seconds |")
    print("|---|---|---|---|")
    for size in chosen.sizes:
        for wanted, needed in ((1, False), (2, False), (3, False), (1, True)):
            print(measured(size, wanted, needed, chance), flush=True)


if __name__ == "__main__":
    main()
