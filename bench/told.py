"""What the suites of the plugin matrix tell while they run, in the folder they run in."""

from __future__ import annotations

import os
from pathlib import Path

FILE = "told.txt"


def tell(what: str) -> None:
    """Add a line to the file, with the worker before it; of all processes, none is lost."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "master")
    with Path(FILE).open("a") as file:
        file.write(f"{worker} {what}\n")


def unpaired(folder: Path) -> list[str]:
    """Fixtures that were not torn down once for each time they were set up, by worker."""
    path = folder / FILE
    open_ones: dict[str, int] = {}
    for line in path.read_text().splitlines() if path.exists() else ():
        name, _, edge = line.rpartition(" ")
        open_ones[name] = open_ones.get(name, 0) + (1 if edge == "up" else -1)
    return sorted(name for name, count in open_ones.items() if count)
