"""The folder of traces, ``.markersteal/runs`` under the rootdir, which git does not see."""

from __future__ import annotations

import contextlib
import itertools
from datetime import datetime
from pathlib import Path

FOLDER = Path(".markersteal", "runs")
SUFFIX = ".trace"
KEPT = 20
"""How many traces there are at most."""


def own_folder(rootdir: Path) -> Path:
    """The folder, made if need be, with the file that makes git ignore it; ``OSError``."""
    folder = rootdir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="ascii")
    return folder


def traces(rootdir: Path) -> list[Path]:
    """The traces of a project, the oldest first."""
    return sorted((rootdir / FOLDER).glob(f"*{SUFFIX}"), key=_age)


def make_room(rootdir: Path) -> None:
    """Remove the oldest traces, so that with a new one there are no more than ``KEPT``."""
    for path in traces(rootdir)[: -(KEPT - 1)]:
        with contextlib.suppress(OSError):  # Another session may have been faster.
            path.unlink()


def paths(folder: Path, began: datetime) -> itertools.chain[Path]:
    """Paths for the trace of a run, to be tried in order: another run may have begun with it."""
    name = began.strftime("%Y-%m-%dT%H-%M-%S")
    more = (folder / f"{name}-{number}{SUFFIX}" for number in itertools.count(2))
    return itertools.chain([folder / f"{name}{SUFFIX}"], more)


def _age(path: Path) -> tuple[str, int]:
    """Sorts by the time in the name, and then by the number behind it."""
    time, number = path.stem[:19], path.stem[20:]
    return time, int(number) if number.isdecimal() else 1
