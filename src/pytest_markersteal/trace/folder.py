"""The folder of traces, ``.markersteal/runs`` under the rootdir, which git does not see."""

from __future__ import annotations

import contextlib
import itertools
import os
from datetime import datetime
from pathlib import Path

FOLDER = Path(".markersteal", "runs")
SUFFIX = ".trace"
KEPT = 20
"""How many traces there are at most."""

VARIABLE = "PYTEST_MARKERSTEAL_RUNS"
"""Set for runs that a command starts: another folder, so that they don't push out the user's."""


def own_folder(rootdir: Path) -> Path:
    """The folder, made if need be, with the file that makes git ignore it; ``OSError``."""
    folder = _folder(rootdir)
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="ascii")
    return folder


def traces(rootdir: Path) -> list[Path]:
    """The traces of a project, the oldest first."""
    return traces_in(_folder(rootdir))


def traces_in(folder: Path) -> list[Path]:
    """The traces in ``folder``, the oldest first."""
    return sorted(folder.glob(f"*{SUFFIX}"), key=_age)


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


def _folder(rootdir: Path) -> Path:
    elsewhere = os.environ.get(VARIABLE)
    return Path(elsewhere) if elsewhere else rootdir / FOLDER


def _age(path: Path) -> tuple[str, int]:
    """Sorts by the time in the name, and then by the number behind it."""
    time, number = path.stem[:19], path.stem[20:]
    return time, int(number) if number.isdecimal() else 1
