"""The table of planted faults in docs/corpus.md, from their manifests.

    python bench/corpus_table.py

Prints it; a test sees to it that the page has what is printed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "corpus"))

from corpus import Fault, faults

HEAD = ("fault", "what happens", "thing", "kind", "shown by", "found by", "mark")
MENDED_BY_HAND = "none: mend the test"


def row(fault: Fault) -> tuple[str, ...]:
    """The cells of a fault."""
    return (
        f"`{fault.name}`",
        fault.story,
        fault.thing,
        fault.kind,
        fault.condition,
        f"`{fault.command}`",
        MENDED_BY_HAND if fault.mark == "none" else f"`{fault.mark}`",
    )


def table() -> str:
    """All faults, by kind and name."""
    ordered = sorted(faults(), key=lambda fault: (fault.kind, fault.name))
    rows = [HEAD, ("---",) * len(HEAD), *map(row, ordered)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def main() -> None:
    """Print the table."""
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    print(table())


if __name__ == "__main__":
    main()
